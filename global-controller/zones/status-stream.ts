/**
 * The statuses of one zone in the order in which they were sent, whatever the way did to them. What is old (repeated,
 * overtaken, or of an instance that has been followed by another) is told apart from what is new, and gaps are noticed.
 */

/** An instance that was followed by another is listened to again when that one has not spoken for this long: 1.5 periods. */
export const TAKE_BACK_MS = 1_500;
/** Instances remembered; of one before these it cannot be told that it is old. */
const MAX_RETIRED = 8;

export type Arrival =
  /** In order; `first` of the zone, `follows` the last, after a `gap`, or of another `instance`. */
  | 'first'
  | 'follows'
  | 'gap'
  | 'instance'
  /** Of no use. */
  | 'old';

export class StatusStream {
  #instance: string | undefined;
  #seq = 0;
  #heardMs = Number.NEGATIVE_INFINITY;
  /** Their last numbers; the oldest first. */
  readonly #retired = new Map<string, number>();

  /** `isAnswer`: it was asked for, and has the number of the last status that was sent to all. */
  arrive(instance: string, seq: number, nowMs: number, isAnswer = false): Arrival {
    const isCurrent = isAnswer && instance === this.#instance && seq === this.#seq;
    const arrival = isCurrent ? 'follows' : this.#judge(instance, seq, nowMs);
    if (arrival === 'old') return arrival;
    if (arrival === 'instance') this.#retire(instance);
    this.#instance = instance;
    this.#seq = seq;
    this.#heardMs = nowMs;
    return arrival;
  }

  #judge(instance: string, seq: number, nowMs: number): Arrival {
    if (this.#instance === undefined) return 'first';
    if (instance === this.#instance) {
      if (seq <= this.#seq) return 'old';
      return seq === this.#seq + 1 ? 'follows' : 'gap';
    }
    const last = this.#retired.get(instance);
    if (last === undefined) return 'instance';
    return seq > last && nowMs - this.#heardMs >= TAKE_BACK_MS ? 'instance' : 'old';
  }

  #retire(next: string): void {
    this.#retired.delete(next);
    if (this.#instance !== undefined) this.#retired.set(this.#instance, this.#seq);
    const [oldest] = this.#retired.keys();
    if (this.#retired.size > MAX_RETIRED && oldest !== undefined) this.#retired.delete(oldest);
  }
}
