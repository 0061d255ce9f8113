/** People who were sent to places of meetings and are not known to be there yet. */
import type { MeetingId } from '../../common/ids.ts';
import type { WorkerPlace } from './meeting-tree.ts';
import type { Promised } from './zone-capacity.ts';

export interface Coming {
  readonly place: WorkerPlace;
  /** For him alone. */
  readonly promised: Promised;
}

interface Crowd {
  readonly people: Map<string, Coming>;
  /** By place. */
  readonly counts: Map<string, number>;
}

export class ComingPeople {
  readonly #crowds = new Map<MeetingId, Crowd>();

  /** Meetings that somebody is coming to. */
  get size(): number {
    return this.#crowds.size;
  }

  /** Nobody of that name may be on his way. */
  add(meeting: MeetingId, who: string, coming: Coming): void {
    const crowd = this.#crowds.get(meeting) ?? { people: new Map(), counts: new Map() };
    this.#crowds.set(meeting, crowd);
    crowd.people.set(who, coming);
    const key = keyOf(coming.place);
    crowd.counts.set(key, (crowd.counts.get(key) ?? 0) + 1);
  }

  /** He is not on his way any more. */
  take(meeting: MeetingId, who: string): Coming | undefined {
    const crowd = this.#crowds.get(meeting);
    const coming = crowd?.people.get(who);
    if (crowd === undefined || coming === undefined) return undefined;
    crowd.people.delete(who);
    const key = keyOf(coming.place);
    crowd.counts.set(key, (crowd.counts.get(key) ?? 1) - 1);
    if (crowd.people.size === 0) this.#crowds.delete(meeting);
    return coming;
  }

  /** How many are on their way to that place. */
  count(meeting: MeetingId, place: WorkerPlace): number {
    return this.#crowds.get(meeting)?.counts.get(keyOf(place)) ?? 0;
  }
}

function keyOf({ router, worker }: WorkerPlace): string {
  return `${router}/${worker}`;
}
