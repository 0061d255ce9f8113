/**
 * By which way media goes: straight to the router, by a relay, or by a tunnel. Says what to begin, what media is to try, and when to ask
 * whether a better way is open. Sessions of tunnels are opened side by side and beside everything else; the router keeps one
 * connection besides that in use, so there is one place in which media tries one way at a time. Pure: times are milliseconds of one clock.
 */
import type { CarrierKind } from '../../tunnel/carriers/session-carrier.ts';
import type { Prospect } from '../media-way.ts';
import { type Attempt, Trial } from './trial.ts';

/** `direct`: the router's own addresses. `relay`: those and TURN, all side by side, which ICE sees to. */
export type Step = 'direct' | 'relay' | CarrierKind;
/** The best one first. */
export const STEPS = ['direct', 'relay', 'webSocket', 'httpStream', 'longPoll'] as const satisfies readonly Step[];

export function isTunnel(step: Step): step is CarrierKind {
  return step !== 'direct' && step !== 'relay';
}

/** After the search has begun, unless all before have failed. A good network is connected long before the first of them. */
const BEGIN_MS: Readonly<Record<Step, number>> = {
  direct: 0,
  relay: 700,
  webSocket: 1_000,
  httpStream: 1_500,
  longPoll: 2_000,
};
/** For what is tried, while another way stands ready: then that one has its turn. A relay that nobody has answered from is a mere hope. */
const [RELAY_TURN_MS, TURN_MS] = [1_500, 4_000];
/** Between two questions whether a better way is open. */
export const PROBE_MS = 30_000;
/** It seemed open and was not, or not for long: next time, twice as long, at most this. */
const LONGEST_PROBE_MS = 300_000;
/** UDP that has lasted so long is well. */
const STEADY_MS = 120_000;
/** Whom UDP answers, it has answered by then. */
const ANSWER_MS = 700;
/** UDP is well and media silent: for so long it is the server's business. */
const ROUTER_MS = 5_000;
/** Everything has failed, and what is in use is still silent. */
const SEARCH_AGAIN_MS = 10_000;

export type LadderAct =
  /** Opens a session of a tunnel. */
  | { readonly type: 'enter'; readonly step: CarrierKind }
  /** Media is to try it, in place of what it tries now. */
  | { readonly type: 'try'; readonly step: Step }
  /** Media is to give up what it tries, and stay where it is. */
  | { readonly type: 'stay' }
  /** Asks which of these is open, the best one first. */
  | { readonly type: 'probe'; readonly steps: readonly Step[] };

/** Nothing comes by what is in use. */
interface Doubt {
  readonly sinceMs: number;
  /** It has lasted. */
  isSilent: boolean;
  /** Whether UDP is open. */
  answer: boolean | undefined;
}

export class Ladder {
  /** Of the search that is going on, or was the last one; in the order in which they began. */
  #trials = new Map<Step, Trial>();
  #offered: readonly Step[] = ['direct'];
  /** Since when a way is sought; undefined while there is one. */
  #searchMs: number | undefined;
  #inUse: Step | undefined;
  /** Worked last where UDP did not. */
  #known: Step | undefined;
  /** What media tries besides the connection in use. */
  #place: Step | undefined;
  /** To be gone to while the one in use is well. */
  #climb: Step | undefined;
  #doubt: Doubt | undefined;
  #isProbing = false;
  #probeDueMs = Number.POSITIVE_INFINITY;
  #probePauseMs = PROBE_MS;
  /** UDP was well, and media silent all the same. */
  #wasRouter = false;
  #quietUntilMs = Number.NEGATIVE_INFINITY;
  /** When media came back to `direct`; long ago when it has never left it. */
  #directSinceMs = Number.NEGATIVE_INFINITY;

  /** `known`: by which media went a moment ago, elsewhere. */
  constructor(known?: Step) {
    if (known !== 'direct') this.#known = known;
  }

  /** By which media goes, or went last. */
  get inUse(): Step | undefined {
    return this.#inUse;
  }

  /** There is a way that may still come: under way, or not begun yet. The connection in use, or the first one, tells of itself. */
  get isSearching(): boolean {
    return this.#searchMs !== undefined && this.#sought.some((step) => this.#trials.get(step)?.isOver !== true);
  }

