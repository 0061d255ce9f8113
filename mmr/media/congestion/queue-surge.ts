/**
 * Sees a queue that shoots up: the path's capacity has collapsed. The trendline needs some twenty groups of packets for that,
 * and when little arrives, these take half a second in which the queue fills to its end. Here a few packets suffice, since
 * nothing but a queue makes each packet wait longer than the one before it: a radio link that stalls lets the oldest wait
 * longest, and jitter is known by its size, or by packets that overtake others, which no queue allows.
 */

/**
 * Packets in a row that waited this much longer than the least delay, each at least as long as the one before (chosen: well
 * above the 30 ms of jitter of RFC 8867; three packets take 100 ms at 300 kb/s).
 */
const HIGH_US = 80_000;
const PACKETS = 3;
/** Longer than any wait that jitter makes: so many times its mean (measured in sender-jitter: 4 were too few). */
const JITTERS = 8;
/** The rise is measured from the last packet that waited less than this part of it. */
const LOW_PART = 0.5;
/**
 * Least rise of the delay in the time of sending (chosen): 1 is when half of what is sent arrives. A slower rise is left to
 * the trendline.
 */
const STEEPNESS = 1;

export class QueueSurge {
  /** Rate at which the path delivered the packets of the rise, bits per second. */
  bps = 0;
  /** When the rise began, on the receiver's clock. */
  sinceUs = 0;
  #lowSentUs = Number.NaN;
  #bytes = 0;
  #count = 0;
  #previousUs = 0;
  #arrivalUs = Number.NEGATIVE_INFINITY;
  #told = false;

  /**
   * A packet that arrived, in the order sent; `waitUs`: its delay above the least one. Returns true when a surge shows, once
   * until the queue is short again.
   */
  add(sentUs: number, arrivalUs: number, sizeBytes: number, waitUs: number, jitterMs: number): boolean {
    const overtaken = arrivalUs < this.#arrivalUs;
    this.#arrivalUs = arrivalUs;
    if (overtaken) this.reset();
    const highUs = Math.max(HIGH_US, JITTERS * jitterMs * 1000);
    if (waitUs < highUs * LOW_PART) {
      this.#restart(sentUs, arrivalUs, waitUs);
      return false;
    }
    this.#bytes += sizeBytes;
    this.#count = waitUs >= highUs && waitUs >= this.#previousUs ? this.#count + 1 : 0;
    this.#previousUs = waitUs;
    if (this.#told || this.#count < PACKETS) return false;
    // Before the first short wait (NaN) nothing can rise.
    if (!(waitUs >= STEEPNESS * (sentUs - this.#lowSentUs))) return false;
    this.#told = true;
    this.bps = (this.#bytes * 8e6) / Math.max(1, arrivalUs - this.sinceUs);
    return true;
  }

  /** What was seen so far was no queue: waits for a short wait. */
  reset(): void {
    this.#lowSentUs = Number.NaN;
  }

  #restart(sentUs: number, arrivalUs: number, waitUs: number): void {
    this.#lowSentUs = sentUs;
    this.sinceUs = arrivalUs;
    this.#bytes = 0;
    this.#count = 0;
    this.#previousUs = waitUs;
    this.#told = false;
  }
}
