/**
 * By which way media goes: straight to the router, by a relay, or by a tunnel. Says which way to begin and when to ask whether the straight one is
 * open again. Pure: times are milliseconds of one clock.
 */
import type { CarrierKind } from '../../tunnel/carriers/session-carrier.ts';

/** `direct`: the router's own addresses. `relay`: those and TURN, all side by side, which ICE sees to. */
export type Step = 'direct' | 'relay' | CarrierKind;
/** The best one first. */
export const STEPS = ['direct', 'relay', 'webSocket', 'httpStream', 'longPoll'] as const satisfies readonly Step[];

/** After the search has begun, unless all before have failed. A good network is connected long before the first of them. */
const BEGIN_MS: Readonly<Record<Step, number>> = {
  direct: 0,
  relay: 700,
  webSocket: 2_000,
  httpStream: 3_000,
  longPoll: 4_000,
};
/** Between two questions whether the straight way is open, while another one is in use. */
export const PROBE_MS = 30_000;
/** It seemed open, and media did not come by it: next time, twice as long, at most this. */
const LONGEST_PROBE_MS = 300_000;
/** Everything has failed, and what is in use is still silent. */
const SEARCH_AGAIN_MS = 10_000;

export type LadderAct = { readonly type: 'begin'; readonly step: Step } | { readonly type: 'probe' };

export interface Attempt {
  readonly step: Step;
  readonly ms: number;
  /** For people; undefined while it is tried. */
  readonly why: string | undefined;
}

interface Trial {
  readonly startedMs: number;
  end: { readonly atMs: number; readonly why: string } | undefined;
}

export class Ladder {
  /** Of the search that is going on, or was the last one. */
  #trials = new Map<Step, Trial>();
  #offered: readonly Step[] = ['direct'];
  /** Since when a way is sought; undefined while there is one. */
  #searchMs: number | undefined;
  #inUse: Step | undefined;
  /** Better than the one in use, and begun while that is well. */
  #climb: Step | undefined;
  #isProbing = false;
  /** The probe is to say whether the silence is ours. */
  #isSilent = false;
  #probeDueMs = Number.POSITIVE_INFINITY;
  #probePauseMs = PROBE_MS;
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  /** By which media goes, or went last. */
  get inUse(): Step | undefined {
    return this.#inUse;
  }

