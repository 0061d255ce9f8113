/**
 * The delay-based rate: additive or multiplicative increase, multiplicative decrease (draft-ietf-rmcat-gcc-02 section
 * 5.5; libwebrtc, aimd_rate_control).
 */
import { LinkCapacity } from './link-capacity.ts';
import { Usage } from './overuse-detector.ts';
import { queueIsReal } from './path-meter.ts';
import type { PathView } from './path-view.ts';

/** Part of what arrives that is sent after an overuse (draft section 5.5: beta). */
const BACK_OFF = 0.85;
/** Growth a second away from the known capacity (draft section 5.5: eta). */
const GROWTH_PER_SECOND = 1.08;
/** Never more than this beyond what arrives (draft section 5.5: 1.5; the allowance is libwebrtc's). */
const MAX_OVER_ACKED = 1.5;
const OVER_ACKED_BPS = 10_000;
/** Least growth near the capacity, bits per second each second (libwebrtc: kMinIncreaseRateBpsPerSecond). */
const MIN_ADDITIVE_BPS = 4_000;
/** Time until an overuse is seen, on top of the round trip (draft section 5.5: response_time_ms). */
const DETECTION_MS = 100;
const FULL_PACKET_BITS = 1_200 * 8;
const FRAMES_PER_SECOND = 30;
/** Two decreases are apart by a round trip, within these bounds (libwebrtc: 10 and 200 ms). */
const MIN_DECREASE_GAP_MS = 10;
const MAX_DECREASE_GAP_MS = 200;
/** The quick rate is noisy: only when it is below this part of the steady one, the capacity has fallen (chosen). */
const FALL = 0.7;
/** Less was sent than this part of what might have been: the half second holds a pause, or a smaller layer (chosen: encoders keep within 5 %). */
const USED = 0.9;
const MAX_STEP_US = 1_000_000;
/** After a jump the rate over half a second is of before and after: the quick one counts, if it is the higher. */
const JUMP_US = 700_000;

export class RateControl {
  /** Bits per second. */
  bps = 0;
  /** When it was last lowered because of overuse. */
  decreasedUs = Number.NEGATIVE_INFINITY;
  readonly #capacity = new LinkCapacity();
  readonly #minBps: number;
  readonly #maxBps: number;
  #holding = false;
  /** What a surge has measured, while nothing else is; NaN otherwise. */
  #surgeBps = Number.NaN;
  #jumpedUs = Number.NEGATIVE_INFINITY;
  #updatedUs = 0;

  constructor(startBps: number, minBps: number, maxBps: number, nowUs: number) {
    this.bps = startBps;
    this.#minBps = minBps;
    this.#maxBps = maxBps;
    this.#updatedUs = nowUs;
  }

  update(nowUs: number, path: PathView): void {
    this.#noteSurge(path);
    if (path.usage === Usage.over) this.#decrease(nowUs, path);
    else if (path.usage === Usage.under) this.#holding = true;
    else if (this.#holding) this.#holding = false;
    else this.#increase(nowUs, path);
    this.#updatedUs = nowUs;
  }

  /** A surge forgets what arrived before it: until enough has arrived since, what it has measured is the latest word. */
  #noteSurge(path: PathView): void {
    if (!Number.isNaN(path.surgeBps)) this.#surgeBps = path.surgeBps;
    else if (!Number.isNaN(path.ackedBps)) this.#surgeBps = Number.NaN;
  }

  /** Takes a rate that was measured another way: by a probe, or after a queue was emptied. */
  set(nowUs: number, bps: number): void {
    if (bps > this.bps) this.#jumpedUs = nowUs;
    if (bps > this.#capacity.upperBps || bps < this.#capacity.lowerBps) this.#capacity.reset();
    this.bps = this.#clamp(bps);
  }

  /** No more than `bps`: something else has found the limit. */
  limit(bps: number): void {
    if (this.bps > bps) this.bps = this.#clamp(bps);
  }

  #increase(nowUs: number, path: PathView): void {
    if (path.ackedBps > this.#capacity.upperBps) this.#capacity.reset();
    const ceilingBps = MAX_OVER_ACKED * path.ackedBps + OVER_ACKED_BPS;
    // Written so that an unknown rate (NaN) lets nothing grow.
    if (!(this.bps < ceilingBps)) return;
    const seconds = Math.min(nowUs - this.#updatedUs, MAX_STEP_US) / 1e6;
    const grown = this.#capacity.known
      ? this.bps + this.#additiveBps(path.rttMs) * seconds
      : this.bps * GROWTH_PER_SECOND ** seconds;
    this.bps = this.#clamp(Math.min(grown, ceilingBps));
  }

  #decrease(nowUs: number, path: PathView): void {
    this.#holding = true;
    const gapMs = Math.min(MAX_DECREASE_GAP_MS, Math.max(MIN_DECREASE_GAP_MS, path.rttMs));
    const measuredBps = this.#measured(nowUs, path);
    const waited = nowUs - this.decreasedUs >= gapMs * 1000;
    if (!waited && !(measuredBps < this.bps / 2)) return;
    if (measuredBps < this.#capacity.lowerBps) this.#capacity.reset();
    let loweredBps = BACK_OFF * measuredBps;
    if (loweredBps > this.bps && this.#capacity.known) loweredBps = BACK_OFF * this.#capacity.bps;
    if (!path.applicationLimited || queueIsReal(path)) this.#capacity.handleOveruse(measuredBps);
    this.decreasedUs = nowUs;
    if (loweredBps < this.bps) this.bps = this.#clamp(loweredBps);
  }

  /** What the path is thought to carry at an overuse. */
  #measured(nowUs: number, path: PathView): number {
    if (!Number.isNaN(this.#surgeBps)) return this.#surgeBps;
    // Nothing was measured yet: the draft leaves that open, libwebrtc halves the rate.
    if (Number.isNaN(path.ackedBps)) return this.bps / 2 / BACK_OFF;
    if (queueIsReal(path)) return path.quickBps < FALL * path.ackedBps ? path.quickBps : this.#steady(path);
    // Little was sent: what arrives is no measure of the path (libwebrtc: AlrLimitedBackoff).
    if (path.applicationLimited) return Math.max(this.bps, path.ackedBps);
    if (nowUs - this.#jumpedUs < JUMP_US) return Math.max(path.ackedBps, path.quickBps);
    return this.#steady(path);
  }

  /** What arrives; since the pause, if there was one. Never above the rate then: that much was not tried. */
  #steady(path: PathView): number {
    if (path.sentBps >= USED * this.bps) return path.ackedBps;
    return Math.max(path.ackedBps, Math.min(path.quickBps, this.bps));
  }

  /** About one packet more in each response time (draft section 5.5; libwebrtc doubles that time). */
  #additiveBps(rttMs: number): number {
    const frameBits = this.bps / FRAMES_PER_SECOND;
    const packetBits = frameBits / Math.ceil(frameBits / FULL_PACKET_BITS);
    return Math.max(MIN_ADDITIVE_BPS, (packetBits * 1000) / (2 * (rttMs + DETECTION_MS)));
  }

  #clamp(bps: number): number {
    return Math.min(this.#maxBps, Math.max(this.#minBps, bps));
  }
}
