/**
 * When to send a burst above the estimate, and how fast (libwebrtc, probe_controller): exponentially at the start, when
 * more is wanted than the estimate allows, and after an outage. The estimate grows by 8 % a second otherwise, which takes
 * half a minute from 300 kb/s to 2.5 Mb/s.
 */
import { HuntCaution } from './hunt-caution.ts';

/** A burst to be sent at a higher rate than the estimate, to find out whether the path carries it. */
export interface Probe {
  /** Number to give to `handleSent` with each packet of the burst. */
  readonly cluster: number;
  /** Rate at which the burst leaves. */
  readonly bitrateBps: number;
  /** Size of the burst; media that waits counts, the rest is padding. */
  readonly bytes: number;
}

/** The first probe relative to the start rate (first_exponential_probe_scale). */
const FIRST_SCALE = 3;
/** The next one relative to what one has found (further_exponential_probe_scale). */
const FURTHER_SCALE = 2;
/** A result above this part of the probe's rate is reason to go on (further_probe_threshold). */
const FURTHER_THRESHOLD = 0.7;
/** Results come within this time or not at all (kMaxWaitingTimeForProbingResult); a probe that is lost is repeated once. */
const WAIT_US = 1_000_000;
const REPEAT_US = 1_500_000;
/**
 * While more is wanted than there is: how often, and how far above (alr_probing_interval 5 s, alr_probe_scale 2). The
 * interval grows while nothing is found, so that a slow link is not filled with padding.
 */
const HUNT_INTERVAL_US = 4_000_000;
const MAX_HUNT_INTERVAL_US = 6_000_000;
const HUNT_PATIENCE = 1.25;
const HUNT_SCALE = 2;
/** After a decrease the path is left alone at first. */
const QUIET_AFTER_DECREASE_US = 2_000_000;
/** Two probes on rising demand are at least this far apart: a page that plays with its tiles costs no padding. */
const MIN_GAP_US = 1_000_000;
/** A probe has to be this much above the target to be worth it. */
const MIN_GAIN = 1.05;
/**
 * Length of a burst: min_probe_duration is 15 ms; 20 ms are five rounds of a pacer that works each 5 ms, and jitter needs
 * some times of itself. Slow bursts take longer, so that they still are of some packets (min_probe_packets_sent is 5;
 * padding packets have about 300 bytes).
 */
const DURATION_MS = 20;
const JITTERS = 3;
const MAX_DURATION_MS = 150;
/** Beyond a limit that loss has shown: at twice that limit it outlasts a policer's bucket of 30 kB at 1 Mb/s (computed, not varied). */
const LONG_DURATION_MS = 300;
const SLOW_DURATION_MS = 60;
const SLOW_BYTES = 5_000;
const MIN_BYTES = 600;

export class ProbeController {
  /** Whether `take` has one. */
  hasProbe = false;
  /** The latest probe's rate and number. */
  bitrateBps = 0;
  cluster = -1;
  #climbing = false;
  /** Whether the path was ever found full. */
  #wasFull = false;
  #started = false;
  #waitingUntilUs = Number.NEGATIVE_INFINITY;
  #huntIntervalUs = HUNT_INTERVAL_US;
  #nextHuntUs = Number.POSITIVE_INFINITY;
  #requestedUs = Number.NEGATIVE_INFINITY;
  readonly #caution = new HuntCaution();
  /** Whether the last hunt was a careful one. */
  #wasCareful = false;

