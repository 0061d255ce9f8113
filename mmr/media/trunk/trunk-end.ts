/**
 * Our end of one trunk: the transport to another worker, shared by all meetings that span both. To what comes in it is a
 * participant who publishes for many; to what goes out it is one subscriber, whose view is what the other end demands.
 */

import type { MeetingId } from '../../../common/ids.ts';
import { AllocatorDriver, type Bandwidth, LOOK_INTERVAL_US } from '../allocation/driver.ts';
import type { EgressGate } from '../egress/egress-gate.ts';
import type { HeaderMapping } from '../egress/header-mapping.ts';
import type { Retransmitter } from '../egress/retransmitter.ts';
import type { Slot } from '../egress/slot.ts';
import type { Source } from '../forward/source.ts';
import type { IngressStream } from '../ingress/ingress-stream.ts';
import type { MediaPeer } from '../packet-path.ts';
import type { RtpHeader } from '../rtp/rtp-header.ts';
import type { Transport } from '../transport/transport.ts';
import type { MeetingLink } from './meeting-link.ts';
import { type ReceptionHost, SSRCS_PER_DEMAND } from './reception.ts';
import { Relay, type RelayHost } from './relay.ts';
import { TRUNK_EXTENSIONS } from './trunk-codecs.ts';
import type { DemandMessage, TrunkId, TrunkMessage } from './trunk-messages.ts';
import { paddingReception, TrunkPadding } from './trunk-padding.ts';

/** Sources that one end demands of the other at once, of all meetings together. */
export const MAX_DEMANDS = 1024;
/** SSRCs each way: all demands, each with four encodings and their RTX; padding, and what has just been released. */
export const MAX_TRUNK_STREAMS = MAX_DEMANDS * SSRCS_PER_DEMAND + 1024;
/**
 * A trunk that hears nothing for so long is down: five checks in a row and their answers, or as many of the peer's checks,
 * are lost (`transport/ice-initiator.ts`). At 10 % loss each way that happens by chance once in some days of checking.
 */
export const SILENCE_US = 2_000_000;
/** What a trunk is kept ready for: three or four cameras in all their sizes. */
const READY_BPS = 10e6;
/** Meetings that the other end takes part in before we do. */
const MAX_WISHES = 10_000;
/** SSRCs of packets that belong to nothing, whose state in the engine is to be let go. */
const MAX_STRAYS = 256;
/** Who opens the trunk demands streams from here on, the other end in the upper half of the range. */
const FIRST_SSRC = { opener: 0x100, other: 0x8000_0100 } as const;
const MAX_SSRC = 0x7fff_fe00;
const LAST_SSRC = 0xffff_ffff - SSRCS_PER_DEMAND;

/** What a trunk needs of its worker. */
export interface TrunkEndHost {
  readonly gate: EgressGate;
  readonly mapping: HeaderMapping;
  readonly retransmitter: Retransmitter;
  forgetStream(handle: number, ssrc: number): void;
  /** Is called only while the control stream is there. */
  send(trunk: TrunkId, message: TrunkMessage): void;
}

export class TrunkEnd implements MediaPeer, Bandwidth, ReceptionHost, RelayHost {
  readonly id: TrunkId;
  readonly transport: Transport;
  readonly extensions = TRUNK_EXTENSIONS;
  readonly resolver = this;
  /** Levels are judged on the publisher's worker. */
  readonly speaker = undefined;
  readonly links = new Map<MeetingId, MeetingLink>();
  /** Meetings that the other end has asked us to join. */
  readonly wishes = new Set<MeetingId>();
  /** Which layers of the video that is demanded fit. */
  allocator: AllocatorDriver;
  /** The control stream to the other end is there. */
  streamUp = false;
  /** We hear the other end; and it hears us, as it says. */
  localUp = false;
  peerUp = false;
  /** Carries meetings; and has done so before. Set by `Trunks`. */
  isUp = false;
  wasUp = false;
  /** Messages that we do not know, or that are about meetings that do not use the trunk. */
  ignored = 0;
  /** Packets of no demand of ours: of one that was just released, or the other end's mistake. */
  unresolved = 0;
  /** Demands beyond MAX_DEMANDS, either way. */
  refused = 0;
  readonly #host: TrunkEndHost;
  readonly #videoRelays: Relay[] = [];
  readonly #audioRelays: Relay[] = [];
  #demands = 0;
  /** Highest SSRC that the other end has demanded something under, or may not. */
  #lastDemanded = FIRST_SSRC.opener - 1;
  #nextSsrc: number;
  readonly #lastSsrc: number;
  /** What relays sent that are closed. */
  readonly #closed = { mediaPackets: 0, mediaPayloadBytes: 0 };
  readonly #strays: number[] = [];
  #lookUs = 0;
  #isAllocationDue = false;