  /** It is waited for, stands ready, or is tried. */
  wants(step: Step): boolean {
    const isSought = this.#searchMs !== undefined || this.#climb === step;
    return isSought && this.#trials.get(step)?.isOver === false;
  }

  /** A session of this kind that is open would be of use. */
  lacks(step: Step): boolean {
    const trial = this.#trials.get(step);
    return this.#searchMs !== undefined && (trial === undefined || (trial.stage === 'entering' && !trial.isOver));
  }

  /** Which ways there are, besides `direct`. */
  offer(steps: Iterable<Step>): void {
    const offered = new Set(steps);
    this.#offered = STEPS.filter((step) => step === 'direct' || offered.has(step));
  }

  /** A first connection was answered, made by this step. */
  handleAnswered(nowMs: number, step: Step): void {
    this.#inUse = undefined;
    this.#search(nowMs);
    this.#trials.set(step, new Trial(nowMs, 'first'));
    if (step !== 'direct') this.#probeDueMs = nowMs;
  }

  /** A tunnel's session is open. Whether it is of use. */
  handleOpen(nowMs: number, step: CarrierKind): boolean {
    const trial = this.#trials.get(step);
    if (trial === undefined && this.#searchMs !== undefined) this.#trials.set(step, new Trial(nowMs, 'ready'));
    else if (trial?.stage !== 'entering' || trial.isOver) return false;
    else trial.handleOpen(nowMs);
    return true;
  }

  /** Of the one that is tried: worth a longer wait, or none where another way stands ready. */
  handleProspect(step: Step, prospect: Prospect): void {
    const trial = this.#trials.get(step);
    if (trial !== undefined) trial.prospect = prospect;
  }

  /** Media goes by a connection that was made by this step. Whatever else was begun is of no use any more. */
  handleConnected(nowMs: number, step: Step): void {
    if (this.#place === step) this.#place = undefined;
    const better = STEPS.slice(0, STEPS.indexOf(step));
    for (const each of better)
      if (this.#trials.get(each)?.isOf('first', 'tried')) this.handleFailed(nowMs, each, 'no answer');
    this.#forget(step);
    this.#wasRouter = false;
    if (step === 'direct' && this.#inUse !== step) {
      this.#directSinceMs = this.#inUse === undefined ? Number.NEGATIVE_INFINITY : nowMs;
    }
    this.handleRung(nowMs, step);
  }

  /** At a closer look, or by now, it goes by this step. */
  handleRung(nowMs: number, step: Step): void {
    this.#inUse = step;
    if (step !== 'direct') this.#known = step;
    this.#awaitProbe(nowMs);
  }

  handleFailed(nowMs: number, step: Step, why: string): void {
    this.#trials.get(step)?.end(nowMs, why);
    if (this.#place === step) this.#place = undefined;
    if (this.#climb !== step) return;
    this.#climb = undefined;
    this.#probePauseMs = Math.min(LONGEST_PROBE_MS, 2 * this.#probePauseMs);
    this.#awaitProbe(nowMs);
  }

  /** It could not be tried at the moment: once more after this pause. */
  handlePutOff(nowMs: number, step: Step, pauseMs: number): void {
    if (this.#place === step) this.#place = undefined;
    this.#trials.get(step)?.putOff(nowMs + pauseMs);
  }

  /** Nothing has come by what is in use for a moment. */
  handleDoubt(nowMs: number): void {
    if (this.#inUse === undefined || this.#searchMs !== undefined || this.#climb !== undefined) return;
    if (this.#doubt !== undefined || nowMs < this.#quietUntilMs || this.#offered.length < 2) return;
    this.#doubt = { sinceMs: nowMs, isSilent: false, answer: undefined };
    this.#probeDueMs = nowMs;
  }

  /** Nothing comes by what is in use. Is it the network, or the router? */
  handleSilent(nowMs: number): void {
    this.handleDoubt(nowMs);
    if (this.#doubt !== undefined) this.#doubt.isSilent = true;
  }

  /** Something comes again by what is in use. */
  handleHeard(nowMs: number): void {
    this.#wasRouter = false;
    this.#doubt = undefined;
    if (this.#inUse === undefined || this.#searchMs === undefined) return;
    this.#forget();
    this.#awaitProbe(nowMs);
  }

  /** What is in use, or was to be the first, has failed for good. */
  handleLost(nowMs: number): void {
    if (this.#inUse === undefined) {
      for (const [step, trial] of this.#trials)
        if (trial.stage === 'first') this.handleFailed(nowMs, step, 'it failed');
    } else if (this.#searchMs === undefined) this.#searchAgain(nowMs);
  }

  /** The tunnel or the relay in use is about to end. */
  handleEnding(): void {
    if (this.#searchMs !== undefined || this.#climb !== undefined || this.#inUse === undefined) return;
    this.#climb = this.#inUse;
    this.#trials = new Map();
  }

  /** Another network, or the same one again. */
  handleNetworkChange(nowMs: number): void {
    this.#probePauseMs = PROBE_MS;
    this.#quietUntilMs = nowMs;
    if (this.#inUse !== undefined && this.#inUse !== 'direct') this.#probeDueMs = nowMs;
  }

  /** The best one that is open, of those that were asked about. */
  handleProbed(nowMs: number, step: Step | undefined): void {
    this.#isProbing = false;
    if (this.#doubt !== undefined) this.#doubt.answer = step === 'direct';
    if (this.#searchMs !== undefined) {
      this.#probeDueMs = Number.POSITIVE_INFINITY;
      if (step === 'direct' && !this.#trials.has(step)) this.#trials.set(step, new Trial(nowMs, 'ready'));
    }
    if (this.#searchMs !== undefined || this.#inUse === undefined) return;
    this.#awaitProbe(nowMs);
    if (step === undefined || this.#doubt !== undefined || this.#climb !== undefined || step === this.#inUse) return;
    this.#climb = step;
    this.#trials = new Map([[step, new Trial(nowMs, 'ready')]]);
  }

  /** The server has media go elsewhere: nothing of ours is to be in its way. By the step in use, if there is one. */
  handleMoved(nowMs: number): void {
    this.#forget();
    // It has taken the place already.
    this.#place = undefined;
    if (this.#inUse !== undefined) this.#awaitProbe(nowMs);
  }

  /** What is to be done now, each once. `mayTry`: the server can be asked for another connection. */
  poll(nowMs: number, mayTry = true): LadderAct[] {
    this.#judge(nowMs);
    const acts: LadderAct[] = this.#begin(nowMs);
    acts.push(...this.#fillPlace(nowMs, mayTry));
    this.#giveUp(nowMs);
    if (!this.#isProbing && this.#climb === undefined && nowMs >= this.#probeDueMs) {
      this.#isProbing = true;
      acts.push({
        type: 'probe',
        steps: this.#doubt === undefined && this.#searchMs === undefined ? this.#better : ['direct'],
      });
    }
    return acts;
  }

  /** What was tried, in order, and what has come of it. */
  report(nowMs: number): Attempt[] {
    return [...this.#trials].map(([step, trial]) => ({ step, ...trial.report(nowMs) }));
  }

  /** In a search. Whether UDP is open is found out by asking where that costs less. */
  get #sought(): Step[] {
    return this.#offered.filter((step) => {
      const stage = this.#trials.get(step)?.stage;
      return stage !== 'first' && (step !== 'direct' || stage !== undefined);
    });
  }

  /** Than the one in use. */
  get #better(): Step[] {
    const { inUse } = this;
    return inUse === undefined ? [] : this.#offered.filter((step) => STEPS.indexOf(step) < STEPS.indexOf(inUse));
  }

  #search(nowMs: number): void {
    this.#searchMs = nowMs;
    this.#climb = undefined;
    this.#doubt = undefined;
    this.#probeDueMs = Number.POSITIVE_INFINITY;
    this.#trials = new Map();
  }

  /** In the middle of a stay: what is in use was good, and is not any more. */
  #searchAgain(nowMs: number): void {
    const { inUse } = this;
    if (inUse === 'direct') {
      // It came back, and went again.
      const isSteady = nowMs - this.#directSinceMs >= STEADY_MS;
      this.#probePauseMs = isSteady ? PROBE_MS : Math.min(LONGEST_PROBE_MS, 2 * this.#probePauseMs);
    }
    const isUdpOpen = this.#doubt?.answer === true;
    // What worked last is begun at once, and otherwise a relay.
    this.#search(this.#known === undefined || this.#known === 'relay' ? nowMs - BEGIN_MS.relay : nowMs);
    const direct = new Trial(nowMs, isUdpOpen ? 'ready' : 'first');
    if (!isUdpOpen) direct.end(nowMs, 'UDP does not reach the zone');
    if (inUse === 'direct' || isUdpOpen) this.#trials.set('direct', direct);
  }

  /** Whether silence is reason to go. */
  #judge(nowMs: number): void {
    const doubt = this.#doubt;
    if (doubt === undefined || !doubt.isSilent) return;
    if (doubt.answer === undefined && nowMs - doubt.sinceMs < ANSWER_MS) return;
    if (doubt.answer === true && this.#inUse === 'direct' && !this.#wasRouter) {
      this.#wasRouter = true;
      this.#quietUntilMs = nowMs + ROUTER_MS;
      this.#doubt = undefined;
      this.#awaitProbe(nowMs);
    } else {
      this.#searchAgain(nowMs);
    }
  }

  /** Ways that are due. */
  #begin(nowMs: number): LadderAct[] {
    const acts: LadderAct[] = [];
    const steps =
      this.#searchMs === undefined ? this.#climbing : this.#sought.filter((step) => this.#isDue(step, nowMs));
    for (const step of steps) {
      if (this.#trials.has(step)) continue;
      // One tunnel that is open is enough.
      if (isTunnel(step) && this.#isInTunnel) continue;
      this.#trials.set(step, new Trial(nowMs, isTunnel(step) ? 'entering' : 'ready'));
      if (isTunnel(step)) acts.push({ type: 'enter', step });
    }
    return acts;
  }

  get #climbing(): Step[] {
    return this.#climb === undefined ? [] : [this.#climb];
  }

  get #isInTunnel(): boolean {
    return [...this.#trials].some(([step, { stage, isOver }]) => isTunnel(step) && stage !== 'entering' && !isOver);
  }

  #isDue(step: Step, nowMs: number): boolean {
    if (step === this.#known) return true;
    const order = [...this.#offered].sort((a, b) => Number(b === this.#known) - Number(a === this.#known));
    const before = order.slice(0, order.indexOf(step));
    return (
      nowMs - (this.#searchMs ?? nowMs) >= BEGIN_MS[step] ||
      before.every((each) => (each === 'direct' && this.#inUse !== undefined) || this.#trials.get(each)?.isOver)
    );
  }

  /** Who is to be tried now, if another one than before. */
  #fillPlace(nowMs: number, mayTry: boolean): LadderAct[] {
    const place = this.#place;
    const holder = place === undefined ? undefined : this.#trials.get(place);
    const isHeld = holder !== undefined && !holder.isOver;
    const next = mayTry ? STEPS.find((step) => this.#trials.get(step)?.isReady(nowMs)) : undefined;
    if (isHeld && (next === undefined || !holder.isLongerThan(place === 'relay' ? RELAY_TURN_MS : TURN_MS, nowMs))) {
      return [];
    }
    this.#place = next;
    if (next === undefined) return place === undefined ? [] : [{ type: 'stay' }];
    holder?.end(nowMs, holder.prospect === 'bad' ? 'no relay answered' : 'no answer');
    this.#trials.get(next)?.try(nowMs);
    return [{ type: 'try', step: next }];
  }

  /** Who had a way before, and finds none, looks again in a while, if nothing comes still. */
  #giveUp(nowMs: number): void {
    if (this.#inUse === undefined || this.#searchMs === undefined || this.isSearching) return;
    this.#searchMs = undefined;
    this.#quietUntilMs = nowMs + SEARCH_AGAIN_MS;
    this.#awaitProbe(nowMs);
  }

  /** Nothing is sought any more, and what has not come to an end was for nothing. */
  #forget(except?: Step): void {
    for (const [step, { isOver }] of this.#trials) if (step !== except && !isOver) this.#trials.delete(step);
    this.#searchMs = undefined;
    this.#climb = undefined;
    this.#doubt = undefined;
  }

  #awaitProbe(nowMs: number): void {
    this.#probeDueMs = this.#inUse === 'direct' ? Number.POSITIVE_INFINITY : nowMs + this.#probePauseMs;
  }
}
