/**
 * The last numbers of a stream whose packets were dropped before they left. Used again, they do not look like losses that
 * the receiver would ask for.
 */
export class UnusedNumbers {
  /** The highest, widened, and how many without a gap up to there. */
  last = -1;
  count = 0;

  /** A dropped packet had this number. Late packets have numbers before which others may have left: they do not count. */
  add(index: number): void {
    if (index <= this.last) return;
    this.count = index === this.last + 1 ? this.count + 1 : 1;
    this.last = index;
  }
}