  constructor(id: TrunkId, transport: Transport, opens: boolean, host: TrunkEndHost) {
    this.id = id;
    this.transport = transport;
    this.#host = host;
    this.#nextSsrc = opens ? FIRST_SSRC.opener : FIRST_SSRC.other;
    this.#lastSsrc = this.#nextSsrc + MAX_SSRC;
    this.allocator = new AllocatorDriver(this.#videoRelays, this);
    transport.addEgressStream(new TrunkPadding(transport.handle));
    transport.addIngressStream(paddingReception());
  }

  get handle(): number {
    return this.transport.handle;
  }
  get mapping(): HeaderMapping {
    return this.#host.mapping;
  }
  get retransmitter(): Retransmitter {
    return this.#host.retransmitter;
  }
  get estimateBps(): number {
    return this.transport.estimateBps;
  }
  get lossFraction(): number {
    return this.transport.estimator?.lossFraction ?? 0;
  }
  /** Sources that we demand, and that are demanded of us. */
  get demands(): number {
    return this.#demands;
  }
  get relays(): number {
    return this.#videoRelays.length + this.#audioRelays.length;
  }

  /** What relays have sent so far, without repairs. */
  get media(): { readonly mediaPackets: number; readonly mediaPayloadBytes: number } {
    const media = { ...this.#closed };
    for (const relays of [this.#audioRelays, this.#videoRelays]) for (const relay of relays) addMedia(media, relay);
    return media;
  }

  /** Capacity is looked for before it is needed: cameras come without warning. */
  setDemand(nowUs: number, wantedBps: number, allocatedBps: number): void {
    this.transport.setDemand(nowUs, Math.max(wantedBps, READY_BPS), allocatedBps);
  }

  /** Lost when there is no control stream: everything is said again on the next one. */
  send(message: TrunkMessage): void {
    if (this.streamUp) this.#host.send(this.id, message);
  }

  addLink(link: MeetingLink): void {
    this.links.set(link.meeting, link);
    if (this.isUp) link.ask();
  }

  removeLink(link: MeetingLink): void {
    this.links.delete(link.meeting);
    // The other end goes on taking part: it will be there when we come back.
    if (link.isJoined) this.noteWish(link.meeting);
    this.send({ type: 'unlink', meeting: link.meeting });
  }

  /** The other end takes part in a meeting. */
  noteWish(meeting: MeetingId): void {
    if (this.wishes.size < MAX_WISHES) this.wishes.add(meeting);
    else this.refused++;
  }

  /** First of SSRCS_PER_DEMAND that were never used on this trunk; undefined: enough is demanded already. */
  takeSsrcs(): number | undefined {
    if (this.#demands >= MAX_DEMANDS || this.#nextSsrc >= this.#lastSsrc) {
      this.refused++;
      return undefined;
    }
    this.#demands++;
    const ssrc = this.#nextSsrc;
    this.#nextSsrc += SSRCS_PER_DEMAND;
    return ssrc;
  }

  /** A demand is over. */
  returnSsrcs(): void {
    this.#demands--;
  }

  forgetStream(ssrc: number): void {
    if (this.transport.state !== 'closed') this.#host.forgetStream(this.handle, ssrc);
  }

  /** Whether streams that are demanded under these SSRCs would be the first ones under them. */
  isUnused(ssrc: number): boolean {
    return ssrc > this.#lastDemanded && ssrc <= LAST_SSRC;
  }

  /** Precondition: `isUnused`. Undefined when the trunk carries as much as it may. */
  openRelay(demand: DemandMessage, source: Source): Relay | undefined {
    this.#lastDemanded = demand.ssrc + SSRCS_PER_DEMAND - 1;
    const relay = this.relays >= MAX_DEMANDS ? undefined : new Relay(this, demand, source);
    if (relay?.open() !== true) {
      relay?.close();
      this.refused++;
      return undefined;
    }
    (relay.isAudio ? this.#audioRelays : this.#videoRelays).push(relay);
    return relay;
  }

  closeRelay(relay: Relay): void {
    const relays = relay.isAudio ? this.#audioRelays : this.#videoRelays;
    const at = relays.indexOf(relay);
    if (at >= 0) {
      relays.splice(at, 1);
      addMedia(this.#closed, relay);
    }
    relay.close();
    this.invalidateAllocation();
  }

  addStream(slot: Slot): boolean {
    return this.transport.addEgressStream(slot);
  }

  removeStream(slot: Slot): void {
    this.transport.removeEgressStream(slot.ssrc);
    this.retransmitter.forget(slot);
    this.#host.gate.abandon(this.handle, slot.ssrc, slot.rtxSsrc ?? slot.ssrc);
  }

  /** The stream of a packet; undefined when it is none that we have demanded. Hot. */
  resolve(_bytes: Uint8Array, header: RtpHeader): IngressStream | undefined {
    const stream = this.transport.ingressStream(header.ssrc);
    if (stream !== undefined && stream.codec(header.payloadType) !== undefined) return stream;
    this.unresolved++;
    if (stream === undefined && this.#strays.length < MAX_STRAYS) this.#strays.push(header.ssrc);
    return undefined;
  }

  sourceOf(stream: IngressStream): Source | undefined {
    return stream.source;
  }

  /** Whether the other end has been heard of late. */
  hears(nowUs: number): boolean {
    return this.transport.state === 'connected' && nowUs - this.transport.ice.heardUs < SILENCE_US;
  }

  /** What is demanded has changed: decides with the next look. */
  invalidateAllocation(): void {
    this.#isAllocationDue = true;
    this.#lookUs = 0;
  }

  /** Up after having been down: what was learned on a path that was about to fail says nothing about this one. */
  beginAnew(): void {
    this.allocator = new AllocatorDriver(this.#videoRelays, this);
  }

  /** Each tick. */
  handleTimeout(nowUs: number): void {
    for (const ssrc of this.#strays.splice(0)) this.forgetStream(ssrc);
    if (nowUs < this.#lookUs) return;
    this.#lookUs = nowUs + LOOK_INTERVAL_US;
    if (this.isUp && (this.#isAllocationDue || this.allocator.isDue(nowUs))) this.#allocate(nowUs);
  }

  #allocate(nowUs: number): void {
    this.#isAllocationDue = false;
    if (this.relays === 0) return;
    let audioBps = 0;
    for (const { layers } of this.#audioRelays) audioBps += layers?.publishedFor(true).ladder.at(-1)?.bitrateBps ?? 0;
    this.allocator.decide(nowUs, audioBps);
    const { hasRoom } = this.allocator.redundancy;
    for (const { slots } of this.#audioRelays) for (const slot of slots) slot.setRedundancyRoom(nowUs, hasRoom);
  }
}

function addMedia(media: { mediaPackets: number; mediaPayloadBytes: number }, { slots }: Relay): void {
  for (const { packetsSent, payloadBytesSent } of slots) {
    media.mediaPackets += packetsSent;
    media.mediaPayloadBytes += payloadBytesSent;
  }
}
