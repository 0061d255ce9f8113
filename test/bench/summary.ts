/** From the rounds of a workload to the figures of one mode: medians, ratios within a round, sums of what was lost. */
import { DropReason } from '../../mmr/media/drop-reason.ts';
import type { WorkerStatistics } from '../../mmr/worker/messages.ts';
import type { FloorFeedback, FloorResult } from './floor.ts';
import type { LoadResult, Percentiles } from './load.ts';
import { median } from './sums.ts';
import type { Mode, Workload } from './workloads.ts';

export type Statistics = WorkerStatistics;

/** What one round gave. The modes that the workload leaves out are missing. */
export interface Round {
  readonly gso: FloorResult;
  /** The GSO floor whose subscribers send what they send with features on. */
  readonly gsoFeedback: FloorResult;
  readonly worker: Readonly<Partial<Record<Mode, LoadResult>>>;
  readonly sendto: FloorResult;
}

export interface ForwardingReport {
  readonly workload: Workload['name'];
  readonly features: Mode;
  readonly cpuUsPerForward: number;
  readonly ratioToGsoFloor: number;
  /** With features on: to the GSO floor that takes in the same feedback. */
  readonly ratioToFeedbackFloor: number | undefined;
  readonly ratioToSendtoFloor: number;
  /** To the same worker's CPU without features; undefined where that was not measured, or is itself. */
  readonly ratioToPlain: number | undefined;
  /** Packets that a sink should have had and did not, over all rounds. */
  readonly lost: number;
  readonly latencyUs: Percentiles;
  readonly bytesPerSubscriber: number | undefined;
  readonly gsoFloorUsPerForward: number;
  /** With features on; what it took in is summed over the rounds, the time before each measurement included. */
  readonly feedbackFloor: ({ readonly usPerForward: number } & FloorFeedback) | undefined;
  readonly sendtoFloorUsPerForward: number;
  readonly gsoFloorLatencyUs: Percentiles;
  readonly forwardedPerSecond: number;
  readonly forwarded: number;
  /** Share of one core that the worker's thread took. */
  readonly cpuUtilization: number;
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly garbageCollection: { readonly count: number; readonly totalMs: number; readonly maxMs: number };
  /** With features on: packets asked for again, brought by RTX, and packets of padding. */
  readonly repairs: { readonly asked: number; readonly repaired: number; readonly padding: number } | undefined;
  /** Packets that the worker dropped meanwhile, by the name of their DropReason. */
  readonly drops: Readonly<Record<string, number>>;
  /** Of the lost packets, those that reached a sink's socket and were thrown away there: the load was too slow. */
  readonly sinkOverflows: number;
  readonly rounds: number;
  readonly seconds: number;
}

/** `bytes` per subscriber; `before` and `after` the rounds, of the worker in this mode. */
export function summarize(
  workload: Workload,
  mode: Mode,
  plan: { readonly rounds: number; readonly seconds: number },
  rounds: readonly Round[],
  before: Statistics,
  after: Statistics,
  bytes: number | undefined,
): ForwardingReport {
  const medianOf = (pick: (round: Round) => number) => median(rounds.map(pick));
  const results = rounds.map((round) => workerIn(round, mode));
  const cost = (round: Round) => perForward(workerIn(round, mode));
  const isComparison = mode === 'on' && workload.modes.includes('off');
  const collections = after.garbageCollection;
  return {
    workload: workload.name,
    features: mode,
    cpuUsPerForward: medianOf(cost),
    ratioToGsoFloor: medianOf((round) => cost(round) / perForward(round.gso)),
    ratioToFeedbackFloor: mode === 'on' ? medianOf((round) => cost(round) / perForward(round.gsoFeedback)) : undefined,
    ratioToSendtoFloor: medianOf((round) => cost(round) / perForward(round.sendto)),
    ratioToPlain: isComparison ? medianOf((round) => cost(round) / perForward(workerIn(round, 'off'))) : undefined,
    lost: sum(results, (result) => lostIn(result, workload, mode)),
    latencyUs: latencies(results),
    bytesPerSubscriber: bytes,
    gsoFloorUsPerForward: medianOf((round) => perForward(round.gso)),
    feedbackFloor: mode === 'on' ? feedbackFloorIn(rounds) : undefined,
    sendtoFloorUsPerForward: medianOf((round) => perForward(round.sendto)),
    gsoFloorLatencyUs: latencies(rounds.map(({ gso }) => gso)),
    forwardedPerSecond: median(results.map(({ received, wallMs }) => (received * 1000) / wallMs)),
    forwarded: sum(results, ({ received }) => received),
    cpuUtilization: median(results.map(({ cpuUs, wallMs }) => cpuUs / 1000 / wallMs)),
    eventLoopDelayMs: after.eventLoopDelayMs,
    garbageCollection: {
      count: collections.count - before.garbageCollection.count,
      totalMs: collections.totalMs - before.garbageCollection.totalMs,
      maxMs: collections.maxMs,
    },
    repairs: mode === 'off' ? undefined : repairsIn(results),
    drops: dropsBetween(before, after),
    sinkOverflows: Math.max(...results.map(({ sinkOverflows }) => sinkOverflows)),
    rounds: plan.rounds,
    seconds: plan.seconds,
  };
}

/**
 * Both ways to count: packets that did not come at all, and holes in the slots' sequence numbers. With features on only
 * the holes tell, because what a sink gets is the allocator's and the pacer's to say.
 */
export function lostIn(result: LoadResult, workload: Workload, mode: Mode): number {
  if (mode === 'on') return result.gaps;
  return Math.max(result.sent * (workload.participants - 1) - result.received, result.gaps);
}

function workerIn(round: Round, mode: Mode): LoadResult {
  const result = round.worker[mode];
  if (result === undefined) throw new Error(`features ${mode} were not measured`);
  return result;
}

function perForward(result: LoadResult): number {
  return result.cpuUs / result.received;
}

function latencies(results: readonly LoadResult[]): Percentiles {
  const medianOf = (pick: (latency: Percentiles) => number) => median(results.map(({ latencyUs }) => pick(latencyUs)));
  return {
    p50: medianOf(({ p50 }) => p50),
    p99: medianOf(({ p99 }) => p99),
    p999: medianOf(({ p999 }) => p999),
    max: Math.max(...results.map(({ latencyUs }) => latencyUs.max)),
  };
}

function feedbackFloorIn(rounds: readonly Round[]): ForwardingReport['feedbackFloor'] {
  return {
    usPerForward: median(rounds.map(({ gsoFeedback }) => perForward(gsoFeedback))),
    authenticated: sum(rounds, ({ gsoFeedback }) => gsoFeedback.feedback.authenticated),
    asked: sum(rounds, ({ gsoFeedback }) => gsoFeedback.feedback.asked),
    resent: sum(rounds, ({ gsoFeedback }) => gsoFeedback.feedback.resent),
  };
}

function repairsIn(results: readonly LoadResult[]): ForwardingReport['repairs'] {
  return {
    asked: sum(results, ({ asked }) => asked),
    repaired: sum(results, ({ repaired }) => repaired),
    padding: sum(results, ({ padding }) => padding),
  };
}

function sum<Item>(items: readonly Item[], pick: (item: Item) => number): number {
  return items.reduce((total, item) => total + pick(item), 0);
}

function dropsBetween(before: Statistics, after: Statistics): Record<string, number> {
  const drops: Record<string, number> = {};
  for (const [name, reason] of Object.entries(DropReason)) {
    const count = (after.drops[reason] ?? 0) - (before.drops[reason] ?? 0);
    if (count > 0) {
      drops[name] = count;
    }
  }
  return drops;
}
