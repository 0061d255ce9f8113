/** What a router says by itself, so that the state is right about its people and nothing that was said is lost. */
import type { ParticipantId, RouterId } from '../../../common/ids.ts';
import { Absences } from './absences.ts';
import type { Act, RouterAct } from './acts.ts';
import type { Change } from './changes.ts';
import { bounded } from './chat-history.ts';
import type { MeetingCopy } from './meeting-copy.ts';
import type { ChatMessage, MeetingState } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { OwnPeople } from './own-people.ts';
import type { PendingActs } from './pending-acts.ts';
import type { Refusal } from './refusal.ts';

export class Upkeep {
  readonly #own: OwnPeople;
  readonly #absences = new Absences();
  /** Said in a part that was cut off, and to be brought to the others. */
  #orphans: readonly ChatMessage[] = [];
  #isAppending = false;

  constructor(router: RouterId) {
    this.#own = new OwnPeople(router);
  }

  /** By this router; the state has him. */
  joined(participant: ParticipantId, controller: string, state: MeetingState): void {
    this.#own.add(participant, controller, state);
  }

  left(participant: ParticipantId): void {
    this.#own.delete(participant);
  }

  changed(changes: readonly Change[]): void {
    this.#own.apply(changes);
  }

  /** The copy is another one than before. Gives what those who are here have not been told of it. */
  adopted(before: MeetingState | undefined, copy: MeetingCopy): Notice[] {
    const missed = (before?.chat ?? []).filter((message) => copy.misses(message));
    const known = new Set(this.#orphans.map(({ id }) => id));
    this.#orphans = bounded([...this.#orphans, ...missed.filter(({ id }) => !known.has(id))]);
    return this.#own.adopt(copy.state);
  }

  /** Those who are here and may not be. */
  outside(state: MeetingState): Notice[] {
    return this.#own.outside(state);
  }

  /** Who is with this router, and what was said. The outcome of each is given to `settled`. */
  corrections(state: MeetingState, pending: PendingActs): RouterAct[] {
    const acts = this.#own.corrections(state, (participant) => pending.isAbout((act) => concerns(act, participant)));
    if (this.#orphans.length === 0 || this.#isAppending) return acts;
    this.#isAppending = true;
    return [...acts, { type: 'appendChat', messages: this.#orphans }];
  }

  settled(act: RouterAct, refusal: Refusal | undefined): void {
    if (act.type !== 'appendChat') return;
    this.#isAppending = false;
    if (refusal?.code === 'tryAgain') return;
    const brought = new Set(act.messages.map(({ id }) => id));
    this.#orphans = this.#orphans.filter(({ id }) => !brought.has(id));
  }

  /** Of the router that decides: who is not coming back. */
  absent(nowMs: number, state: MeetingState, attached: readonly RouterId[]): RouterAct[] {
    return this.#absences.check(nowMs, state, new Set(attached));
  }

  /** Another router decides. */
  stepBack(): void {
    this.#absences.clear();
  }
}

function concerns(act: Act, participant: ParticipantId): boolean {
  if (act.type === 'join') return act.participant === participant;
  if (act.type === 'leave') return act.participants.includes(participant);
  return act.type === 'rejoin' && act.people.some((each) => each.participant === participant);
}
