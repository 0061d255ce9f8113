/** A router's copy of a meeting's state: what has led to it, which acts it knows to be done, and its last steps. */
import type { Act } from './acts.ts';
import { apply } from './apply.ts';
import { applyChanges } from './changes.ts';
import { bounded } from './chat-history.ts';
import type { ActContext } from './decision.ts';
import { MAX_REMEMBERED_ACTS } from './limits.ts';
import { isForgotten, isPartOf, type Lineage, withStamp } from './lineage.ts';
import { type ChatMessage, initialState, type MeetingStart, type MeetingState, type Stamp } from './meeting-state.ts';
import type { Refusal } from './refusal.ts';
import type { Step } from './state-messages.ts';
import { fromWhole, isWithinBounds, toWhole, type WholeState } from './whole-state.ts';

/** Steps that are kept for those who have missed them. */
const MAX_STEPS = 128;
/** One with more changes or notices is not kept: telling all is no longer than that. */
const MAX_KEPT_CHANGES = 100;

/** Of acts that were refused here, by which one that comes by two ways is answered alike. */
const MAX_REFUSED = 1_024;

/** Neither: it was that way already. */
export interface Applied {
  readonly step?: Step;
  readonly refusal?: Refusal;
}

export class MeetingCopy {
  #state: MeetingState;
  #lineage: Lineage;
  readonly #remembered: Set<string>;
  #steps: Step[] = [];
  readonly #refused = new Map<string, Refusal>();

  private constructor(state: MeetingState, lineage: Lineage, remembered: Iterable<string>) {
    this.#state = state;
    this.#lineage = lineage;
    this.#remembered = new Set(remembered);
  }

  static begin(start: MeetingStart, term: string): MeetingCopy {
    const begun = initialState(start, term);
    const state = { ...begun, chat: bounded(begun.chat) };
    return new MeetingCopy(
      state,
      [{ term, from: state.version }],
      state.chat.map(({ id }) => id),
    );
  }

  static of(whole: WholeState): MeetingCopy {
    return new MeetingCopy(fromWhole(whole), whole.lineage, whole.remembered);
  }

  get state(): MeetingState {
    return this.#state;
  }

  get stamp(): Stamp {
    return { term: this.#state.term, version: this.#state.version };
  }

  /** By who decides; `term`: under which he gives versions. An act that has been decided is not done again. */
  apply(act: Act, context: Omit<ActContext, 'stamp'>, term: string): Applied {
    if (this.#remembered.has(context.id)) return {};
    const refusal = this.#refused.get(context.id);
    if (refusal !== undefined) return { refusal };
    const stamp = { term, version: this.#state.version + 1 };
    const outcome = apply(this.#state, this.#withoutKnown(act), { ...context, stamp });
    if ('refusal' in outcome) {
      this.#refused.set(context.id, outcome.refusal);
      dropOldest(this.#refused, MAX_REFUSED);
      return outcome;
    }
    const { state, changes, notices } = outcome;
    if (changes.length === 0 && notices.length === 0) return {};
    const step = { ...stamp, id: context.id, changes, notices };
    this.#took(step, state);
    return { step };
  }

  /** Of who decides. 'gap': others have come before it, which are missing; 'wrong': it leads to what is no state. */
  take(step: Step): 'taken' | 'gap' | 'wrong' {
    if (step.version !== this.#state.version + 1) return 'gap';
    const state = applyChanges(this.#state, step.changes, step);
    if (!isWithinBounds(state)) return 'wrong';
    this.#took(step, state);
    return 'taken';
  }

  /** What leads from a state with this stamp to this one; undefined when it is another history, or too long ago. */
  stepsSince(stamp: Stamp): Step[] | undefined {
    if (!isPartOf(this.#lineage, this.#state.version, stamp)) return undefined;
    const missing = this.#state.version - stamp.version;
    return missing <= this.#steps.length ? this.#steps.slice(this.#steps.length - missing) : undefined;
  }

  /** Has never been part of this history: said by people who were cut off from it. */
  misses({ id, stamp }: ChatMessage): boolean {
    if (isPartOf(this.#lineage, this.#state.version, stamp) || isForgotten(this.#lineage, stamp)) return false;
    return !this.#remembered.has(id) && !this.#state.chat.some((message) => message.id === id);
  }

  whole(): WholeState {
    return toWhole(this.#state, this.#lineage, this.#remembered);
  }

  #took(step: Step, state: MeetingState): void {
    this.#state = state;
    this.#lineage = withStamp(this.#lineage, step);
    this.#remember(step);
    if (step.changes.length + step.notices.length > MAX_KEPT_CHANGES) this.#steps = [];
    else this.#steps.push(step);
    if (this.#steps.length > MAX_STEPS) this.#steps.shift();
  }

  /** Of the act, and of messages that others may bring, too. */
  #remember({ id, changes }: Step): void {
    this.#remembered.add(id);
    for (const change of changes) if (change.type === 'chat') this.#remembered.add(change.message.id);
    dropOldest(this.#remembered, MAX_REMEMBERED_ACTS);
  }

  #withoutKnown(act: Act): Act {
    if (act.type !== 'appendChat') return act;
    return { ...act, messages: act.messages.filter(({ id }) => !this.#remembered.has(id)) };
  }
}

function dropOldest(remembered: Set<string> | Map<string, unknown>, most: number): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= most) return;
    remembered.delete(oldest);
  }
}
