/**
 * Those whom this router serves in a meeting, in it or waiting. What the state says of them can be lost with a part of the
 * tree; then this router says it again.
 */
import type { ParticipantId, RouterId } from '../../../common/ids.ts';
import type { RouterAct } from './acts.ts';
import type { Change } from './changes.ts';
import { MAX_BATCH } from './limits.ts';
import type { MeetingState, Role } from './meeting-state.ts';
import type { Notice } from './notices.ts';

interface OwnPerson {
  readonly name: string;
  readonly role: Role;
  readonly controller: string;
  readonly waiting: boolean;
}

export class OwnPeople {
  readonly #router: RouterId;
  readonly #people = new Map<ParticipantId, OwnPerson>();

  constructor(router: RouterId) {
    this.#router = router;
  }

  /** The state has him by now. */
  add(participant: ParticipantId, controller: string, state: MeetingState): void {
    const person = state.people.get(participant);
    const name = person?.name ?? state.waiting.get(participant)?.name;
    if (name === undefined) return;
    this.#people.set(participant, {
      name,
      role: person?.role ?? 'participant',
      controller,
      waiting: person === undefined,
    });
  }

  delete(participant: ParticipantId): void {
    this.#people.delete(participant);
  }

  /** What has become of them. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) if (change.type === 'person') this.#update(change.participant, change.person);
  }

  /** The state is another one now: what they have not been told of it. */
  adopt(state: MeetingState): Notice[] {
    const notices: Notice[] = [];
    for (const [participant, { controller, waiting }] of [...this.#people]) {
      const person = state.people.get(participant);
      if (person === undefined) continue;
      if (waiting) notices.push({ type: 'admitted', participant, router: this.#router, controller });
      this.#update(participant, person);
      const room = state.rooms.find(({ assigned }) => assigned.includes(participant));
      if (room !== undefined && person.room === undefined)
        notices.push({ type: 'goToRoom', participant, room: room.room });
    }
    return state.ended ? [...notices, { type: 'ended' }] : notices;
  }

  /** Those who may not be in the meeting, and are. */
  outside(state: MeetingState): Notice[] {
    const removed = new Set(state.removed);
    return [...this.#people].flatMap(([participant, { controller, waiting }]): Notice[] => {
      if (!removed.has(participant)) return [];
      if (!waiting) return [{ type: 'removed', participant }];
      return [{ type: 'refused', participant, router: this.#router, controller }];
    });
  }

  /** What is to be said of them, for the state to be right. */
  corrections(state: MeetingState, isMoving: (participant: ParticipantId) => boolean): RouterAct[] {
    const removed = new Set(state.removed);
    const missing = [...this.#people].filter(([participant, { waiting }]) => {
      if (state.people.has(participant) || removed.has(participant)) return false;
      return !(waiting && state.waiting.has(participant)) && !isMoving(participant);
    });
    const strangers = [...served(state.people), ...served(state.waiting)].flatMap(([participant, router]) =>
      router === this.#router && !this.#people.has(participant) && !isMoving(participant) ? participant : [],
    );
    return [
      ...batches(strangers).map((participants): RouterAct => ({ type: 'leave', router: this.#router, participants })),
      ...batches(missing).map((batch): RouterAct => {
        const people = batch.map(([participant, person]) => ({ participant, ...person }));
        return { type: 'rejoin', router: this.#router, people };
      }),
    ];
  }

  #update(participant: ParticipantId, { name, role }: { name: string; role: Role }): void {
    const own = this.#people.get(participant);
    if (own !== undefined) this.#people.set(participant, { ...own, name, role, waiting: false });
  }
}

/** Who is served by which router. */
export function* served(
  people: ReadonlyMap<ParticipantId, { readonly router?: RouterId | undefined }>,
): Iterable<readonly [ParticipantId, RouterId]> {
  for (const [participant, { router }] of people) if (router !== undefined) yield [participant, router];
}

export function batches<Item>(items: readonly Item[]): Item[][] {
  const result: Item[][] = [];
  for (let first = 0; first < items.length; first += MAX_BATCH) result.push(items.slice(first, first + MAX_BATCH));
  return result;
}
