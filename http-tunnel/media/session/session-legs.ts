/** The legs of one session: opened, connected and closed as its client says, to routers only. */
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';
import { RtcpWriter } from '../../../mmr/media/rtp/rtcp/rtcp-writer.ts';
import {
  type LegCandidate,
  type LegNumber,
  mediaChannelOf,
  type TunnelNews,
  type TunnelRequest,
} from '../../../proto/tunnel.ts';
import { formatIp, transportAddress } from '../../turn/core/ip-address.ts';
import type { LegOwner, MediaLeg } from '../leg/leg.ts';
import { readRouterEnd } from '../leg/leg-credentials.ts';
import type { MediaCounters } from '../media-counters.ts';

/** Of the RTCP that is the tunnel's own. Routers look at the stream that is meant. */
const OWN_SSRC = 1;
const writer = new RtcpWriter();

export interface LegsEnvironment {
  readonly newLeg: (number: LegNumber, owner: LegOwner) => MediaLeg;
  readonly isRouter: (address: string, port: number) => boolean;
  readonly counters: MediaCounters;
}

export interface LegsOwner {
  say(news: TunnelNews): void;
  /** Plain RTP or RTCP of the router. */
  handlePacket(channel: number, packet: Buffer, isRtcp: boolean): void;
  /** Nothing more comes of this channel before another leg is opened. */
  handleLegEnded(channel: number): void;
}

export class SessionLegs {
  readonly #environment: LegsEnvironment;
  readonly #owner: LegsOwner;
  readonly #legs = new Map<number, MediaLeg>();
  readonly #legOwner: LegOwner;

  constructor(environment: LegsEnvironment, owner: LegsOwner) {
    this.#environment = environment;
    this.#owner = owner;
    const { counters } = environment;
    this.#legOwner = {
      handlePacket: (leg, packet, isRtcp) => owner.handlePacket(mediaChannelOf(leg.number), packet, isRtcp),
      handleState: (leg) => this.#handleState(leg),
      handleRefused: (why) => counters.packetsRefused[why]++,
    };
  }

  handleRequest(request: Extract<TunnelRequest, { leg: LegNumber }>): void {
    switch (request.type) {
      case 'open':
        this.#open(request.leg);
        break;
      case 'connect':
        this.#connect(request);
        break;
      case 'close':
        this.#legs.get(mediaChannelOf(request.leg))?.close();
        break;
    }
  }

  /** From the client. */
  send(channel: number, packet: Buffer, isRtcp: boolean): void {
    const { counters } = this.#environment;
    const leg = this.#legs.get(channel);
    if (leg === undefined) {
      counters.packetsRefused.noLeg++;
      return;
    }
    counters.packetsToRouter++;
    leg.send(packet, isRtcp);
  }

  requestKeyFrame(channel: number, ssrc: number): void {
    this.#environment.counters.keyFramesRequested++;
    const packet = Buffer.alloc(12);
    writer.begin(packet, 0);
    writer.pictureLossIndication(OWN_SSRC, ssrc);
    this.#legs.get(channel)?.send(packet, true);
  }

  close(): void {
    for (const leg of [...this.#legs.values()]) leg.close();
  }

  #open(number: LegNumber): void {
    const channel = mediaChannelOf(number);
    const before = this.#legs.get(channel);
    this.#legs.delete(channel);
    before?.close();
    if (before !== undefined) this.#owner.handleLegEnded(channel);
    const leg = this.#environment.newLeg(number, this.#legOwner);
    this.#legs.set(channel, leg);
    this.#environment.counters.legsOpened++;
    this.#owner.say({ type: 'opened', leg: number, ...leg.credentials });
  }

  #connect({ leg: number, candidates, ...end }: Extract<TunnelRequest, { type: 'connect' }>): void {
    const leg = this.#legs.get(mediaChannelOf(number));
    if (leg === undefined) {
      this.#refuse(number, 'the leg is not open');
      return;
    }
    if (leg.state !== undefined) return;
    const router = readRouterEnd(end);
    const addresses = candidates.flatMap((candidate) => this.#routerAddress(candidate) ?? []);
    if (router === undefined) this.#refuse(number, 'the answer has no usable credentials');
    else if (addresses.length === 0) this.#refuse(number, 'no candidate is a router of the zone');
    else leg.connect(addresses, router);
  }

  /** Undefined, and counted, for what is no router of the zone, in whatever notation. */
  #routerAddress({ address, port }: LegCandidate): RemoteAddress | undefined {
    const read = transportAddress(address, port);
    if (read !== undefined && this.#environment.isRouter(formatIp(read.bytes), port)) return read;
    this.#environment.counters.candidatesRefused++;
    return undefined;
  }

  #refuse(leg: LegNumber, reason: string): void {
    this.#legs.delete(mediaChannelOf(leg));
    this.#environment.counters.legsFailed++;
    this.#owner.say({ type: 'legState', leg, state: 'failed', reason });
  }

  #handleState(leg: MediaLeg): void {
    const { number, state, reason } = leg;
    const channel = mediaChannelOf(number);
    if (state === undefined || this.#legs.get(channel) !== leg) return;
    if (state === 'connected') this.#environment.counters.legsConnected++;
    if (state === 'failed') this.#environment.counters.legsFailed++;
    if (state === 'failed' || state === 'closed') {
      this.#legs.delete(channel);
      this.#owner.handleLegEnded(channel);
    }
    this.#owner.say({ type: 'legState', leg: number, state, ...(reason === undefined ? {} : { reason }) });
  }
}
