/** A state with all that another router needs to go on from it, as it goes over the wire. */
import { bounded } from './chat-history.ts';
import { MAX_PEOPLE, MAX_REMEMBERED_ACTS, MAX_TERMS, MAX_WAITING } from './limits.ts';
import type { Lineage } from './lineage.ts';
import type { MeetingState } from './meeting-state.ts';
import { count, id, idList, list, object } from './read-fields.ts';
import { fromListed, LISTED_STATE, type ListedState, toListed } from './state-wire.ts';

export interface WholeState extends ListedState {
  readonly lineage: Lineage;
  /** Ids of acts that have been done, oldest first. */
  readonly remembered: readonly string[];
}

export function toWhole(state: MeetingState, lineage: Lineage, remembered: Iterable<string>): WholeState {
  return { ...toListed(state), lineage, remembered: [...remembered] };
}

export function fromWhole({ lineage: _, remembered: __, ...listed }: WholeState): MeetingState {
  return { ...fromListed(listed), chat: bounded(listed.chat) };
}

/** What no change may lead beyond, whoever tells it. The other bounds hold by themselves. */
export function isWithinBounds({ people, waiting, rooms }: MeetingState): boolean {
  if (people.size > MAX_PEOPLE || waiting.size > MAX_WAITING) return false;
  return rooms.reduce((sum, { assigned }) => sum + assigned.length, 0) <= MAX_PEOPLE;
}

const whole = object({
  ...LISTED_STATE,
  lineage: list(MAX_TERMS, object({ term: id, from: count })),
  remembered: idList(MAX_REMEMBERED_ACTS),
});

/** Undefined: not as it should be. */
export function readWhole(value: unknown): WholeState | undefined {
  const read = whole(value) as WholeState | undefined; // as read, field by field
  return read !== undefined && isWithinBounds(fromWhole(read)) ? read : undefined;
}
