/** Makes the arrival times of feedback, which wrap around every 12 days, a plain clock of the receiver's. */
import { FEEDBACK_CLOCK_US } from './feedback-view.ts';

export class ArrivalClock {
  #lastUs = Number.NaN;

  /** `arrivalUs` modulo FEEDBACK_CLOCK_US → the time nearest to the last one asked for. */
  widen(arrivalUs: number): number {
    if (Number.isNaN(this.#lastUs)) this.#lastUs = arrivalUs;
    // Nearly always: a division for each packet is more than all else here.
    if (Math.abs(this.#lastUs - arrivalUs) < FEEDBACK_CLOCK_US / 2) {
      this.#lastUs = arrivalUs;
      return arrivalUs;
    }
    const cycles = Math.round((this.#lastUs - arrivalUs) / FEEDBACK_CLOCK_US);
    this.#lastUs = arrivalUs + cycles * FEEDBACK_CLOCK_US;
    return this.#lastUs;
  }
}
