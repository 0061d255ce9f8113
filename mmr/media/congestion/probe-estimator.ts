/**
 * What a probe has found: the rate at which its packets arrived, against the one at which they left
 * (libwebrtc, probe_bitrate_estimator). Packets that left between those of the probe are counted with it.
 */

/** Part of a probe that has to arrive to count (kMinReceivedProbesPercent, kMinReceivedBytesPercent). */
const MIN_RECEIVED = 0.8;
/** Of a long one: what a policer takes shows at its end, as a small part of the whole. */
const MIN_RECEIVED_LONG = 0.95;
/** Arrived faster than sent by more: held up on the way, says nothing (kMaxValidRatio). */
const MAX_RATIO = 2;
/** Arrived slower than this part: the path was full (kMinRatioForUnsaturatedLink). */
const UNSATURATED_RATIO = 0.9;
/** Part of a capacity so found that is used (kTargetUtilizationFraction). */
const UTILISATION = 0.95;
/** Longest a probe may take (kMaxProbeIntervalMs). */
const MAX_INTERVAL_US = 1_000_000;
const MIN_PACKETS = 3;
/** Packets sent within this time left in one go of the pacer. */
const SAME_TIME_US = 1_000;

export class ProbeEstimator {
  /** Whether the probe is one that outlasts a policer's bucket. */
  long = false;
  #cluster = -1;
  #minBytes = 0;
  #packets = 0;
  #bytes = 0;
  #between = 0;
  #firstSentUs = 0;
  #lastSentUs = 0;
  #lastSentBytes = 0;
  #firstArrivalUs = 0;
  #firstArrivalBytes = 0;
  #lastArrivalUs = 0;
  #changed = false;

  /** A probe of `bytes` is about to be sent on a path of this loss, 0..1; one that was not finished is given up. `long`: it is to outlast a policer's bucket. */
  expect(cluster: number, bytes: number, lossFraction: number, long: boolean): void {
    this.#cluster = cluster;
    this.long = long;
    this.#minBytes = bytes * (long ? MIN_RECEIVED_LONG : MIN_RECEIVED) * (1 - lossFraction);
    this.#packets = 0;
    this.#bytes = 0;
    this.#between = 0;
    this.#changed = false;
  }

  /** A packet that arrived, in the order sent. */
  add(sentUs: number, arrivalUs: number, sizeBytes: number, cluster: number): void {
    if (this.#cluster < 0 || (cluster !== this.#cluster && this.#packets === 0)) return;
    if (cluster !== this.#cluster) {
      this.#between += sizeBytes;
      return;
    }
    if (this.#packets === 0) {
      this.#firstSentUs = sentUs;
      this.#lastSentUs = sentUs;
      this.#lastSentBytes = 0;
      this.#firstArrivalUs = arrivalUs;
      this.#firstArrivalBytes = sizeBytes;
      this.#lastArrivalUs = arrivalUs;
    }
    if (sentUs - this.#lastSentUs >= SAME_TIME_US) {
      this.#lastSentUs = sentUs;
      this.#lastSentBytes = 0;
    }
    this.#lastSentBytes += sizeBytes;
    this.#lastArrivalUs = Math.max(this.#lastArrivalUs, arrivalUs);
    this.#bytes += sizeBytes + this.#between;
    this.#between = 0;
    this.#packets++;
    this.#changed = true;
  }

  /** Bits per second that the probe has proved, to be asked for after each feedback; NaN when there is nothing new. */
  takeResult(): number {
    if (!this.#changed) return Number.NaN;
    this.#changed = false;
    if (this.#packets < MIN_PACKETS || this.#bytes < this.#minBytes) return Number.NaN;
    const sendUs = this.#lastSentUs - this.#firstSentUs;
    const receiveUs = this.#lastArrivalUs - this.#firstArrivalUs;
    if (sendUs <= 0 || sendUs > MAX_INTERVAL_US || receiveUs <= 0 || receiveUs > MAX_INTERVAL_US) return Number.NaN;
    // The intervals hold neither the sending of what left last nor the receiving of what came first.
    const sentBps = ((this.#bytes - this.#lastSentBytes) * 8e6) / sendUs;
    const receivedBps = ((this.#bytes - this.#firstArrivalBytes) * 8e6) / receiveUs;
    if (receivedBps > MAX_RATIO * sentBps) return Number.NaN;
    return receivedBps < UNSATURATED_RATIO * sentBps ? UTILISATION * receivedBps : Math.min(sentBps, receivedBps);
  }
}
