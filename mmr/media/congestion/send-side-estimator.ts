/**
 * How much a receiver's path carries, estimated from his transport-wide feedback: the send side of congestion control
 * for one transport. Ties the parts of this folder together; docs/congestion-control.md tells the whole.
 */
import { BurstLead, SHORT_LEAD_US } from './burst-lead.ts';
import { Demand } from './demand.ts';
import type { EstimateLimit, EstimatorSnapshot } from './estimator-snapshot.ts';
import { FeedbackMatcher } from './feedback-matcher.ts';
import type { FeedbackView } from './feedback-view.ts';
import { FeedbackWatchdog, SILENCE_FACTOR } from './feedback-watchdog.ts';
import { LossControl } from './loss-control.ts';
import { Usage } from './overuse-detector.ts';
import { PathMeter, queueIsReal, queueIsShort } from './path-meter.ts';
import { type Probe, ProbeController } from './probe-controller.ts';
import { ProbeEstimator } from './probe-estimator.ts';
import { QueueDrain } from './queue-drain.ts';
import { RateControl } from './rate-control.ts';
import { RembFallback } from './remb-fallback.ts';

export interface EstimatorOptions {
  /** Estimate before the first feedback, bits per second. */
  readonly startBps: number;
  /** The estimate never goes below. */
  readonly minBps: number;
  /** Nor above: the per-peer maximum. */
  readonly maxBps: number;
}

/**
 * 300 kb/s is libwebrtc's start (kDefaultStartBitrate). 60 kb/s carry the audio: below it there is nothing left to give up,
 * since video is paused before.
 */
export const DEFAULT_ESTIMATOR_OPTIONS: EstimatorOptions = { startBps: 300_000, minBps: 60_000, maxBps: 25_000_000 };

/**
 * Pacing goes faster than the estimate, so that a key frame does not wait in our queue for long (libwebrtc: 2.5), as long as
 * nothing says that the path is full: what waits in it waits for all, audio included.
 */
const PACING_FACTOR = 1.5;
/** After silence the rate starts at this part of what it was; a probe then looks for the rest (kProbeFractionAfterDrop). */
const RESUME_FACTOR = 0.5;
const RESUME_PROBE_FACTOR = 0.85;

export class SendSideEstimator {
  /** What may be sent, bits per second, counted as `handleSent` counts bytes. */
  targetBps = 0;
  readonly #options: EstimatorOptions;
  readonly #meter = new PathMeter();
  readonly #probeEstimator = new ProbeEstimator();
  readonly #probes = new ProbeController();
  readonly #drain = new QueueDrain();
  readonly #watchdog = new FeedbackWatchdog();
  readonly #remb = new RembFallback();
  readonly #rate: RateControl;
  readonly #loss: LossControl;
  readonly #demand: Demand;
  readonly #lead = new BurstLead();
  readonly #feedback: FeedbackMatcher;

  constructor(options: EstimatorOptions, nowUs: number) {
    this.#options = options;
    this.#rate = new RateControl(options.startBps, options.minBps, options.maxBps, nowUs);
    this.#loss = new LossControl(options.minBps);
    this.#demand = new Demand(nowUs);
    this.#feedback = new FeedbackMatcher(this.#meter, this.#probeEstimator, this.#loss.observations, this.#lead);
    this.targetBps = options.startBps;
  }

  /** Rate at which the pacer may let packets go. */
  get pacingBps(): number {
    return this.#isFull() ? this.targetBps : this.targetBps * PACING_FACTOR;
  }

  /** How far the pacer may run ahead of that rate, microseconds. */
  get leadUs(): number {
    return this.#watchdog.silent ? SHORT_LEAD_US : this.#lead.us;
  }

  /** Loss of about the last second, 0..1. */
  get lossFraction(): number {
    return this.#loss.observations.fraction;
  }

  /** Standing queue on the path, milliseconds. */
  get queueDelayMs(): number {
    return this.#meter.view.queueMs;
  }

  get roundTripMs(): number {
    return this.#meter.roundTrip.ms;
  }

  /** Bytes sent so far, repairs and padding among them, as `handleSent` counts them. */
  get sentBytes(): number {
    return this.#demand.totalBytes;
  }

  /** Whether `takeProbe` has one now. */
  get hasProbe(): boolean {
    return this.#probes.hasProbe;
  }

