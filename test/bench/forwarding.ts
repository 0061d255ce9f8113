/**
 * The workloads fan-out and gallery: rounds of GSO floor, worker and sendto floor in turn, so that a machine that
 * slows down or speeds up does so for all three, and medians over the rounds.
 */
import { DropReason } from '../../mmr/media/drop-reason.ts';
import type { Programs } from './build.ts';
import { type FloorKind, runFloor } from './floor.ts';
import type { LoadResult, Percentiles } from './load.ts';
import { bytesPerSubscriber } from './memory.ts';
import type { Place } from './place.ts';
import { Router } from './router.ts';
import { median, pause } from './sums.ts';
import { streamCount, type Workload } from './workloads.ts';

export interface Plan {
  readonly rounds: number;
  /** Measured seconds of each of the three programs in each round. */
  readonly seconds: number;
  /** Traffic before the first round, so that the compiler of V8 has seen it. */
  readonly warmUpSeconds: number;
  /** The same for workloads with congestion control, until the estimates are where they stay. */
  readonly riseSeconds: number;
  /** Subscribers of the memory measurement; 0 leaves it out. */
  readonly memorySubscribers: number;
  /** File for a CPU profile of the worker's thread in an extra, unmeasured interval. */
  readonly profile: string | undefined;
}

export interface ForwardingReport {
  readonly workload: Workload['name'];
  readonly cpuUsPerForward: number;
  readonly ratioToGsoFloor: number;
  readonly ratioToSendtoFloor: number;
  /** Packets that a sink should have had and did not, over all rounds. */
  readonly lost: number;
  readonly latencyUs: Percentiles;
  readonly bytesPerSubscriber: number | undefined;
  readonly gsoFloorUsPerForward: number;
  readonly sendtoFloorUsPerForward: number;
  readonly gsoFloorLatencyUs: Percentiles;
  readonly forwardedPerSecond: number;
  readonly forwarded: number;
  /** Share of one core that the worker's thread took. */
  readonly cpuUtilization: number;
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly garbageCollection: { readonly count: number; readonly totalMs: number; readonly maxMs: number };
  /** Of workloads with congestion control: packets asked for again, brought by RTX, and packets of padding. */
  readonly repairs: { readonly asked: number; readonly repaired: number; readonly padding: number } | undefined;
  /** Packets that the worker dropped meanwhile, by the name of their DropReason. */
  readonly drops: Readonly<Record<string, number>>;
  /** Of the lost packets, those that reached a sink's socket and were thrown away there: the load was too slow. */
  readonly sinkOverflows: number;
  readonly rounds: number;
  readonly seconds: number;
}

interface Round {
  readonly gso: LoadResult;
  readonly worker: LoadResult;
  readonly sendto: LoadResult;
}

/** Throws an Error when traffic never flows or a program fails. Loss is reported, not thrown. */
export async function runForwarding(
  programs: Programs,
  place: Place,
  workload: Workload,
  plan: Plan,
): Promise<ForwardingReport> {
  const router = await Router.start(programs, place);
  if (workload.features !== undefined) router.load.features(workload.features);
  await joinAll(router, workload);
  if (workload.features === undefined) await router.load.flowing(workload.traffic, streamCount(workload));
  else await rising(router, workload, plan);
  await pause(plan.warmUpSeconds * 1000);
  const before = await router.statistics();
  const rounds: Round[] = [];
  for (let i = 0; i < plan.rounds; i++) {
    const floor = (kind: FloorKind) => runFloor(programs, place, kind, workload, plan.seconds);
    const gso = await floor('gso');
    router.load.traffic(workload.traffic);
    await pause(300); // caches and clock speed as under load
    // How many get each packet of an encoding is the allocator's to say: nothing to wait for.
    const receivers = workload.features === undefined ? workload.participants - 1 : 0;
    const worker = await router.load.measure(plan.seconds, router.thread, receivers);
    const sendto = await floor('sendto');
    rounds.push({ gso, worker, sendto });
  }
  const after = await router.statistics();
  if (plan.profile !== undefined) {
    await profile(router, workload, plan.seconds, plan.profile);
  }
  await router.stop();
  const bytes = plan.memorySubscribers === 0 ? undefined : await memoryOf(programs, place, workload, plan);
  return summarize(workload, plan, rounds, before, after, bytes);
}

/** Estimates begin low: at first some slots have nothing. */
async function rising(router: Router, workload: Workload, plan: Plan): Promise<void> {
  await router.load.flowing(workload.traffic, workload.participants);
  await pause(plan.riseSeconds * 1000);
}

