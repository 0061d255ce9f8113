/** A meeting too large for one worker: headless participants in processes of their own, at all controllers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import type { ZoneProcesses } from './zone-processes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PER_PROCESS = 250;

export interface CrowdReport {
  /** Watchers: asked to join, and in with media connected. */
  readonly watchers: number;
  readonly joined: number;
  /** Those who see a picture. */
  readonly seeing: number;
  /** Joins a second, of those who joined. */
  readonly joinsPerSecond: number;
  /** Workers that the meeting is on, as etcd has it. */
  readonly places: number;
  /** RTP packets that reached somebody in the last second. */
  readonly packetsPerSecond: number;
  /** Streams that went back in time or changed their SSRC; must be 0. */
  readonly broken: number;
}

/** What client/headless/main.ts prints each second, as far as it is used here. */
interface Second {
  readonly participants: number;
  readonly received: number;
  readonly pictures: number;
  readonly timestampRegressions: number;
  readonly ssrcChanges: number;
}

/** How a crowd comes: as fast as it likes, and how many at the same time the machine makes of that; or some at a time. */
export interface Rush {
  readonly joinsPerSecond: number;
  readonly atOnce?: number;
}

/** Of so many people one sends picture and sound, and all others watch him. */
export async function measureCrowd(zone: ZoneProcesses, people: number, rush: Rush): Promise<CrowdReport> {
  const { meeting, passcode } = await zone.createMeeting();
  const url = zone.urls[0] as string; // a zone has a controller
  const speaker = await HeadlessParticipant.join({ url, meeting, passcode, name: 'Speaker' });
  const watchers = people - 1;
  const processes = Math.ceil(watchers / PER_PROCESS);
  const startMs = performance.now();
  const crowds = Array.from({ length: processes }, (_, index) => {
    const count = Math.min(PER_PROCESS, watchers - index * PER_PROCESS);
    const at = zone.urls[index % zone.urls.length] as string;
    const { joinsPerSecond, atOnce = Number.POSITIVE_INFINITY } = rush;
    const options = { 'join-rate': joinsPerSecond / processes, 'at-once': Math.ceil(atOnce / processes) };
    return new CrowdProcess({ url: at, meeting, passcode, count, ...options });
  });
  try {
    const last = await Promise.all(crowds.map((crowd) => crowd.settled()));
    const joinedMs = Math.max(...last.map(({ atMs }) => atMs)) - startMs;
    const sum = (value: (second: Second) => number): number =>
      last.reduce((total, { second }) => total + value(second), 0);
    const placement = await zone.placement(meeting);
    return {
      watchers,
      joined: sum(({ participants }) => participants),
      seeing: sum(({ pictures }) => pictures),
      joinsPerSecond: Math.round((sum(({ participants }) => participants) / joinedMs) * 1_000),
      places: placement?.root == null ? 0 : 1 + placement.branches.length,
      packetsPerSecond: last.reduce((total, { packetsPerSecond }) => total + packetsPerSecond, 0),
      broken: sum(({ timestampRegressions, ssrcChanges }) => timestampRegressions + ssrcChanges),
    };
  } finally {
    await Promise.all(crowds.map((crowd) => crowd.stop()));
    speaker.leave();
  }
}

class CrowdProcess {
  readonly #child;
  readonly #seconds: { readonly second: Second; readonly atMs: number }[] = [];

  /** Options of client/headless/main.ts. */
  constructor(who: Readonly<Record<string, string | number>>) {
    const options = { ...who, seconds: 600, 'audio-slots': 0, 'video-slots': 1 };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#child = spawn(process.execPath, ['client/headless/main.ts', ...args, '--listen-only'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface(this.#child.stdout).on('line', (line) => {
      // The program writes one such object each second, once all have joined or failed to.
      this.#seconds.push({ second: JSON.parse(line) as Second, atMs: performance.now() });
    });
  }

  /** Resolves some seconds after the last join. `atMs`: of the first report, which comes a second after that join. */
  async settled(): Promise<{ second: Second; atMs: number; packetsPerSecond: number }> {
    while (this.#seconds.length < 10 && this.#child.exitCode === null) await pause(100);
    const [first, before, last] = [this.#seconds[0], this.#seconds.at(-2), this.#seconds.at(-1)];
    if (first === undefined || before === undefined || last === undefined) throw new Error('a crowd has ended');
    const packetsPerSecond = last.second.received - before.second.received;
    return { second: last.second, atMs: first.atMs - 1_000, packetsPerSecond };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
