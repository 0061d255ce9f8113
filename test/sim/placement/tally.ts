/** Numbers of a simulation: how many decisions of which kind, at what cost, and how evenly the zone is loaded. */
import type { Explanation, Reason } from '../../../zone-controller/placement/explanation.ts';

export class Cost {
  decisions = 0;
  steps = 0;
  maxSteps = 0;
  timeUs = 0;

  add({ steps }: Pick<Explanation, 'steps'>, timeUs: number): void {
    this.decisions++;
    this.steps += steps;
    this.maxSteps = Math.max(this.maxSteps, steps);
    this.timeUs += timeUs;
  }

  get stepsEach(): number {
    return this.steps / Math.max(1, this.decisions);
  }

  get usEach(): number {
    return this.timeUs / Math.max(1, this.decisions);
  }
}

export interface Balance {
  readonly when: string;
  readonly meetings: number;
  readonly people: number;
  /** Packets of the workers, of what they can carry. */
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** `loads` in ascending order. */
export function balanceOf(when: string, meetings: number, people: number, loads: Float64Array): Balance {
  const at = (share: number): number => loads[Math.min(loads.length - 1, Math.floor(share * loads.length))] ?? 0;
  const mean = loads.reduce((sum, load) => sum + load, 0) / Math.max(1, loads.length);
  return { when, meetings, people, mean, p50: at(0.5), p99: at(0.99), max: at(1) };
}

export class Tally {
  readonly placing = new Cost();
  readonly joining = new Cost();
  /** Of the joins: those that made a branch. */
  readonly growing = new Cost();
  readonly rerooting = new Cost();
  reports = 0;
  reportUs = 0;
  readonly balances: Balance[] = [];
  /** How often meetings and joins were told to come back later. */
  refusedMeetings = 0;
  readonly refusals: Partial<Record<Reason, number>> = {};
  /** Looks at a worker, one a second, that found it above what it can carry. */
  overloads = 0;
  shrinks = 0;
  moves = 0;
  largestTree = 1;
  /** Meetings on lost routers, and how long until all their people were placed again. */
  rerooted = 0;
  recoveredMs: number | undefined;

  refused(why: Reason): void {
    this.refusals[why] = (this.refusals[why] ?? 0) + 1;
  }
}
