/**
 * Tells clients how a meeting's state has changed since they heard of it last: one serialisation for all who see the same.
 * Pure but for what it sends.
 */
import type { ParticipantId } from '../../common/ids.ts';
import type { MeetingState } from '../../mmr/control/state/meeting-state.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import {
  changesFor,
  type Difference,
  differenceOf,
  entryFor,
  isWhole,
  kindOf,
  privyTo,
  privyToChange,
} from './client-view.ts';

/** A client, as far as it is told of the state. */
export interface Listener {
  readonly participant: ParticipantId;
  /** The state as it was told last; undefined: not at all yet. */
  told: MeetingState | undefined;
  /** A ServerMessage. */
  sendText(text: string): void;
}

export function tellState(listeners: Iterable<Listener>, state: MeetingState): void {
  // Of those who have come at different times, not all know the same.
  const tellings = new Map<MeetingState | undefined, Telling>();
  for (const listener of listeners) {
    const { told, participant } = listener;
    if (told === state) continue;
    const telling = tellings.get(told) ?? new Telling(told, state);
    tellings.set(told, telling);
    listener.told = state;
    const text = telling.textFor(participant);
    if (text !== undefined) listener.sendText(text);
  }
}

/** From one state to another. */
class Telling {
  readonly #state: MeetingState;
  readonly #difference: Difference | undefined;
  readonly #texts = new Map<string, string | undefined>();
  /** Looked for only when it is needed. */
  readonly #privy: { whole?: ReadonlySet<string>; change?: ReadonlySet<string> } = {};

  constructor(before: MeetingState | undefined, state: MeetingState) {
    this.#state = state;
    this.#difference = before && differenceOf(before, state);
  }

  /** undefined: nothing that he is told. */
  textFor(viewer: ParticipantId): string | undefined {
    const difference = this.#difference;
    if (difference === undefined || isWhole(difference, viewer)) {
      this.#privy.whole ??= privyTo(this.#state);
      return this.#shared('whole', viewer, this.#privy.whole, () => whole(this.#state, viewer));
    }
    this.#privy.change ??= privyToChange(difference);
    return this.#shared('change', viewer, this.#privy.change, () => changes(difference, viewer));
  }

  /** Rendered once for all of a kind, but for those to whom something is private. */
  #shared(what: string, viewer: ParticipantId, privy: ReadonlySet<string>, render: () => string | undefined) {
    if (privy.has(viewer)) return render();
    const key = `${what} ${kindOf(this.#state, viewer)}`;
    if (!this.#texts.has(key)) this.#texts.set(key, render());
    return this.#texts.get(key);
  }
}

function whole(state: MeetingState, viewer: ParticipantId): string {
  return text({ type: 'wholeState', state: entryFor(state, viewer) });
}

function changes(difference: Difference, viewer: ParticipantId): string | undefined {
  const all = changesFor(difference, viewer);
  return all.length === 0 ? undefined : text({ type: 'state', changes: all });
}

function text(message: ServerMessage): string {
  return JSON.stringify(message);
}
