/**
 * The workload join: time from the join request (as the router gets it from the signalling) over ICE and DTLS to the
 * first whole key frame at the sink. First single joins, spread over meetings that are under way, then a storm into one.
 */
import type { Programs } from './build.ts';
import type { Place } from './place.ts';
import { Router } from './router.ts';
import { pause, percentile } from './sums.ts';
import type { Traffic } from './workloads.ts';

export interface JoinPlan {
  readonly singleJoins: number;
  readonly stormJoins: number;
  readonly stormSeconds: number;
}

interface Milliseconds {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface JoinReport {
  readonly workload: 'join';
  readonly joins: number;
  readonly failed: number;
  readonly connectedMs: Milliseconds;
  readonly firstPictureMs: Milliseconds;
  readonly storm: {
    readonly joins: number;
    readonly seconds: number;
    readonly failed: number;
    readonly connectedMs: Milliseconds;
    readonly firstPictureMs: Milliseconds;
  };
}

/** A publisher is asked for a key frame once a second at most, so each meeting gets a joiner a second. */
const MEETINGS = 20;
const SINGLE_JOIN_INTERVAL_MS = 1050 / MEETINGS;
const SINGLE_TRAFFIC: Traffic = { framesPerSecond: 30, packetsPerFrame: 3, minSizeBytes: 1000, maxSizeBytes: 1000 };
const STORM_TRAFFIC: Traffic = { framesPerSecond: 15, packetsPerFrame: 1, minSizeBytes: 600, maxSizeBytes: 600 };
const GIVE_UP_MS = 10_000;

export const JOIN_BUDGET_P95_MS = 400;

export async function runJoin(programs: Programs, place: Place, plan: JoinPlan): Promise<JoinReport> {
  const single = await singleJoins(programs, place, plan.singleJoins);
  const storm = await stormOfJoins(programs, place, plan);
  return { workload: 'join', joins: plan.singleJoins, ...single, storm };
}

async function singleJoins(programs: Programs, place: Place, joins: number) {
  const router = await Router.start(programs, place);
  for (let participant = 0; participant < MEETINGS; participant++) {
    await joinAs(router, participant, true);
  }
  await router.load.connected(MEETINGS);
  router.load.traffic(SINGLE_TRAFFIC);
  await pause(500);
  await joinPaced(router, joins, SINGLE_JOIN_INTERVAL_MS);
  const times = await timesOf(router, MEETINGS, joins);
  await router.stop();
  return times;
}

async function stormOfJoins(programs: Programs, place: Place, plan: JoinPlan): Promise<JoinReport['storm']> {
  const router = await Router.start(programs, place);
  await joinAs(router, 0, true, 'storm');
  await router.load.connected(1);
  router.load.traffic(STORM_TRAFFIC);
  await joinPaced(router, plan.stormJoins, (plan.stormSeconds * 1000) / plan.stormJoins, 'storm');
  const times = await timesOf(router, 1, plan.stormJoins);
  await router.stop();
  return { joins: plan.stormJoins, seconds: plan.stormSeconds, ...times };
}

function joinAs(router: Router, participant: number, publishes: boolean, meeting?: string): Promise<void> {
  return router.join({
    meeting: meeting ?? `join${participant % MEETINGS}`,
    participant,
    publishes,
    videoSlots: publishes ? 0 : 1,
    audioSlots: publishes ? 0 : 1,
    features: undefined,
  });
}

/** Joins at their times, whether or not the earlier ones have been answered. */
async function joinPaced(router: Router, joins: number, intervalMs: number, meeting?: string): Promise<void> {
  const first = router.requestedMs.size;
  const startMs = performance.now();
  const asked: Promise<void>[] = [];
  for (let i = 0; i < joins; i++) {
    await pause(Math.max(0, startMs + i * intervalMs - performance.now()));
    asked.push(joinAs(router, first + i, false, meeting));
  }
  await Promise.all(asked);
}

async function timesOf(router: Router, first: number, joins: number) {
  const deadlineMs = performance.now() + GIVE_UP_MS;
  while (router.load.pictureMs.size < joins && performance.now() < deadlineMs) {
    await pause(50);
  }
  const since = (times: ReadonlyMap<number, number>): Milliseconds => {
    const took: number[] = [];
    for (const [participant, requestedMs] of router.requestedMs) {
      const atMs = times.get(participant);
      if (participant >= first && atMs !== undefined) {
        took.push(atMs - requestedMs);
      }
    }
    return { p50: percentile(took, 0.5), p95: percentile(took, 0.95), max: Math.max(...took) };
  };
  return {
    failed: joins - router.load.pictureMs.size,
    connectedMs: since(router.load.connectedMs),
    firstPictureMs: since(router.load.pictureMs),
  };
}
