/** Who is in the state and is not coming back: with a router that is gone, or from a room that has been closed or left. */
import type { ParticipantId, RouterId } from '../../../common/ids.ts';
import type { RouterAct } from './acts.ts';
import { isRoomOpen } from './decision.ts';
import type { MeetingState } from './meeting-state.ts';
import { batches, served } from './own-people.ts';

/** People of a lost router are with another one by then; rosters have shown them as away for a while. */
export const LOST_AFTER_MS = 15_000;
/** From a room, by a controller, with a new connection. */
export const RETURN_WITHIN_MS = 60_000;

export class Absences {
  readonly #lostSince = new Map<RouterId, number>();
  readonly #outSince = new Map<ParticipantId, number>();

  /** Of the router that decides. `attached`: the routers that it reaches. */
  check(nowMs: number, state: MeetingState, attached: ReadonlySet<RouterId>): RouterAct[] {
    const byRouter = new Map<RouterId, ParticipantId[]>();
    for (const [participant, router] of [...served(state.people), ...served(state.waiting)]) {
      if (attached.has(router)) continue;
      const people = byRouter.get(router);
      if (people === undefined) byRouter.set(router, [participant]);
      else people.push(participant);
    }
    const out = [...state.people].flatMap(([participant, { room, away }]) =>
      room === undefined || (isRoomOpen(state, room) && !away) ? [] : participant,
    );
    const lost = overdue(this.#lostSince, nowMs, [...byRouter.keys()], LOST_AFTER_MS);
    const strayed = overdue(this.#outSince, nowMs, out, RETURN_WITHIN_MS);
    return [
      ...lost.flatMap((router) => batches(byRouter.get(router) ?? []).map((people) => leave(router, people))),
      ...batches(strayed).map((people) => leave(undefined, people)),
    ];
  }

  /** Somebody else decides. */
  clear(): void {
    this.#lostSince.clear();
    this.#outSince.clear();
  }
}

function leave(router: RouterId | undefined, participants: readonly ParticipantId[]): RouterAct {
  return { type: 'leave', router, participants };
}

/** Those who have been among `absent` each time, for so long. */
function overdue<Key>(since: Map<Key, number>, nowMs: number, absent: readonly Key[], afterMs: number): Key[] {
  const names = new Set(absent);
  for (const key of [...since.keys()]) if (!names.has(key)) since.delete(key);
  for (const key of names) if (!since.has(key)) since.set(key, nowMs);
  return [...since].flatMap(([key, sinceMs]) => (nowMs - sinceMs >= afterMs ? key : []));
}
