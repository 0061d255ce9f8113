/**
 * The latest stretches of time, each with its send rate and loss: what the loss model is fitted to. Packets are added in
 * the order sent, when their fate is known.
 */

/** Stretches remembered, and their least length (libwebrtc, loss_based_bwe_v2: ObservationWindowSize 15, 250 ms). */
export const OBSERVATIONS = 16;
const MIN_LENGTH_US = 250_000;
/** A stretch of fewer packets goes on until this long: audio alone has 50 a second. */
const MIN_PACKETS = 20;
const MAX_LENGTH_US = 1_000_000;
/**
 * When nothing at all arrives for this long, the path was gone (handover, blackout, interference): that does not depend on the
 * rate, and is left out. A queue that overflows, or a policer, lets some packets through.
 */
const OUTAGE_US = 40_000;
/** Only one outage is forgiven in this time: at a policer far below the rate the gaps are as long, but do not end. */
const OUTAGE_GAP_US = 400_000;

export class LossObservations {
  /**
   * Of each stretch, newest at index 0: send rate in bits per second, packets, and how many of them were lost. Loss is
   * of bytes, since a policer counts those; the packets are as many equal ones as would give it the same certainty.
   */
  readonly rateBps = new Array<number>(OBSERVATIONS).fill(0);
  readonly packets = new Array<number>(OBSERVATIONS).fill(0);
  readonly lost = new Array<number>(OBSERVATIONS).fill(0);
  /** Stretches known, up to OBSERVATIONS. */
  count = 0;
  /** Stretches completed since the start. */
  completed = 0;
  /** Loss of the last 2 s or so, 0..1, outages included: for statistics. */
  fraction = 0;
  #startUs = Number.NaN;
  #bytes = 0;
  #squares = 0;
  #lostBytes = 0;
  /** The run of losses that may become an outage: when it began, its bytes. */
  #runStartUs = Number.NaN;
  #runPackets = 0;
  #runBytes = 0;
  #runSquares = 0;
  #outageUs = Number.NEGATIVE_INFINITY;
  #allBytes = 0;
  #allLostBytes = 0;

  add(sentUs: number, sizeBytes: number, lost: boolean): void {
    if (Number.isNaN(this.#startUs)) this.#startUs = sentUs;
    else if (this.#isComplete(sentUs)) this.#complete(sentUs);
    this.#bytes += sizeBytes;
    this.#squares += sizeBytes * sizeBytes;
    this.#allBytes += sizeBytes;
    if (!lost) {
      this.#endRun(sentUs);
      return;
    }
    this.#lostBytes += sizeBytes;
    this.#allLostBytes += sizeBytes;
    if (this.#runPackets === 0) this.#runStartUs = sentUs;
    this.#runPackets++;
    this.#runBytes += sizeBytes;
    this.#runSquares += sizeBytes * sizeBytes;
  }

  /** Forgets all stretches but the latest `count`. */
  keepLatest(count: number): void {
    this.count = Math.min(this.count, count);
  }

  #isComplete(nowUs: number): boolean {
    const lengthUs = nowUs - this.#startUs;
    // Not amid losses: whether they are an outage is seen at their end.
    if (lengthUs < MIN_LENGTH_US || this.#runPackets > 0) return false;
    if (this.#bytes === 0) return false;
    return this.#bytes * this.#bytes >= MIN_PACKETS * this.#squares || lengthUs >= MAX_LENGTH_US;
  }

  #endRun(sentUs: number): void {
    if (this.#runPackets === 0) return;
    const outage = sentUs - this.#runStartUs >= OUTAGE_US && this.#runPackets > 2;
    if (outage && this.#runStartUs - this.#outageUs > OUTAGE_GAP_US) {
      // As if the time had not been.
      this.#startUs += sentUs - this.#runStartUs;
      this.#bytes -= this.#runBytes;
      this.#squares -= this.#runSquares;
      this.#lostBytes -= this.#runBytes;
    }
    if (outage) this.#outageUs = sentUs;
    this.#runPackets = 0;
    this.#runBytes = 0;
    this.#runSquares = 0;
  }

  #complete(nowUs: number): void {
    for (let i = OBSERVATIONS - 1; i > 0; i--) {
      this.rateBps[i] = this.rateBps[i - 1] as number;
      this.packets[i] = this.packets[i - 1] as number;
      this.lost[i] = this.lost[i - 1] as number;
    }
    this.rateBps[0] = (this.#bytes * 8e6) / (nowUs - this.#startUs);
    const packets = (this.#bytes * this.#bytes) / this.#squares;
    this.packets[0] = packets;
    this.lost[0] = (packets * this.#lostBytes) / this.#bytes;
    this.count = Math.min(this.count + 1, OBSERVATIONS);
    this.completed++;
    const seconds = (nowUs - this.#startUs) / 1e6;
    this.fraction += Math.min(1, seconds) * (this.#allLostBytes / this.#allBytes - this.fraction);
    this.#startUs = nowUs;
    this.#bytes = 0;
    this.#squares = 0;
    this.#lostBytes = 0;
    this.#allBytes = 0;
    this.#allLostBytes = 0;
  }
}
