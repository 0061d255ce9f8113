/**
 * Says when to look for more with care. On a link that several flows share, a burst of 20 ms finds room that nobody can keep:
 * taken at its word, it doubles the rate, the queue fills, all back off, and two seconds later the next burst does the same. Who
 * hears first that the queue has gone probes first, so flows of long round trips were left with little. Such a probe is refuted
 * when an overuse follows at which much less arrives than it had proved. From then on, until the path has not been
 * overused for a while, steps are as large for a slow flow as for a fast one, and each has to last before the next.
 */

/** An overuse within this time of a probe's result is of its making: a round trip, and the time until a queue is seen (chosen; 1 s is no different). */
const KEPT_US = 1_500_000;
/** Less of what was proved than this arrives: it was never there (chosen; 0.7 is no different in rfc8867-5.2 to 5.8). */
const KEPT_PART = 0.8;
/** A path that was not overused for so long has room (measured: rfc8867-5.2 to 5.6 with 4, 5, 6 and 7 s). */
const CALM_US = 5_000_000;
/** Step of a careful probe, bits per second (measured: rfc8867-5.5 and 5.6 with 100, 200 and 300 kb/s, and with parts of the rate). */
const STEP_BPS = 200_000;

export class HuntCaution {
  /** When care may end, if nothing happens until then. */
  untilUs = Number.NEGATIVE_INFINITY;
  #provedUs = Number.NEGATIVE_INFINITY;
  #provedBps = 0;

  /** The estimate is now what a probe has proved. */
  handleProved(nowUs: number, bps: number): void {
    this.#provedUs = nowUs;
    this.#provedBps = bps;
  }

  /** The rate was lowered; `ackedBps`: what arrived, NaN while unknown. */
  handleOveruse(nowUs: number, ackedBps: number): void {
    const refuted = nowUs - this.#provedUs < KEPT_US && ackedBps < KEPT_PART * this.#provedBps;
    if (refuted || this.isDue(nowUs)) this.untilUs = nowUs + CALM_US;
  }

  isDue(nowUs: number): boolean {
    return nowUs < this.untilUs;
  }

  /** How far a probe may go now. */
  ceilingBps(nowUs: number, targetBps: number): number {
    return this.isDue(nowUs) ? targetBps + STEP_BPS : Number.POSITIVE_INFINITY;
  }
}
