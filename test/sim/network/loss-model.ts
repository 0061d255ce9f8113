/** Which packets a link loses: independently, in runs, in outages, or all of them. */
import type { Chance } from './chance.ts';
import type { LinkConditions } from './link-conditions.ts';

export class LossModel {
  readonly #chance: Chance;
  /** In the bad state of the Gilbert model, which loses every packet. */
  #bad = false;
  #outageFromUs = Number.NaN;
  #outageUntilUs = Number.NaN;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  loses(nowUs: number, conditions: LinkConditions): boolean {
    if (conditions.blackout) return true;
    if (conditions.outages !== undefined && this.#inOutage(nowUs, conditions)) return true;
    if (conditions.lossFraction <= 0) return false;
    if (conditions.lossRunPackets <= 1) return this.#chance.happens(conditions.lossFraction);
    return this.#gilbert(conditions);
  }

  /**
   * Leaves the bad state once in `lossRunPackets`, and enters it so often that the share of bad packets is
   * `lossFraction`: p = r · loss / (1 − loss).
   */
  #gilbert({ lossFraction, lossRunPackets }: LinkConditions): boolean {
    const leave = 1 / lossRunPackets;
    const enter = (leave * lossFraction) / (1 - lossFraction);
    this.#bad = this.#bad ? !this.#chance.happens(leave) : this.#chance.happens(enter);
    return this.#bad;
  }

  #inOutage(nowUs: number, { outages }: LinkConditions): boolean {
    if (outages === undefined) return false;
    if (Number.isNaN(this.#outageFromUs)) this.#planOutage(nowUs, outages.everyMs, outages.fromMs, outages.toMs);
    while (nowUs >= this.#outageUntilUs) {
      this.#planOutage(this.#outageUntilUs, outages.everyMs, outages.fromMs, outages.toMs);
    }
    return nowUs >= this.#outageFromUs;
  }

  #planOutage(afterUs: number, everyMs: number, fromMs: number, toMs: number): void {
    this.#outageFromUs = afterUs + this.#chance.exponential(everyMs) * 1000;
    this.#outageUntilUs = this.#outageFromUs + this.#chance.between(fromMs, toMs) * 1000;
  }
}