async function joinAll(router: Router, workload: Workload): Promise<void> {
  const { participants, publishers, videoSlots, audioSlots } = workload;
  for (let participant = 0; participant < participants; participant++) {
    const publishes = participant < publishers;
    const adaptive = workload.features !== undefined;
    await router.join({ meeting: 'bench', participant, publishes, videoSlots, audioSlots, adaptive });
  }
  await router.load.connected(participants);
}

async function profile(router: Router, workload: Workload, seconds: number, file: string): Promise<void> {
  await router.startProfile();
  router.load.traffic(workload.traffic);
  await pause(seconds * 1000);
  router.load.pause();
  await router.stopProfile(file);
}

function memoryOf(programs: Programs, place: Place, workload: Workload, plan: Plan): Promise<number> {
  const { features } = workload;
  // The budget is for one audio and one video slot, with or without congestion control.
  const slots = features === undefined ? workload : { videoSlots: 1, audioSlots: 1 };
  return bytesPerSubscriber(programs, place, {
    publishers: slots.videoSlots,
    videoSlots: slots.videoSlots,
    audioSlots: slots.audioSlots,
    subscribers: plan.memorySubscribers,
    features,
  });
}

type Statistics = Awaited<ReturnType<Router['statistics']>>;

function summarize(
  workload: Workload,
  plan: Plan,
  rounds: readonly Round[],
  before: Statistics,
  after: Statistics,
  bytes: number | undefined,
): ForwardingReport {
  const perForward = (result: LoadResult) => result.cpuUs / result.received;
  const medianOf = (pick: (round: Round) => number) => median(rounds.map(pick));
  const latency = (pick: (round: Round) => LoadResult): Percentiles => ({
    p50: medianOf((round) => pick(round).latencyUs.p50),
    p99: medianOf((round) => pick(round).latencyUs.p99),
    p999: medianOf((round) => pick(round).latencyUs.p999),
    max: Math.max(...rounds.map((round) => pick(round).latencyUs.max)),
  });
  const collections = after.garbageCollection;
  return {
    workload: workload.name,
    cpuUsPerForward: medianOf((round) => perForward(round.worker)),
    ratioToGsoFloor: medianOf((round) => perForward(round.worker) / perForward(round.gso)),
    ratioToSendtoFloor: medianOf((round) => perForward(round.worker) / perForward(round.sendto)),
    lost: rounds.reduce((sum, round) => sum + lostIn(round.worker, workload), 0),
    latencyUs: latency((round) => round.worker),
    bytesPerSubscriber: bytes,
    gsoFloorUsPerForward: medianOf((round) => perForward(round.gso)),
    sendtoFloorUsPerForward: medianOf((round) => perForward(round.sendto)),
    gsoFloorLatencyUs: latency((round) => round.gso),
    forwardedPerSecond: medianOf((round) => (round.worker.received * 1000) / round.worker.wallMs),
    forwarded: rounds.reduce((sum, round) => sum + round.worker.received, 0),
    cpuUtilization: medianOf((round) => round.worker.cpuUs / 1000 / round.worker.wallMs),
    eventLoopDelayMs: after.eventLoopDelayMs,
    garbageCollection: {
      count: collections.count - before.garbageCollection.count,
      totalMs: collections.totalMs - before.garbageCollection.totalMs,
      maxMs: collections.maxMs,
    },
    repairs: workload.features === undefined ? undefined : repairsIn(rounds),
    drops: dropsBetween(before, after),
    sinkOverflows: Math.max(...rounds.map((round) => round.worker.sinkOverflows)),
    rounds: plan.rounds,
    seconds: plan.seconds,
  };
}

function repairsIn(rounds: readonly Round[]): ForwardingReport['repairs'] {
  const sum = (pick: (result: LoadResult) => number) => rounds.reduce((total, { worker }) => total + pick(worker), 0);
  return {
    asked: sum(({ asked }) => asked),
    repaired: sum(({ repaired }) => repaired),
    padding: sum(({ padding }) => padding),
  };
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

/**
 * Both ways to count: packets that did not come at all, and holes in the slots' sequence numbers. With simulcast a sink
 * gets one of the encodings, so only the holes tell.
 */
export function lostIn(result: LoadResult, workload: Workload): number {
  if (workload.features !== undefined) return result.gaps;
  return Math.max(result.sent * (workload.participants - 1) - result.received, result.gaps);
}
