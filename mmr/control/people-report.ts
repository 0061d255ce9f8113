/** What controllers are told of how many people are where: all at first, then each second what has changed. */
import type { MeetingId } from '../../common/ids.ts';
import type { WireEvent } from './to-event.ts';
import type { PlacePeople } from './worker-pool.ts';

export class PeopleReport {
  readonly #now: () => Iterable<PlacePeople>;
  /** As controllers know it, by meeting and worker. */
  #told = new Map<string, PlacePeople>();

  constructor(now: () => Iterable<PlacePeople>) {
    this.#now = now;
  }

  /** For who has not heard anything: all that others have been told. */
  whole(): WireEvent {
    return { people: { whole: true, places: [...this.#told.values()] } };
  }

  /** For those who have. Also without a change: it says that all is as it was. */
  changes(): WireEvent {
    const now = new Map<string, PlacePeople>();
    for (const place of this.#now()) now.set(keyOf(place), place);
    const changed = [...now].flatMap(([key, place]) => (this.#told.get(key)?.people === place.people ? [] : [place]));
    const left = [...this.#told].flatMap(([key, place]) => (now.has(key) ? [] : [{ ...place, people: 0 }]));
    this.#told = now;
    return { people: { whole: false, places: [...changed, ...left] } };
  }
}

/**
 * With those who wait to be let in, by meeting: nothing of theirs is on any worker yet, so they count on the first where the meeting is,
 * or on worker 0.
 */
export function* withWaiting(
  places: Iterable<PlacePeople>,
  waiting: Iterable<readonly [meeting: MeetingId, people: number]>,
): Generator<PlacePeople> {
  const left = new Map(waiting);
  for (const { meeting, worker, people } of places) {
    yield { meeting, worker, people: people + (left.get(meeting) ?? 0) };
    left.delete(meeting);
  }
  for (const [meeting, people] of left) if (people > 0) yield { meeting, worker: 0, people };
}

function keyOf({ meeting, worker }: { readonly meeting: MeetingId; readonly worker: number }): string {
  return `${worker} ${meeting}`;
}