  /** The first packet leaves: the climb begins. */
  start(nowUs: number, targetBps: number, ceilingBps: number): void {
    if (this.#started) return;
    this.#started = true;
    this.#nextHuntUs = nowUs + this.#huntIntervalUs;
    this.request(nowUs, targetBps * FIRST_SCALE, targetBps, ceilingBps);
  }

  get started(): boolean {
    return this.#started;
  }

  /** Asks for a probe at `bitrateBps`, or as far as `ceilingBps` allows. */
  request(nowUs: number, bitrateBps: number, targetBps: number, ceilingBps: number): void {
    const boundedBps = Math.min(bitrateBps, ceilingBps);
    if (boundedBps < targetBps * MIN_GAIN) return;
    this.bitrateBps = boundedBps;
    this.hasProbe = true;
    this.#climbing = true;
    this.#requestedUs = nowUs;
    this.#nextHuntUs = nowUs + this.#huntIntervalUs;
  }

  /** More is wanted than before. */
  handleDemandRise(nowUs: number, wantedBps: number, targetBps: number, ceilingBps: number): void {
    if (!this.#started || this.#waiting(nowUs) || nowUs - this.#requestedUs < MIN_GAP_US) return;
    this.request(nowUs, Math.min(wantedBps, targetBps * FIRST_SCALE), targetBps, ceilingBps);
  }

  /** `long`: the burst has to outlast a policer's bucket. */
  take(nowUs: number, jitterMs: number, long: boolean): Probe | undefined {
    if (!this.hasProbe) return undefined;
    this.hasProbe = false;
    this.cluster++;
    const lostBefore = this.#waitingUntilUs !== Number.NEGATIVE_INFINITY;
    this.#waitingUntilUs = nowUs + WAIT_US;
    this.#nextHuntUs = nowUs + (lostBefore ? this.#huntIntervalUs : REPEAT_US);
    const leastMs = long ? LONG_DURATION_MS : Math.min(MAX_DURATION_MS, jitterMs * JITTERS);
    return { cluster: this.cluster, bitrateBps: this.bitrateBps, bytes: burstBytes(this.bitrateBps, leastMs) };
  }

  /** A probe came back; `targetBps` is the estimate with its result taken in, `further` allows a next one at once. */
  handleResult(nowUs: number, resultBps: number, further: boolean, targetBps: number, ceilingBps: number): void {
    this.#waitingUntilUs = Number.NEGATIVE_INFINITY;
    this.#nextHuntUs = nowUs + this.#huntIntervalUs;
    const found = resultBps >= targetBps;
    if (found) this.#caution.handleProved(nowUs, targetBps);
    if (!this.#climbing || this.hasProbe) return;
    this.#climbing = false;
    const passed = resultBps >= this.bitrateBps * FURTHER_THRESHOLD;
    // Where several share a path a burst always finds some room: there, only one that passed whole is a find.
    this.#huntIntervalUs =
      passed || (found && !this.#wasFull)
        ? HUNT_INTERVAL_US
        : Math.min(MAX_HUNT_INTERVAL_US, this.#huntIntervalUs * HUNT_PATIENCE);
    if (passed && further && !this.#caution.isDue(nowUs))
      this.request(nowUs, resultBps * FURTHER_SCALE, targetBps, ceilingBps);
  }

  /** The path is full: no probe is due for a while. `ackedBps`: what arrived, NaN while unknown. */
  handleDecrease(nowUs: number, ackedBps: number): void {
    this.#caution.handleOveruse(nowUs, ackedBps);
    this.#wasFull = true;
    this.hasProbe = false;
    this.#climbing = false;
    this.#nextHuntUs = Math.max(this.#nextHuntUs, nowUs + QUIET_AFTER_DECREASE_US);
  }

  /** Looks for more while more is wanted; to be asked only while the path is at rest. */
  hunt(nowUs: number, targetBps: number, ceilingBps: number): void {
    const careful = this.#caution.isDue(nowUs);
    // When care ends, the last hunt was a small one: there is nothing to wait for.
    const isTime = nowUs >= this.#nextHuntUs || (this.#wasCareful && !careful);
    if (!isTime || this.hasProbe || this.#waiting(nowUs)) return;
    this.#nextHuntUs = nowUs + this.#huntIntervalUs;
    this.#wasCareful = careful;
    const reachBps = Math.min(targetBps * HUNT_SCALE, this.#caution.ceilingBps(nowUs, targetBps));
    this.request(nowUs, reachBps, targetBps, ceilingBps);
  }

  #waiting(nowUs: number): boolean {
    return nowUs < this.#waitingUntilUs;
  }
}

function burstBytes(bitrateBps: number, leastMs: number): number {
  const bytesPerMs = bitrateBps / 8000;
  const slowBytes = Math.min(SLOW_BYTES, bytesPerMs * SLOW_DURATION_MS);
  const durationMs = Math.max(DURATION_MS, leastMs);
  return Math.round(Math.max(MIN_BYTES, slowBytes, bytesPerMs * durationMs));
}
