/**
 * Room that was promised for people who are expected and have not come yet: of a new meeting, or of a new branch. The
 * first who come there are given it, so that nobody is counted twice. Pure.
 */
import type { MeetingId } from '../../common/ids.ts';
import type { WorkerPlace } from './meeting-tree.ts';
import { EXPIRES_MS } from './reservations.ts';
import { differenceOf } from './worker-limits.ts';
import type { Promised, Reservation } from './zone-capacity.ts';

interface Expectation {
  readonly atMs: number;
  people: number;
  /** Promised for them. */
  reservations: readonly Reservation[];
}

export class ExpectedPeople {
  /** The oldest first; so their number is bounded by what is decided within EXPIRES_MS. */
  readonly #byPlace = new Map<string, Expectation>();

  get size(): number {
    return this.#byPlace.size;
  }

  /** So many are expected at a place of a meeting; `reservations` were promised for them just now. */
  add(
    nowMs: number,
    meeting: MeetingId,
    place: WorkerPlace,
    people: number,
    reservations: readonly Reservation[],
  ): void {
    const key = keyOf(meeting, place);
    this.#byPlace.delete(key);
    if (people > 0) this.#byPlace.set(key, { atMs: nowMs, people, reservations });
    for (const [oldest, { atMs }] of this.#byPlace) {
      if (nowMs - atMs < EXPIRES_MS) return;
      this.#byPlace.delete(oldest);
    }
  }

  /** What was promised for the next one who comes there; undefined when nobody is expected. */
  next(meeting: MeetingId, place: WorkerPlace): Promised | undefined {
    if (this.#byPlace.size === 0) return undefined;
    const expectation = this.#byPlace.get(keyOf(meeting, place));
    return expectation && { atMs: expectation.atMs, reservations: sharesOf(expectation) };
  }

  /** As `next`; he has come, and is not expected any more. */
  take(meeting: MeetingId, place: WorkerPlace): Promised | undefined {
    if (this.#byPlace.size === 0) return undefined;
    const key = keyOf(meeting, place);
    const expectation = this.#byPlace.get(key);
    if (expectation === undefined) return undefined;
    const shares = sharesOf(expectation);
    if (--expectation.people === 0) this.#byPlace.delete(key);
    expectation.reservations = expectation.reservations.map(({ router, worker, demand }, index) => ({
      router,
      worker,
      demand: differenceOf(demand, (shares[index] as Reservation).demand), // one of each
    }));
    return { atMs: expectation.atMs, reservations: shares };
  }

  /** Nobody is expected there any more. Returns what was promised for those who have not come. */
  drop(meeting: MeetingId, place: WorkerPlace): Promised | undefined {
    const key = keyOf(meeting, place);
    const expectation = this.#byPlace.get(key);
    this.#byPlace.delete(key);
    return expectation;
  }

  /** Nobody is expected anywhere. */
  dropAll(): Promised[] {
    const all = [...this.#byPlace.values()];
    this.#byPlace.clear();
    return all;
  }
}

function keyOf(meeting: MeetingId, { router, worker }: WorkerPlace): string {
  return `${meeting} ${router}/${worker}`;
}

/** In whole numbers; the last one gets what is left. */
function sharesOf({ people, reservations }: Expectation): Reservation[] {
  return reservations.map(({ router, worker, demand: { participants, packetsPerSecond } }) => ({
    router,
    worker,
    demand: {
      participants: Math.floor(participants / people),
      packetsPerSecond: Math.floor(packetsPerSecond / people),
    },
  }));
}
