/**
 * When this process stood still: its main thread, in which headless people send and receive, was late, or one of its threads, as media
 * workers are, was ready to run and not let. What nobody was given time for says nothing of the product.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Gap } from '../../client/headless/reception.ts';

/** Between two looks, milliseconds; less is not noticed of the main thread. */
const TICK_MS = 20;
const TASKS = '/proc/self/task';

export class StallMeter {
  readonly #stalls: Gap[] = [];
  /** Of each thread: how long it has waited for a CPU until now, milliseconds. */
  readonly #waitedMs = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #lastMs = performance.now();

  constructor() {
    this.#look();
    this.#timer = setInterval(() => this.#look(), TICK_MS);
  }

  /** Milliseconds of a time, by `performance.now()`, in which some thread could not go on. */
  within({ fromMs, untilMs }: Gap): number {
    let stalledMs = 0;
    let countedMs = fromMs;
    for (const stall of this.#stalls.toSorted((a, b) => a.fromMs - b.fromMs)) {
      const beginMs = Math.max(countedMs, stall.fromMs);
      const endMs = Math.min(untilMs, stall.untilMs);
      if (endMs <= beginMs) continue;
      stalledMs += endMs - beginMs;
      countedMs = endMs;
    }
    return stalledMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#lastMs - TICK_MS;
    this.#lastMs = nowMs;
    if (lateMs > 1) this.#stalls.push({ fromMs: nowMs - lateMs, untilMs: nowMs });
    for (const task of readdirSync(TASKS)) {
      const waitedMs = readWaitedMs(task);
      const sinceMs = waitedMs - (this.#waitedMs.get(task) ?? waitedMs);
      this.#waitedMs.set(task, waitedMs);
      // The kernel counts a wait when it is over.
      if (sinceMs > 1) this.#stalls.push({ fromMs: nowMs - sinceMs, untilMs: nowMs });
    }
  }
}

/** The second number is nanoseconds on a run queue (Documentation/scheduler/sched-stats.rst of Linux). */
function readWaitedMs(task: string): number {
  try {
    return Number(readFileSync(`${TASKS}/${task}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0; // the thread has ended meanwhile
  }
}
