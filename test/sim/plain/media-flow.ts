/**
 * One congestion-controlled video flow without a router: adaptive encoder, pacer and the router's own send-side
 * estimator, and a receiver that answers with transport-wide feedback. What the RFC 8867 cases are run with.
 */
import { SendSideEstimator } from '../../../mmr/media/congestion/send-side-estimator.ts';
import { IP_UDP_BYTES } from '../network/link-conditions.ts';
import { feedbackIntervalUs, TransportFeedbackRecorder } from '../network/transport-feedback-recorder.ts';
import type { World } from '../world.ts';
import { AdaptiveEncoder } from './adaptive-encoder.ts';
import type { Path } from './path.ts';
import { ProbingPacer } from './probing-pacer.ts';

const PACING_US = 5000;
const REPORT_US = 1_000_000;
/** RTP header, extension with the transport-wide number, SRTP tag of AES-GCM. */
const RTP_BYTES = 12 + 8 + 16;
/** A transport-wide feedback packet of one interval, protected. */
const FEEDBACK_BYTES = 28 + 40 + 14;
/** Receivers' clocks count from somewhere of their own, in units of 250 µs. */
const CLOCK_OFFSET_US = 123_456_000;
const CLOCK_UNIT_US = 250;

export interface MediaFlowOptions {
  readonly name: string;
  readonly forward: Path;
  readonly backward: Path;
  readonly startUs: number;
  readonly stopUs: number;
  /** What the encoder would send if nothing held it back. */
  readonly maxBps: number;
  /** How much the receiver sends himself, which decides how often he gives feedback. */
  readonly receiverSendsBps?: number;
}

export class MediaFlow {
  readonly name: string;
  readonly estimator: SendSideEstimator;
  sentBytes = 0;
  receivedBytes = 0;
  receivedPackets = 0;
  sentPackets = 0;
  /** Waiting time in the bottleneck of each packet received, in ms. */
  readonly queueDelaysMs: number[] = [];
  /** Largest of them since it was last looked at. */
  worstQueueMs = 0;
  #paused = false;
  readonly #world: World;
  readonly #options: MediaFlowOptions;
  readonly #encoder: AdaptiveEncoder;
  readonly #pacer: ProbingPacer;
  readonly #recorder = new TransportFeedbackRecorder();
  #sequence = 65_000;
  /** Of the current report interval. */
  #expected = 0;
  #arrived = 0;

  constructor(world: World, options: MediaFlowOptions) {
    this.name = options.name;
    this.#world = world;
    this.#options = options;
    this.estimator = new SendSideEstimator(
      { startBps: 300_000, minBps: 60_000, maxBps: options.maxBps * 2 },
      options.startUs,
    );
    this.#encoder = new AdaptiveEncoder(world.chance(`encoder ${options.name}`));
    this.#pacer = new ProbingPacer(this.estimator, (sizeBytes, cluster) => this.#send(sizeBytes, cluster));
    this.#start();
  }

  /** What the flow would like to send now. */
  get active(): boolean {
    const { nowUs } = this.#world;
    return !this.#paused && nowUs >= this.#options.startUs && nowUs < this.#options.stopUs;
  }

  get targetBps(): number {
    return this.active ? Math.min(this.estimator.targetBps, this.#options.maxBps) : 0;
  }

  pause(): void {
    this.#paused = true;
    this.#pacer.clear();
  }

  resume(): void {
    this.#paused = false;
  }

  #start(): void {
    const { startUs, receiverSendsBps } = this.#options;
    const world = this.#world;
    const feedbackUs = feedbackIntervalUs(receiverSendsBps ?? 300_000);
    // Flows that start together do not tick together.
    const phaseUs = world.chance(`phase ${this.name}`).between(0, PACING_US);
    world.every(AdaptiveEncoder.frameUs, startUs + phaseUs, () => this.#encode());
    world.every(PACING_US, startUs + phaseUs + 1, () => this.#tick());
    world.every(feedbackUs, startUs + phaseUs * 7 + 2, () => this.#feedback());
    world.every(REPORT_US, startUs + phaseUs * 11 + 3, () => this.#report());
  }

  #encode(): void {
    const { nowUs } = this.#world;
    const { maxBps } = this.#options;
    if (!this.active) {
      this.estimator.setDemand(nowUs, 0, 0);
      return;
    }
    const bps = Math.min(this.estimator.targetBps, maxBps);
    this.estimator.setDemand(nowUs, maxBps, bps);
    this.#pacer.push(this.#encoder.frame(bps));
  }

  #tick(): void {
    const { nowUs } = this.#world;
    if (this.estimator.nextTimeoutUs() <= nowUs) this.estimator.handleTimeout(nowUs);
    if (this.active) this.#pacer.handleTimeout(nowUs);
  }

  #send(sizeBytes: number, cluster: number): void {
    const world = this.#world;
    const sequence = this.#sequence++ & 0xffff;
    const wireBytes = sizeBytes + RTP_BYTES + IP_UDP_BYTES;
    this.estimator.handleSent(world.nowUs, sequence, wireBytes, cluster);
    this.sentPackets++;
    this.sentBytes += wireBytes;
    this.#expected++;
    this.#options.forward.send((size, queuedUs) => this.#receive(sequence, size, queuedUs), wireBytes);
  }

  #receive(sequence: number, sizeBytes: number, queuedUs: number): void {
    this.#recorder.record(this.#world.nowUs, sequence);
    this.receivedBytes += sizeBytes;
    this.receivedPackets++;
    this.#arrived++;
    this.queueDelaysMs.push(queuedUs / 1000);
    this.worstQueueMs = Math.max(this.worstQueueMs, queuedUs / 1000);
  }

  #feedback(): void {
    const report = this.#recorder.take(this.#world.nowUs);
    if (report === undefined) return;
    const { arrivalsUs, baseSequence } = report;
    for (let i = 0; i < arrivalsUs.length; i++) {
      arrivalsUs[i] = Math.round(((arrivalsUs[i] as number) + CLOCK_OFFSET_US) / CLOCK_UNIT_US) * CLOCK_UNIT_US;
    }
    const view = {
      feedbackCount: 0,
      baseSequence,
      count: arrivalsUs.length,
      received: 0,
      arrivalsUs,
      arrivalUs: arrivalsUs,
    };
    this.#options.backward.send(
      () => this.estimator.handleFeedback(this.#world.nowUs, view),
      FEEDBACK_BYTES + arrivalsUs.length,
    );
  }

  /** A sender report and the receiver report that answers it: round trip and loss. */
  #report(): void {
    if (!this.active) return;
    const sentUs = this.#world.nowUs;
    this.#options.forward.send(() => {
      const fraction = this.#expected === 0 ? 0 : Math.max(0, 1 - this.#arrived / this.#expected);
      this.#expected = 0;
      this.#arrived = 0;
      this.#options.backward.send(() => {
        this.estimator.setRoundTrip((this.#world.nowUs - sentUs) / 1000);
        this.estimator.handleReceiverLoss(this.#world.nowUs, fraction);
      }, 90);
    }, 90);
  }
}
