/**
 * Routers in bands of expected load, each 1/128 of a worker wide. Loads are rounded up to their band, so "has room" can
 * be said of a whole band, without looking at its routers.
 */
import { type RingMember, RingSet } from './ring-set.ts';

export const BANDS = 128;

/** 0..BANDS; the last one is full, or fuller. */
export function bandOf(load: number): number {
  return Math.min(BANDS, Math.ceil(load * BANDS));
}

export class LoadBands<Member extends RingMember> {
  readonly #bands: (RingSet<Member> | undefined)[] = Array.from({ length: BANDS + 1 });
  #lowest = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(member: Member, band: number): void {
    let ring = this.#bands[band];
    if (ring === undefined) {
      ring = new RingSet();
      this.#bands[band] = ring;
    }
    ring.add(member);
    this.#size++;
    this.#lowest = Math.min(this.#lowest, band);
  }

  delete(member: Member, band: number): void {
    this.#bands[band]?.delete(member);
    this.#size--;
  }

  /** The lowest band from `band` on that has members; above BANDS when there is none. */
  next(band: number): number {
    let next = Math.max(band, this.#lowest);
    while (next <= BANDS && (this.#bands[next]?.size ?? 0) === 0) next++;
    if (band <= this.#lowest) this.#lowest = Math.min(next, BANDS);
    return next;
  }

  /** The members of one band, once round from `hash` on. */
  members(band: number, hash: number): Iterable<Member> {
    return this.#bands[band]?.from(hash) ?? [];
  }

  /** How many are in the bands above. */
  countAbove(band: number): number {
    let count = 0;
    for (let above = band + 1; above <= BANDS; above++) count += this.#bands[above]?.size ?? 0;
    return count;
  }
}
