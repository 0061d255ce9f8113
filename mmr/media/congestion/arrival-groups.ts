/**
 * Joins packets that left together into groups and compares how far apart two groups left and arrived
 * (draft-ietf-rmcat-gcc-02 sections 5.1 and 5.2): the change of the one-way delay, with no clock shared.
 */

/** Packets sent within this time are one group (draft section 5.2, "burst_time"). */
const GROUP_US = 5_000;
/** What arrives this soon after the last packet, faster than it was sent, was held up on the way and released at once. */
const BURST_GAP_US = 5_000;
/** Longest such burst (libwebrtc, inter_arrival_delta: kMaxBurstDuration). */
const MAX_BURST_US = 100_000;
/** No path reorders by as much: the receiver's clock was set back. */
const CLOCK_JUMP_US = 1_000_000;
/** Groups in a row that arrived before their predecessors: the receiver's clock jumped (kReorderedResetThreshold). */
const MAX_REORDERED = 3;

export class ArrivalGroups {
  /** Time between the two latest complete groups, as sent and as arrived, milliseconds. */
  sendDeltaMs = 0;
  arrivalDeltaMs = 0;
  /** When the later one arrived, on the receiver's clock. */
  arrivalUs = 0;
  #firstSentUs = Number.NaN;
  #lastSentUs = 0;
  #firstArrivalUs = 0;
  #lastArrivalUs = 0;
  #previousSentUs = Number.NaN;
  #previousArrivalUs = 0;
  #reordered = 0;

  /** Takes packets in the order they were sent; true when that completed a group, whose deltas are then in the fields. */
  add(sentUs: number, arrivalUs: number): boolean {
    if (Number.isNaN(this.#firstSentUs)) {
      this.#open(sentUs, arrivalUs);
      return false;
    }
    if (sentUs < this.#firstSentUs) return false;
    if (this.#belongs(sentUs, arrivalUs)) {
      this.#lastSentUs = Math.max(this.#lastSentUs, sentUs);
      this.#lastArrivalUs = Math.max(this.#lastArrivalUs, arrivalUs);
      return false;
    }
    const complete = this.#close();
    this.#open(sentUs, arrivalUs);
    return complete;
  }

  /** Forgets all, as after an outage: the next delta is between groups yet to come. */
  reset(): void {
    this.#firstSentUs = Number.NaN;
    this.#previousSentUs = Number.NaN;
    this.#reordered = 0;
  }

  #open(sentUs: number, arrivalUs: number): void {
    this.#firstSentUs = sentUs;
    this.#lastSentUs = sentUs;
    this.#firstArrivalUs = arrivalUs;
    this.#lastArrivalUs = arrivalUs;
  }

  #belongs(sentUs: number, arrivalUs: number): boolean {
    if (sentUs - this.#firstSentUs <= GROUP_US) return true;
    const gapUs = arrivalUs - this.#lastArrivalUs;
    const fasterThanSent = gapUs < sentUs - this.#lastSentUs;
    return (
      fasterThanSent &&
      gapUs <= BURST_GAP_US &&
      gapUs > -CLOCK_JUMP_US &&
      arrivalUs - this.#firstArrivalUs < MAX_BURST_US
    );
  }

  #close(): boolean {
    const known = !Number.isNaN(this.#previousSentUs);
    this.sendDeltaMs = (this.#lastSentUs - this.#previousSentUs) / 1000;
    this.arrivalDeltaMs = (this.#lastArrivalUs - this.#previousArrivalUs) / 1000;
    this.arrivalUs = this.#lastArrivalUs;
    if (known && this.arrivalDeltaMs < 0) {
      this.#reordered++;
      if (this.#reordered >= MAX_REORDERED) this.#previousSentUs = Number.NaN;
      return false;
    }
    this.#reordered = 0;
    this.#previousSentUs = this.#lastSentUs;
    this.#previousArrivalUs = this.#lastArrivalUs;
    return known;
  }
}
