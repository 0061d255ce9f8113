/** One way that was begun, and what has come of it so far. Pure. */
import type { Prospect } from '../media-way.ts';
import type { Step } from './ladder.ts';

export interface Attempt {
  readonly step: Step;
  readonly ms: number;
  /** For people; undefined while it is tried. */
  readonly why: string | undefined;
}

/** How often what is tried has its time. */
const TIMES: Readonly<Record<Prospect, number>> = { unknown: 1, good: 2, bad: 0 };

export class Trial {
  /**
   * `first`: the connection with which the stay began, or that was in use. `entering`: a session of a tunnel is being opened. `ready`: media
   * may try it. `tried`: it does.
   */
  stage: 'first' | 'entering' | 'ready' | 'tried';
  prospect: Prospect = 'unknown';
  readonly #startedMs: number;
  /** From when on it may be tried, and since when it is. */
  #turnMs: number;
  #end: { readonly atMs: number; readonly why: string } | undefined;

  constructor(nowMs: number, stage: Trial['stage']) {
    this.stage = stage;
    this.#startedMs = nowMs;
    this.#turnMs = nowMs;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  isReady(nowMs: number): boolean {
    return this.stage === 'ready' && !this.isOver && nowMs >= this.#turnMs;
  }

  /** It has been tried for longer than this. */
  isLongerThan(turnMs: number, nowMs: number): boolean {
    return nowMs - this.#turnMs >= TIMES[this.prospect] * turnMs;
  }

  isOf(...stages: readonly Trial['stage'][]): boolean {
    return stages.includes(this.stage);
  }

  handleOpen(nowMs: number): void {
    this.stage = 'ready';
    this.#turnMs = nowMs;
  }

  try(nowMs: number): void {
    this.stage = 'tried';
    this.#turnMs = nowMs;
  }

  putOff(untilMs: number): void {
    this.stage = 'ready';
    this.#turnMs = untilMs;
  }

  end(nowMs: number, why: string): void {
    this.#end ??= { atMs: nowMs, why };
  }

  report(nowMs: number): Omit<Attempt, 'step'> {
    return { ms: Math.round((this.#end?.atMs ?? nowMs) - this.#startedMs), why: this.#end?.why };
  }
}
