/** All of etcd is away for a while: what people in a meeting, people who come to it, and operators see of that. */
import { setTimeout as pause } from 'node:timers/promises';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { GapMeter, type Gaps, join, receiving } from '../processes/people.ts';
import type { ZoneProcesses } from './zone-processes.ts';

const LOOK_MS = 50;
/** For a lease to run out, and for everything to be as before. */
const PATIENCE_MS = 60_000;

/** How etcd is away: dead, with connections refused; or silent, with connections that stand. */
export const OUTAGES = ['killed', 'stopped'] as const;
export type Outage = (typeof OUTAGES)[number];

export interface OutageReport {
  /** Of those who were in the meeting all the time, from before the outage until everything was as before. */
  readonly gaps: Gaps;
  /** From the beginning until no controller said any more that it was ready. */
  readonly unreadyMs: number;
  /** Whether every controller always said that it lives. */
  readonly live: boolean;
  /** At the end of the outage, at each controller: until somebody new in that meeting got picture and sound. */
  readonly joinMs: readonly number[];
  /** What somebody was told who asked for a new meeting meanwhile. */
  readonly refusal: string;
  /** Since etcd served again, at each controller: until a new meeting could be made. */
  readonly newMeetingMs: readonly number[];
  /** Since etcd served again: until every controller said that it was ready. */
  readonly readyMs: number;
}

export async function measureOutage(zone: ZoneProcesses, how: Outage, outageMs: number): Promise<OutageReport> {
  const meeting = await zone.createMeeting();
  const people = await Promise.all(zone.urls.map((_, index) => join(zone, meeting, `Person ${index + 1}`, index)));
  const watch = new HealthWatch(zone);
  try {
    await receiving(people);
    const meter = new GapMeter(people);
    const beganMs = performance.now();
    await begin(zone, how);
    const unreadyAtMs = await watch.until((ready) => !ready.includes(true));
    await pause(Math.max(0, beganMs + outageMs - performance.now()));
    const { refusal } = await zone.tryToCreate(0);
    const joinMs: number[] = [];
    for (const index of zone.urls.keys()) joinMs.push(await newcomerMs(zone, meeting, index));
    await end(zone, how);
    const backMs = performance.now();
    const [readyAtMs, ...createdAtMs] = await Promise.all([
      watch.until((ready) => !ready.includes(false)),
      ...zone.urls.map((_, index) => created(zone, index)),
    ]);
    await zone.ready();
    await receiving(people);
    return {
      gaps: meter.stop(),
      unreadyMs: unreadyAtMs - beganMs,
      live: watch.live,
      joinMs,
      refusal,
      newMeetingMs: createdAtMs.map((atMs) => atMs - backMs),
      readyMs: readyAtMs - backMs,
    };
  } finally {
    await watch.stop();
    for (const person of people) person.leave();
  }
}

async function begin({ etcd: { members } }: ZoneProcesses, how: Outage): Promise<void> {
  if (how === 'killed') await Promise.all(members.map((member) => member.kill()));
  else await Promise.all(members.map((member) => member.freeze()));
}

/** Resolves when etcd serves again. */
async function end({ etcd: { members } }: ZoneProcesses, how: Outage): Promise<void> {
  if (how === 'killed') await Promise.all(members.map((member) => member.start()));
  else for (const member of members) member.thaw();
}

async function newcomerMs(zone: ZoneProcesses, meeting: CreatedMeeting, index: number): Promise<number> {
  const startMs = performance.now();
  const newcomer = await join(zone, meeting, 'Newcomer', index);
  await receiving([newcomer]);
  newcomer.leave();
  return performance.now() - startMs;
}

/** When a controller first made a meeting again. */
async function created(zone: ZoneProcesses, index: number): Promise<number> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while ((await zone.tryToCreate(index)).created === undefined) {
    if (performance.now() > deadlineMs) throw new Error(`controller ${index} makes no meetings`);
    await pause(LOOK_MS);
  }
  return performance.now();
}

/** Asks all controllers again and again whether they live and are ready. */
class HealthWatch {
  live = true;
  readonly #zone: ZoneProcesses;
  readonly #done: Promise<void>;
  #ready: readonly boolean[] = [];
  #isStopped = false;

  constructor(zone: ZoneProcesses) {
    this.#zone = zone;
    this.#done = this.#run();
  }

  /** Resolves with the time when the controllers' readiness was so for the first time from now on. */
  async until(holds: (ready: readonly boolean[]) => boolean): Promise<number> {
    this.#ready = [];
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (this.#ready.length === 0 || !holds(this.#ready)) {
      if (performance.now() > deadlineMs) throw new Error(`controllers are ready: ${this.#ready.join(', ')}`);
      await pause(LOOK_MS);
    }
    return performance.now();
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const [live, ready] = await Promise.all([this.#zone.health('livez'), this.#zone.health('readyz')]);
      if (live.includes(false)) this.live = false;
      this.#ready = ready;
      await pause(LOOK_MS);
    }
  }
}
