/** The delay-based detector as one: groups → trendline → threshold. */
import { ArrivalGroups } from './arrival-groups.ts';
import { OveruseDetector } from './overuse-detector.ts';
import { Trendline } from './trendline.ts';

/** Nothing arrived for longer: what the delay was before is no guide (libwebrtc, delay_based_bwe: kStreamTimeOut). */
const STREAM_TIMEOUT_US = 2_000_000;

export class DelayTrend {
  readonly #groups = new ArrivalGroups();
  readonly #trendline = new Trendline();
  readonly #detector = new OveruseDetector();
  #arrivalUs = Number.NEGATIVE_INFINITY;

  /** Of `Usage`. */
  get usage(): number {
    return this.#detector.usage;
  }

  /** Whether somebody else keeps a queue on the path. */
  setBesideRival(besideRival: boolean): void {
    this.#detector.besideRival = besideRival;
  }

  /** Takes packets that arrived, in the order they were sent; `arrivalUs` on the receiver's clock. */
  add(sentUs: number, arrivalUs: number): void {
    if (arrivalUs - this.#arrivalUs > STREAM_TIMEOUT_US) this.reset();
    if (arrivalUs > this.#arrivalUs) this.#arrivalUs = arrivalUs;
    const groups = this.#groups;
    if (!groups.add(sentUs, arrivalUs)) return;
    this.#trendline.add(groups.arrivalDeltaMs - groups.sendDeltaMs, groups.arrivalUs);
    // One delta is no trend (libwebrtc: num_of_deltas_ < 2).
    if (this.#trendline.count < 2) return;
    this.#detector.update(this.#trendline.modified, groups.sendDeltaMs, groups.arrivalUs);
  }

  reset(): void {
    this.#groups.reset();
    this.#trendline.reset();
    this.#detector.reset();
    this.#arrivalUs = Number.NEGATIVE_INFINITY;
  }
}