  /** Hot: a packet left under this transport-wide number (0–65535). `probeCluster`: of the probe it is part of, or −1. */
  handleSent(nowUs: number, sequenceNumber: number, sizeBytes: number, probeCluster: number): void {
    this.#feedback.history.record(nowUs, sequenceNumber, sizeBytes, probeCluster);
    this.#demand.sentBytes += sizeBytes;
    this.#watchdog.handleSent(nowUs);
    if (!this.#probes.started) this.#probes.start(nowUs, this.targetBps, this.#ceilingBps);
  }

  /** Feedback arrived, from an authenticated peer but with any content. */
  handleFeedback(nowUs: number, feedback: FeedbackView): void {
    const newestSentUs = this.#feedback.match(feedback);
    if (newestSentUs === Number.NEGATIVE_INFINITY) return;
    const wasSilent = this.#watchdog.silent;
    this.#meter.roundTrip.handleFeedback(nowUs, newestSentUs);
    this.#watchdog.handleFeedback(nowUs, this.#feedback.awaitsMore, this.#meter.roundTrip.ms);
    this.#demand.update(nowUs, this.targetBps);
    this.#meter.look(this.#demand);
    if (wasSilent) this.#resume(nowUs);
    this.#drain.update(nowUs, this.#meter.view, this.#meter.queue);
    this.#meter.setBesideRival(this.#drain.besideRival(nowUs));
    this.#updateRate(nowUs);
    this.#updateLoss(nowUs);
    this.#takeProbeResult(nowUs);
    this.#setTarget(nowUs);
    this.#lead.update(nowUs, this.pacingBps, this.#isAtRest());
    if (this.#isQuiet()) this.#probes.hunt(nowUs, this.targetBps, this.#probeCeilingBps(nowUs));
  }

  /** Loss that the peer's receiver reports tell of, 0..1: counts while there is no transport-wide feedback. */
  handleReceiverLoss(nowUs: number, fraction: number): void {
    this.#remb.handleLoss(fraction, this.targetBps);
    this.#setTarget(nowUs);
  }

  /** The receiver's own estimate (draft-alvestrand-rmcat-remb-03): counts while there is no transport-wide feedback. */
  handleRemb(nowUs: number, bitrateBps: number): void {
    this.#remb.handleRemb(nowUs, bitrateBps);
    this.#setTarget(nowUs);
  }

  /** Round trip as receiver reports measured it. */
  setRoundTrip(ms: number): void {
    this.#meter.roundTrip.set(ms);
  }

  /** What the subscriber's slots would carry if nothing held them back, and what they were allotted. */
  setDemand(nowUs: number, wantedBps: number, _allocatedBps: number): void {
    const risen = wantedBps > this.#demand.wantedBps;
    this.#demand.wantedBps = wantedBps;
    this.#setTarget(nowUs);
    if (!risen || wantedBps <= this.targetBps || !this.#isQuiet()) return;
    this.#probes.handleDemandRise(nowUs, wantedBps, this.targetBps, this.#probeCeilingBps(nowUs));
  }

  /** To be called at `nextTimeoutUs`, or whenever. */
  handleTimeout(nowUs: number): void {
    if (!this.#watchdog.takeStep(nowUs, this.#rate.bps)) return;
    this.#rate.set(nowUs, this.#rate.bps * SILENCE_FACTOR);
    this.#probes.handleDecrease(nowUs, Number.NaN);
    this.#setTarget(nowUs);
  }

  /** Infinity while nothing is awaited. */
  nextTimeoutUs(): number {
    return this.#watchdog.nextTimeoutUs();
  }

  /** The probe to send now, once; undefined when there is none. */
  takeProbe(nowUs: number): Probe | undefined {
    const { hidden } = this.#loss;
    const long = hidden.isBelow(this.#probes.bitrateBps);
    const probe = this.#probes.take(nowUs, this.#meter.view.jitterMs, long);
    if (probe === undefined) return undefined;
    if (long) hidden.handleTry(nowUs);
    this.#probeEstimator.expect(probe.cluster, probe.bytes, this.lossFraction, long);
    return probe;
  }

  snapshot(): EstimatorSnapshot {
    const path = this.#meter.view;
    return {
      targetBps: this.targetBps,
      limit: this.#limit(),
      delayBps: this.#rate.bps,
      lossLimitBps: this.#loss.limitBps,
      ackedBps: path.ackedBps,
      sentBps: this.#demand.sentBps,
      lossFraction: this.lossFraction,
      inherentLoss: this.#loss.inherent,
      queueDelayMs: path.queueMs,
      jitterMs: path.jitterMs,
      roundTripMs: this.roundTripMs,
      applicationLimited: path.applicationLimited,
      probes: this.#probes.cluster + 1,
    };
  }

  /** Feedback is back after silence: what the rate was is where to look first, unless a queue says otherwise. */
  #resume(nowUs: number): void {
    this.#meter.restart();
    if (!queueIsShort(this.#meter.view)) return;
    const { beforeBps } = this.#watchdog;
    this.#rate.set(nowUs, Math.max(this.#rate.bps, beforeBps * RESUME_FACTOR));
    this.#probes.request(nowUs, beforeBps * RESUME_PROBE_FACTOR, this.#rate.bps, this.#probeCeilingBps(nowUs));
  }

  #updateRate(nowUs: number): void {
    const path = this.#meter.view;
    if (!this.#drain.active || path.usage === Usage.over) this.#rate.update(nowUs, path);
    if (!Number.isNaN(this.#drain.returnBps)) this.#rate.set(nowUs, this.#drain.returnBps);
    // Soon after a probe the half second is of before and after.
    const arrivingBps = Math.max(path.ackedBps, path.quickBps);
    if (this.#rate.decreasedUs === nowUs) this.#probes.handleDecrease(nowUs, arrivingBps);
  }

  #updateLoss(nowUs: number): void {
    const path = this.#meter.view;
    // A rival's queue counts as empty, but what overflows it is lost all the same.
    const queued = this.#drain.active || queueIsReal(path) || this.#drain.besideRival(nowUs);
    this.#loss.update(nowUs, path.ackedBps, queued);
    this.#rate.limit(this.#loss.limitBps);
  }

  #takeProbeResult(nowUs: number): void {
    const resultBps = this.#probeEstimator.takeResult();
    if (Number.isNaN(resultBps) || this.#meter.view.usage === Usage.over || this.#drain.active) return;
    if (this.#probeEstimator.long) this.#loss.hidden.handlePassed(resultBps);
    // A lower result is no news: what is sent now arrives without delay.
    if (resultBps > this.#rate.bps) this.#rate.set(nowUs, Math.min(resultBps, this.#loss.limitBps));
    // A policer's bucket passes burst after burst: there, each step has to be proved by what is sent on.
    const further = !this.#loss.hidden.remembers(nowUs);
    this.#probes.handleResult(nowUs, resultBps, further, this.#rate.bps, this.#probeCeilingBps(nowUs));
  }

  #setTarget(nowUs: number): void {
    const rembBps = this.#feedback.started ? Number.NaN : this.#remb.bps(nowUs);
    const pathBps = Math.min(this.#rate.bps, this.#drain.limitBps, this.#loss.limitBps);
    const wishedBps = Number.isNaN(rembBps) ? pathBps : rembBps;
    this.targetBps = Math.max(this.#options.minBps, Math.min(wishedBps, this.#ceilingBps));
  }

  #limit(): EstimateLimit {
    if (this.#watchdog.silent) return 'silence';
    if (!this.#feedback.started && this.targetBps !== this.#rate.bps) return 'remb';
    if (this.targetBps >= this.#ceilingBps) return 'demand';
    if (this.#drain.limitBps < Math.min(this.#rate.bps, this.#loss.limitBps)) return 'drain';
    return this.#loss.limitBps <= this.#rate.bps ? 'loss' : 'delay';
  }

  get #ceilingBps(): number {
    return Math.max(this.#options.minBps, Math.min(this.#options.maxBps, this.#demand.ceilingBps));
  }

  #probeCeilingBps(nowUs: number): number {
    return Math.min(this.#ceilingBps, this.#loss.hidden.ceilingBps(nowUs, this.#meter.view.ackedBps));
  }

  /** Whether a probe would disturb nothing, and tell something. */
  #isQuiet(): boolean {
    return !this.#watchdog.silent && this.#isAtRest();
  }

  #isAtRest(): boolean {
    return !this.#isFull() && this.#meter.view.usage === Usage.normal && queueIsShort(this.#meter.view);
  }

  /** Whether the path is known to carry no more than is sent. */
  #isFull(): boolean {
    return this.#drain.active || this.#loss.limitBps !== Number.POSITIVE_INFINITY;
  }
}
