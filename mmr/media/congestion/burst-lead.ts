/**
 * How far the pacer may run ahead of its rate. A picture that leaves at once costs us one message instead of four, and does
 * no harm on a path that is much faster than the rate: the burst has passed before anybody waits for it. So the lead is as
 * long as the path takes SHORT_US for what leaves at once, and short where that cannot be told, where a queue
 * stands, and where bursts are what is lost. docs/pacing.md has the measurements.
 */
import { BurstLoss } from './burst-loss.ts';
import { BurstSpeed } from './burst-speed.ts';

/** What libwebrtc's pacer used for years (PacedSender, kMinPacketLimitMs), and what a burst may take of the path's time. */
export const SHORT_LEAD_US = 5_000;
/** libwebrtc's (PacingController, kDefaultBurstInterval): more than a picture's interval, so that pictures leave whole. */
export const LONG_LEAD_US = 40_000;
/** A lead that is not this much longer gains next to nothing. */
const WORTHWHILE_US = 2 * SHORT_LEAD_US;
/** The lead stays short this long after bursts were lost; twice as long each time. */
const FIRST_HOLD_US = 30_000_000;
const MAX_HOLD_US = 1_000_000_000;

export class BurstLead {
  /** Microseconds, SHORT_LEAD_US to LONG_LEAD_US. */
  us = SHORT_LEAD_US;
  readonly speed = new BurstSpeed();
  readonly #loss = new BurstLoss();
  #holdUs = FIRST_HOLD_US;
  #shortUntilUs = Number.NEGATIVE_INFINITY;
  /** Bytes that leave at once with the short lead. */
  #shortBytes = 0;

  /** A packet whose fate is known, in the order sent. */
  handleFate(sentUs: number, sizeBytes: number, lost: boolean): void {
    if (this.us > SHORT_LEAD_US) this.#loss.add(sentUs, sizeBytes, lost, this.#shortBytes);
  }

  /** After each feedback. `isAtRest`: neither is a queue there nor is the path full. */
  update(nowUs: number, pacingBps: number, isAtRest: boolean): void {
    this.#shortBytes = (pacingBps * SHORT_LEAD_US) / 8e6;
    if (isAtRest && this.#loss.shows) {
      this.#shortUntilUs = nowUs + this.#holdUs;
      this.#holdUs = Math.min(MAX_HOLD_US, this.#holdUs * 2);
    }
    if (!isAtRest || nowUs < this.#shortUntilUs) {
      this.us = SHORT_LEAD_US;
      this.#loss.reset();
      return;
    }
    const us = (SHORT_LEAD_US * this.speed.bps) / pacingBps;
    this.us = us < WORTHWHILE_US ? SHORT_LEAD_US : Math.min(LONG_LEAD_US, us);
  }
}
