/**
 * What reception reports say about one stream: packets expected and lost, fraction lost, jitter. After RFC 3550
 * appendices A.3 and A.8; sequence numbers come widened (A.1) by SRTP's roll-over counter. Allocates nothing per
 * packet.
 */
import { timestampDelta } from '../rtp/serial.ts';

/**
 * A forward jump that takes the publisher for restarted (RFC 3550 appendix A.1, MAX_DROPOUT): what lies between was
 * never sent, so it is not counted as lost. Jumps back need no rule: SRTP's replay window refuses them.
 */
export const MAX_DROPOUT = 3000;
/** Transit differences above this are clock jumps of the publisher, not jitter; they are left out. */
const MAX_TRANSIT_STEP_SECONDS = 5;
/** Range of the signed 24-bit "cumulative number of packets lost" (RFC 3550 section 6.4.1). */
const MAX_CUMULATIVE_LOST = 0x7fffff;
const MIN_CUMULATIVE_LOST = -0x800000;

export class ReceiveStatistics {
  readonly clockRateHz: number;
  packets = 0;
  /** Highest widened sequence number; −1 before the first packet. */
  highestIndex = -1;
  /** Interarrival jitter in clock units, as a fraction (RFC 3550 appendix A.8 keeps it scaled by 16). */
  jitter = 0;
  /** Times the sequence jumped by more than MAX_DROPOUT. */
  jumps = 0;
  #firstIndex = 0;
  /** Packets expected before the last jump. */
  #expectedBefore = 0;
  #expectedAtReport = 0;
  #packetsAtReport = 0;
  #lastArrivalUs = 0;
  #lastTimestamp = 0;

  /** `clockRateHz` of the stream's RTP timestamps. */
  constructor(clockRateHz: number) {
    this.clockRateHz = clockRateHz;
  }

  /** Packets expected so far (RFC 3550 appendix A.3). */
  get expected(): number {
    if (this.packets === 0) return 0;
    return this.#expectedBefore + this.highestIndex - this.#firstIndex + 1;
  }

  /** Expected minus received: negative when there were duplicates; clamped to the 24 bits of a report block. */
  get cumulativeLost(): number {
    return Math.max(MIN_CUMULATIVE_LOST, Math.min(MAX_CUMULATIVE_LOST, this.expected - this.packets));
  }

  get jitterMs(): number {
    return (this.jitter / this.clockRateHz) * 1000;
  }

  /** Low 32 bits of the highest widened sequence number: cycles and sequence number as a report block has them. */
  get extendedHighest(): number {
    return this.highestIndex >>> 0;
  }

  /** Whether packets have come since the last `takeFractionLost` (RFC 3550 section 6.4: only then a block is due). */
  get receivedSinceReport(): boolean {
    return this.packets !== this.#packetsAtReport;
  }

  /** One packet: `index` is the widened sequence number, `timestamp` has 32 bits. */
  update(arrivalUs: number, index: number, timestamp: number): void {
    if (this.packets === 0) {
      this.#firstIndex = index;
      this.highestIndex = index;
    } else {
      if (index > this.highestIndex + MAX_DROPOUT) this.#restart(index);
      else if (index > this.highestIndex) this.highestIndex = index;
      // A packet overtaken at the very start moves the start.
      else if (index < this.#firstIndex) this.#firstIndex = index;
      this.#updateJitter(arrivalUs, timestamp);
    }
    this.packets++;
    this.#lastArrivalUs = arrivalUs;
    this.#lastTimestamp = timestamp;
  }

  /**
   * Fraction lost since the last call, in 1/256 (0–255), and starts the next interval. A negative loss (duplicates)
   * counts as none.
   */
  takeFractionLost(): number {
    const expected = this.expected;
    const expectedInterval = expected - this.#expectedAtReport;
    const lostInterval = expectedInterval - (this.packets - this.#packetsAtReport);
    this.#expectedAtReport = expected;
    this.#packetsAtReport = this.packets;
    if (expectedInterval <= 0 || lostInterval <= 0) return 0;
    return Math.min(255, Math.floor((lostInterval * 256) / expectedInterval));
  }

  #restart(index: number): void {
    this.#expectedBefore += this.highestIndex - this.#firstIndex + 1;
    this.#firstIndex = index;
    this.highestIndex = index;
    this.jumps++;
  }

  #updateJitter(arrivalUs: number, timestamp: number): void {
    const arrivalDelta = ((arrivalUs - this.#lastArrivalUs) * this.clockRateHz) / 1e6;
    const step = Math.abs(arrivalDelta - timestampDelta(timestamp, this.#lastTimestamp));
    if (step < MAX_TRANSIT_STEP_SECONDS * this.clockRateHz) this.jitter += (step - this.jitter) / 16;
  }
}
