/** One simulated browser: what it publishes, what it subscribes to, and its path to the router. */

import type { NegotiatedMedia } from '../../../mmr/media/negotiated.ts';
import { LAB_START_US } from '../../../mmr/media/packet-path-test-lab.ts';
import { type RtcpVisitor, readRtcp } from '../../../mmr/media/rtp/rtcp/rtcp-reader.ts';
import type { RtpHeader } from '../../../mmr/media/rtp/rtp-header.ts';
import { bindingRequest } from '../../../mmr/media/transport/transport-test-lab.ts';
import { IP_UDP_BYTES, type LinkChange, type LinkConditions } from '../network/link-conditions.ts';
import { feedbackIntervalUs } from '../network/transport-feedback-recorder.ts';
import type { Wire } from '../network/wire.ts';
import type { World } from '../world.ts';
import { negotiatedMedia } from './negotiated-media.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';
import { type SimRouter, SRTCP_BYTES, SRTP_BYTES } from './sim-router.ts';
import { Subscriber } from './subscriber.ts';
import { FRAMES_PER_SECOND } from './vp8-encoding.ts';

const REPORT_US = 1_000_000;
const REPAIR_US = 20_000;
/** Consent checks (RFC 7675). */
const CHECK_US = 2_500_000;
const CHECK_BYTES = 120;
/** What a viewer who publishes nothing sends, RTCP and all: sets how often he gives feedback. */
export const VIEWER_SENDS_BPS = 150_000;

export interface ParticipantOptions {
  readonly name: string;
  /** On the second router, beyond the trunk. */
  readonly isFar?: boolean;
  readonly publishes?: PublisherOptions;
  readonly audioSlots?: number;
  readonly videoSlots?: number;
  readonly up?: Partial<LinkConditions>;
  readonly upChanges?: readonly LinkChange[];
  readonly down?: Partial<LinkConditions>;
  readonly downChanges?: readonly LinkChange[];
  /** What the receiver's libwebrtc takes for its round trip. */
  readonly roundTripMs?: number;
}

/** `header` undefined: RTCP. */
export interface FromRouter {
  readonly header: RtpHeader | undefined;
  readonly bytes: Uint8Array;
  /** When it left the router. */
  readonly sentUs: number;
}

const ACCESS: Partial<LinkConditions> = { delayMs: 20, jitterMs: 5, rateBps: 50e6, queueMs: 300 };

export class Participant {
  readonly name: string;
  readonly media: NegotiatedMedia;
  readonly up: Wire<Uint8Array>;
  readonly down: Wire<FromRouter>;
  readonly publisher: Publisher | undefined;
  readonly subscriber: Subscriber;
  /** Waiting time in the bottleneck towards the participant of each RTP packet that arrived, in ms. */
  readonly queueDelaysMs: number[] = [];
  worstQueueMs = 0;
  /** The largest datagram that came, IP and UDP headers included. */
  largestBytes = 0;
  readonly #world: World;

  constructor(world: World, router: SimRouter, options: ParticipantOptions) {
    this.name = options.name;
    this.#world = world;
    const { publishes, audioSlots = 0, videoSlots = 0 } = options;
    this.media = negotiatedMedia({
      ...(publishes === undefined || publishes.encodings.length === 0 ? {} : { rids: ridsOf(publishes) }),
      microphone: publishes?.microphone ?? false,
      audioSlots,
      videoSlots,
    });
    this.up = world.wire(`${this.name} up`, { ...ACCESS, ...options.up }, options.upChanges ?? [], (bytes) =>
      router.receive(this.name, bytes),
    );
    this.down = world.wire<FromRouter>(
      `${this.name} down`,
      { ...ACCESS, ...options.down },
      options.downChanges ?? [],
      (packet, sizeBytes, queuedUs) => this.#receive(packet, sizeBytes, queuedUs),
    );
    this.publisher =
      publishes === undefined
        ? undefined
        : new Publisher(publishes, world.chance(`${this.name} camera`), (packet) =>
            this.up.send(packet, packet.length + SRTP_BYTES + IP_UDP_BYTES),
          );
    this.subscriber = new Subscriber(audioSlots, videoSlots);
    for (const { nack } of this.subscriber.video) nack.roundTripUs = (options.roundTripMs ?? 100) * 1000;
    router.admit(this);
    this.#live();
  }

  /** Call at the end of the run. */
  end(): void {
    for (const video of this.subscriber.video) video.meter.end(this.#world.nowUs);
    for (const audio of this.subscriber.audio) audio.end(this.#world.nowUs);
  }

  #live(): void {
    const world = this.#world;
    const phase = world.chance(`${this.name} phase`);
    const startUs = world.nowUs;
    const starting = (periodUs: number) => startUs + phase.between(0, periodUs);
    if (this.publisher !== undefined) {
      const { publisher } = this;
      world.every(1e6 / FRAMES_PER_SECOND, starting(33_000), () => publisher.encode(world.nowUs));
      world.every(20_000, starting(20_000), () => publisher.speak());
      world.every(REPORT_US, starting(REPORT_US), () => this.#sendRtcp(publisher.senderReport(world.nowUs)));
    }
    const { subscriber } = this;
    const feedbackUs = feedbackIntervalUs(this.publisher === undefined ? VIEWER_SENDS_BPS : 1e6);
    world.every(REPAIR_US, starting(REPAIR_US), () => this.#sendRtcp(subscriber.repairs(world.nowUs)));
    world.every(feedbackUs, starting(feedbackUs), () => this.#sendRtcp(subscriber.feedback(world.nowUs)));
    world.every(REPORT_US, starting(REPORT_US), () => this.#sendRtcp(subscriber.receiverReport(world.nowUs)));
    world.every(CHECK_US, starting(CHECK_US), () =>
      this.up.send(bindingRequest({ username: `ufrag-${this.name}:peer`, useCandidate: true }), CHECK_BYTES),
    );
  }

  #sendRtcp(bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) this.up.send(bytes, bytes.length + SRTCP_BYTES + IP_UDP_BYTES);
  }

  #receive({ header, bytes, sentUs }: FromRouter, sizeBytes: number, queuedUs: number): void {
    const { nowUs } = this.#world;
    this.largestBytes = Math.max(this.largestBytes, sizeBytes);
    if (header === undefined) {
      readRtcp(bytes, 0, bytes.length, this.#visitor);
      return;
    }
    this.queueDelaysMs.push(queuedUs / 1000);
    this.worstQueueMs = Math.max(this.worstQueueMs, queuedUs / 1000);
    this.subscriber.handleRtp(nowUs, header, bytes, sentUs);
    this.#sendRtcp(this.subscriber.repairs(nowUs));
  }

  readonly #visitor: RtcpVisitor = {
    senderReport: (ssrc, ntpHigh, ntpLow) => this.subscriber.reports.handle(this.#world.nowUs, ssrc, ntpHigh, ntpLow),
    reportBlock: () => {},
    bye: () => {},
    nack: (_sender, ssrc, packetId, bitmask) => this.publisher?.handleNack(ssrc, packetId, bitmask),
    pictureLossIndication: (ssrc) => this.publisher?.handleKeyFrameRequest(ssrc),
    fullIntraRequest: (ssrc) => this.publisher?.handleKeyFrameRequest(ssrc),
    remb: () => {},
    transportFeedback: () => {},
  };
}

function ridsOf({ encodings }: PublisherOptions): string[] {
  return encodings.length === 1 ? [] : encodings.map(({ rid }) => rid);
}

/** World time of a time on the router's clock. */
export function worldUs(routerUs: number): number {
  return routerUs - LAB_START_US;
}