  /** There is a way that may still come: under way, or not begun yet. That of `direct` is told by its connection. */
  get isSearching(): boolean {
    if (this.#searchMs === undefined) return false;
    return this.#offered.some((step) => step !== 'direct' && this.#trials.get(step)?.end === undefined);
  }

  /** Which ways there are, besides `direct`. */
  offer(steps: Iterable<Step>): void {
    const offered = new Set(steps);
    this.#offered = STEPS.filter((step) => step === 'direct' || offered.has(step));
  }

  /** A first connection was answered, by this step. */
  handleAnswered(nowMs: number, step: Step): void {
    this.#search(nowMs);
    this.#trials.set(step, { startedMs: nowMs, end: undefined });
  }

  /** Media goes by it from now on. Whatever else was begun is of no use any more. */
  handleConnected(nowMs: number, step: Step): void {
    for (const [other, trial] of this.#trials) {
      if (other !== step && trial.end === undefined) trial.end = { atMs: nowMs, why: 'another way was faster' };
    }
    this.#searchMs = undefined;
    this.#climb = undefined;
    this.#isSilent = false;
    if (step === 'direct') this.#probePauseMs = PROBE_MS;
    this.#inUse = step;
    this.#probeDueMs = step === 'direct' ? Number.POSITIVE_INFINITY : nowMs + this.#probePauseMs;
  }

  handleFailed(nowMs: number, step: Step, why: string): void {
    const trial = this.#trials.get(step);
    if (trial !== undefined && trial.end === undefined) trial.end = { atMs: nowMs, why };
    if (this.#climb !== step) return;
    this.#climb = undefined;
    this.#probePauseMs = Math.min(LONGEST_PROBE_MS, 2 * this.#probePauseMs);
    this.#probeDueMs = nowMs + this.#probePauseMs;
  }

  /** Nothing comes by what is in use. Is it the network, or the router? */
  handleSilent(nowMs: number): void {
    if (this.#inUse === undefined || this.#searchMs !== undefined || this.#isSilent) return;
    if (this.#offered.length < 2 || nowMs < this.#quietUntilMs) return;
    this.#isSilent = true;
    this.#probeDueMs = nowMs;
  }

  /** Another network, or the same one again. */
  handleNetworkChange(nowMs: number): void {
    this.#probePauseMs = PROBE_MS;
    this.#quietUntilMs = nowMs;
    if (this.#inUse !== undefined && this.#inUse !== 'direct') this.#probeDueMs = nowMs;
  }

  /** Whether the straight way is open. */
  handleProbed(nowMs: number, isOpen: boolean): void {
    this.#isProbing = false;
    const isSilent = this.#isSilent;
    this.#isSilent = false;
    if (this.#searchMs !== undefined || this.#inUse === undefined) return;
    const isDirect = this.#inUse === 'direct';
    this.#probeDueMs = isDirect ? Number.POSITIVE_INFINITY : nowMs + this.#probePauseMs;
    if (isOpen && !isDirect && this.#climb === undefined) {
      this.#climb = 'direct';
      this.#trials = new Map();
    } else if (!isOpen && isSilent) {
      this.#search(nowMs - BEGIN_MS.relay);
      this.#trials.set('direct', { startedMs: nowMs, end: { atMs: nowMs, why: 'UDP does not reach the zone' } });
    } else if (isSilent) {
      this.#quietUntilMs = nowMs + SEARCH_AGAIN_MS;
    }
  }

  /** The server has media go elsewhere: nothing of ours is to be in its way. By the step in use, if there is one. */
  handleMoved(nowMs: number): void {
    for (const trial of this.#trials.values()) trial.end ??= { atMs: nowMs, why: 'media went to another router' };
    this.#searchMs = undefined;
    this.#climb = undefined;
    this.#isSilent = false;
  }

  /** What is to be done now, each once. */
  poll(nowMs: number): LadderAct[] {
    const acts: LadderAct[] = [];
    const begin = (step: Step) => {
      this.#trials.set(step, { startedMs: nowMs, end: undefined });
      acts.push({ type: 'begin', step });
    };
    if (this.#searchMs !== undefined) {
      for (const step of this.#offered) if (this.#isDue(step, nowMs - this.#searchMs)) begin(step);
      this.#giveUp(nowMs);
    }
    if (this.#climb !== undefined && !this.#trials.has(this.#climb)) begin(this.#climb);
    if (!this.#isProbing && this.#climb === undefined && nowMs >= this.#probeDueMs) {
      this.#isProbing = true;
      acts.push({ type: 'probe' });
    }
    return acts;
  }

  /** What was tried, in order, and what has come of it. */
  report(nowMs: number): Attempt[] {
    return [...this.#trials].map(([step, { startedMs, end }]) => {
      return { step, ms: Math.round((end?.atMs ?? nowMs) - startedMs), why: end?.why };
    });
  }

  #search(nowMs: number): void {
    this.#searchMs = nowMs;
    this.#climb = undefined;
    this.#isSilent = false;
    this.#probeDueMs = Number.POSITIVE_INFINITY;
    this.#trials = new Map();
  }

  #isDue(step: Step, sinceMs: number): boolean {
    if (this.#trials.has(step)) return false;
    const before = this.#offered.slice(0, this.#offered.indexOf(step));
    return sinceMs >= BEGIN_MS[step] || before.every((each) => this.#trials.get(each)?.end !== undefined);
  }

  /** Who had a way before, and finds none, looks again in a while, if nothing comes still. */
  #giveUp(nowMs: number): void {
    if (this.#inUse === undefined || this.isSearching) return;
    this.#searchMs = undefined;
    this.#quietUntilMs = nowMs + SEARCH_AGAIN_MS;
    this.#probeDueMs = this.#inUse === 'direct' ? Number.POSITIVE_INFINITY : nowMs + this.#probePauseMs;
  }
}
