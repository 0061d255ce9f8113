/**
 * The workloads fan-out, gallery and adaptive: rounds of GSO floor, the same with feedback, worker without and
 * with the features, and sendto floor in turn, so that a machine that slows down or speeds up does so for all of them, and medians over the rounds.
 */
import type { Programs } from './build.ts';
import { type FloorKind, runFloor } from './floor.ts';
import type { LoadResult } from './load.ts';
import { bytesPerSubscriber } from './memory.ts';
import type { Place } from './place.ts';
import { Router } from './router.ts';
import { type ForwardingReport, type Round, type Statistics, summarize } from './summary.ts';
import { pause } from './sums.ts';
import { featuresIn, type Mode, receiverCount, streamCount, type Workload } from './workloads.ts';

export interface Plan {
  readonly rounds: number;
  /** Measured seconds of each program in each round. */
  readonly seconds: number;
  /** Traffic before the first round, so that the compiler of V8 has seen it. */
  readonly warmUpSeconds: number;
  /**
   * The same with congestion control, until the estimates are where they stay; and half of it before each measurement,
   * because they forget while the floors have their turns.
   */
  readonly riseSeconds: number;
  /** Subscribers of the memory measurement; 0 leaves it out. */
  readonly memorySubscribers: number;
  /** File for a CPU profile of the worker's thread in an extra, unmeasured interval; `{mode}` becomes off or on. */
  readonly profile: string | undefined;
}

/** Traffic before each measurement: caches and clock speed as under load. */
const RUN_IN_MS = 300;

/** A router with all its participants in one mode. */
interface Subject {
  readonly mode: Mode;
  readonly router: Router;
  readonly before: Statistics;
}

/** One report for each of the workload's modes. Throws an Error when traffic never flows or a program fails. Loss is reported, not thrown. */
export async function runForwarding(
  programs: Programs,
  place: Place,
  workload: Workload,
  plan: Plan,
): Promise<ForwardingReport[]> {
  const subjects: Subject[] = [];
  for (const mode of workload.modes) subjects.push(await startSubject(programs, place, workload, mode, plan));
  const rounds: Round[] = [];
  for (let i = 0; i < plan.rounds; i++) rounds.push(await runRound(programs, place, workload, subjects, plan));
  const reports: ForwardingReport[] = [];
  for (const { mode, router, before } of subjects) {
    const after = await router.statistics();
    if (plan.profile !== undefined) await profile(router, workload, mode, plan, plan.profile.replace('{mode}', mode));
    await router.stop();
    const bytes = plan.memorySubscribers === 0 ? undefined : await memoryOf(programs, place, workload, mode, plan);
    reports.push(summarize(workload, mode, plan, rounds, before, after, bytes));
  }
  return reports;
}

async function startSubject(
  programs: Programs,
  place: Place,
  workload: Workload,
  mode: Mode,
  plan: Plan,
): Promise<Subject> {
  const router = await Router.start(programs, place);
  const features = featuresIn(workload, mode);
  if (features !== undefined) router.load.features(features);
  await joinAll(router, workload, mode);
  // Estimates begin low: at first some slots have nothing.
  await router.load.flowing(workload.traffic, mode === 'on' ? workload.participants - 1 : streamCount(workload));
  await pause((mode === 'on' ? plan.riseSeconds : plan.warmUpSeconds) * 1000);
  router.load.pause();
  return { mode, router, before: await router.statistics() };
}

async function joinAll(router: Router, workload: Workload, mode: Mode): Promise<void> {
  const { participants, publishers, videoSlots, audioSlots } = workload;
  const features = featuresIn(workload, mode);
  for (let participant = 0; participant < participants; participant++) {
    const publishes = participant < publishers;
    await router.join({ meeting: 'bench', participant, publishes, videoSlots, audioSlots, features });
  }
  await router.load.connected(participants);
}

async function runRound(
  programs: Programs,
  place: Place,
  workload: Workload,
  subjects: readonly Subject[],
  plan: Plan,
): Promise<Round> {
  const { seconds } = plan;
  const floor = (kind: FloorKind) => runFloor(programs, place, kind, workload, seconds);
  const gso = await floor('gso');
  const gsoFeedback = await floor('gso-feedback');
  const worker: Partial<Record<Mode, LoadResult>> = {};
  for (const { mode, router } of subjects) {
    router.load.traffic(workload.traffic);
    await pause(runInMs(mode, plan));
    // How many get each packet is the allocator's and the pacer's to say, with features on.
    const receivers = mode === 'on' ? 0 : receiverCount(workload);
    worker[mode] = await router.load.measure(seconds, router.thread, receivers);
  }
  return { gso, gsoFeedback, worker, sendto: await floor('sendto') };
}

function runInMs(mode: Mode, plan: Plan): number {
  return mode === 'off' ? RUN_IN_MS : (plan.riseSeconds * 1000) / 2;
}

async function profile(router: Router, workload: Workload, mode: Mode, plan: Plan, file: string): Promise<void> {
  router.load.traffic(workload.traffic);
  await pause(runInMs(mode, plan));
  await router.startProfile();
  await pause(plan.seconds * 1000);
  await router.stopProfile(file);
  router.load.pause();
}

function memoryOf(programs: Programs, place: Place, workload: Workload, mode: Mode, plan: Plan): Promise<number> {
  const { memorySlots } = workload;
  return bytesPerSubscriber(programs, place, {
    publishers: memorySlots.video,
    videoSlots: memorySlots.video,
    audioSlots: memorySlots.audio,
    subscribers: plan.memorySubscribers,
    features: featuresIn(workload, mode),
  });
}
