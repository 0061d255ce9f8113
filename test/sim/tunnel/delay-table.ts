/** Calls by the tunnel over bad paths, and what is measured of each: a row of a table. */
import type { CarrierKind } from '../../../client/tunnel/carriers/session-carrier.ts';
import type { LinkChange, LinkConditions } from '../network/link-conditions.ts';
import { mean, quantile } from '../report/series.ts';
import type { Delay } from './sound-slot.ts';
import { type CallPlan, TunnelCall } from './tunnel-call.ts';

/** Until then everything has settled: joined, probed, climbed. */
export const SETTLED_MS = 10_000;
/** When a stall begins. */
export const STALL_AT_MS = 20_000;
/** Sound is as before a stall when all that comes within a second is no later than this, in milliseconds. */
const NORMAL_MS = 400;
const CALM_MS = 1_000;

export interface DelayCase {
  readonly name: string;
  readonly plan: CallPlan;
  /** Of nothing, from STALL_AT_MS on. */
  readonly stallMs?: number;
}

export interface DelayRow {
  readonly name: string;
  /** Milliseconds that sound takes: from the router to the page, from the router to the ear, from the page to the router. */
  readonly down: Spread;
  readonly ear: Spread;
  readonly up: Spread;
  /** What is estimated, and what goes over the path, in kilobits per second. */
  readonly estimateKbps: number;
  readonly downKbps: number;
  readonly upKbps: number;
  readonly framesPerSecond: number;
  /** Share of the time at each height. */
  readonly at720: number;
  readonly at360: number;
  readonly freezes: number;
  readonly frozenSeconds: number;
  readonly keyFrames: number;
  readonly droppedAudio: number;
  readonly droppedVideo: number;
  /** Most that stood in the tunnel, and in its kernel, in bytes. */
  readonly mostQueuedBytes: number;
  /** After the end of the stall, until sound is as before, in milliseconds: down and up. */
  readonly recoveryDownMs: number;
  readonly recoveryUpMs: number;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
}

function plan(
  carrier: CarrierKind,
  seconds: number,
  path: Partial<LinkConditions>,
  more: Partial<CallPlan> = {},
): CallPlan {
  return { carrier, seconds, path: { queueMs: 300, ...path }, ...more };
}

export function path(rateMbps: number, roundTripMs: number, lossFraction: number): Partial<LinkConditions> {
  return { rateBps: rateMbps * 1e6, delayMs: roundTripMs / 2, lossFraction };
}

export function stalled(
  name: string,
  carrier: CarrierKind,
  ms: number,
  conditions: Partial<LinkConditions>,
): DelayCase {
  const changes: LinkChange[] = [
    { atMs: STALL_AT_MS, conditions: { blackout: true } },
    { atMs: STALL_AT_MS + ms, conditions: { blackout: false } },
  ];
  return { name, plan: plan(carrier, (STALL_AT_MS + ms) / 1000 + 25, conditions, { changes }), stallMs: ms };
}

const CARRIERS: readonly CarrierKind[] = ['webSocket', 'httpStream', 'longPoll'];

export function delayCases(seconds: number): DelayCase[] {
  const lossy = CARRIERS.flatMap((carrier) =>
    [50, 100].map((roundTripMs) => ({
      name: `${carrier}, 2 Mb/s, ${roundTripMs} ms, 2 % loss`,
      plan: plan(carrier, seconds, path(2, roundTripMs, 0.02)),
    })),
  );
  return [
    { name: 'webSocket, 10 Mb/s, 100 ms', plan: plan('webSocket', seconds, path(10, 100, 0)) },
    {
      name: 'webSocket, 1 Mb/s, 50 ms, 2 s of queue',
      plan: plan('webSocket', seconds, { ...path(1, 50, 0), queueMs: 2_000 }),
    },
    ...lossy,
    { name: 'webSocket, 10 Mb/s, 50 ms, 2 % loss', plan: plan('webSocket', seconds, path(10, 50, 0.02)) },
    {
      name: 'webSocket, 4 Mb/s, 50 ms, TCP beside it each way',
      plan: plan('webSocket', seconds, { ...path(4, 50, 0), queueMs: 100 }, { rivalsFromS: 5 }),
    },
    ...[1_000, 3_000, 10_000].map((ms) =>
      stalled(`webSocket, 2 Mb/s, 50 ms, stands still for ${ms / 1000} s`, 'webSocket', ms, path(2, 50, 0)),
    ),
  ];
}

export async function measure(seed: number, { name, plan, stallMs }: DelayCase): Promise<DelayRow> {
  const call = await new TunnelCall(seed, plan).run();
  const { ben } = call;
  const samples = call.samples.filter(({ atMs }) => atMs > SETTLED_MS);
  const [session] = [...call.daemon.table];
  const dropped = session?.queue.dropped ?? { audio: Number.NaN, video: Number.NaN };
  const share = (height: number) => samples.filter((sample) => sample.height === height).length / samples.length;
  const kbps = (values: readonly number[]) => mean(values) / 1000;
  const shown = ben.picture.shownMs.filter((atMs) => atMs > SETTLED_MS).length;
  const endMs = STALL_AT_MS + (stallMs ?? 0);
  return {
    name,
    down: spreadOf(ben.sound.arrivals),
    ear: spreadOf(ben.sound.heard),
    up: spreadOf(call.soundUp),
    estimateKbps: kbps(samples.map(({ estimateBps }) => estimateBps)),
    downKbps: kbps(samples.map(({ downBps }) => downBps)),
    upKbps: kbps(samples.map(({ upBps }) => upBps)),
    framesPerSecond: (1000 * shown) / (plan.seconds * 1000 - SETTLED_MS),
    at720: share(720),
    at360: share(360),
    freezes: ben.picture.freezes.count,
    frozenSeconds: ben.picture.freezes.seconds,
    keyFrames: ben.picture.keyFrames.asked + call.daemon.counters.keyFramesRequested,
    droppedAudio: dropped.audio,
    droppedVideo: dropped.video,
    mostQueuedBytes: Math.max(...call.samples.map(({ queuedBytes, unsentBytes }) => queuedBytes + unsentBytes)),
    recoveryDownMs: stallMs === undefined ? Number.NaN : recoveryMs(ben.sound.arrivals, endMs),
    recoveryUpMs: stallMs === undefined ? Number.NaN : recoveryMs(call.soundUp, endMs),
  };
}

function spreadOf(delays: readonly Delay[]): Spread {
  const values = delays.filter(({ atMs }) => atMs > SETTLED_MS).map(({ ms }) => ms);
  const [p50 = 0, p95 = 0, p99 = 0, most = 0] = [0.5, 0.95, 0.99, 1].map((part) => quantile(values, part));
  return { p50, p95, p99, most };
}

/** From `endMs` to the first arrival after which a second of sound comes as it should. NaN: never. */
function recoveryMs(delays: readonly Delay[], endMs: number): number {
  const after = delays.filter(({ atMs }) => atMs >= endMs);
  const first = after.find(({ atMs, ms }) => {
    const next = after.filter((delay) => delay.atMs >= atMs && delay.atMs <= atMs + CALM_MS);
    // 50 packets a second; half of them are enough to hear that it goes on.
    return ms <= NORMAL_MS && next.length >= CALM_MS / 40 && next.every((delay) => delay.ms <= NORMAL_MS);
  });
  return first === undefined ? Number.NaN : first.atMs - endMs;
}
