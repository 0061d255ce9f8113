/** What a worker thread measures about itself: CPU, event-loop delay, garbage collection. Read, never per packet. */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import process from 'node:process';
import type { WorkerStatistics } from './messages.ts';

/** Sampling interval of the event-loop delay; subtracted, so that an idle loop shows about 0. */
const DELAY_RESOLUTION_MS = 20;

export class ThreadMeters {
  readonly #delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  /** Begun anew each second, for the load report. */
  readonly #recentDelay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  readonly #collections: PerformanceObserver;
  #count = 0;
  #totalMs = 0;
  #maxMs = 0;
  #lastCpuUs: number;

  constructor() {
    this.#delay.enable();
    this.#recentDelay.enable();
    this.#collections = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#collected(entry.duration);
    });
    this.#collections.observe({ entryTypes: ['gc'] });
    this.#lastCpuUs = this.cpuUs;
  }

  /** CPU of this thread since its start, microseconds, user and system. */
  get cpuUs(): number {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  }

  get eventLoopDelayMs(): WorkerStatistics['eventLoopDelayMs'] {
    const delay = this.#delay;
    return { p50: delayMs(delay.percentile(50)), p99: delayMs(delay.percentile(99)), max: delayMs(delay.max) };
  }

  get garbageCollection(): WorkerStatistics['garbageCollection'] {
    return { count: this.#count, totalMs: this.#totalMs, maxMs: this.#maxMs };
  }

  /** CPU share (0–1) and p99 event-loop delay since the last call, `elapsedUs` ago. */
  takeRecent(elapsedUs: number): { readonly cpuUtilization: number; readonly eventLoopDelayP99Ms: number } {
    const cpuUs = this.cpuUs;
    const cpuUtilization = elapsedUs > 0 ? Math.min(1, (cpuUs - this.#lastCpuUs) / elapsedUs) : 0;
    this.#lastCpuUs = cpuUs;
    const eventLoopDelayP99Ms = delayMs(this.#recentDelay.percentile(99));
    this.#recentDelay.reset();
    return { cpuUtilization, eventLoopDelayP99Ms };
  }

  stop(): void {
    this.#delay.disable();
    this.#recentDelay.disable();
    this.#collections.disconnect();
  }

  #collected(durationMs: number): void {
    this.#count++;
    this.#totalMs += durationMs;
    this.#maxMs = Math.max(this.#maxMs, durationMs);
  }
}

/** From the histogram's nanoseconds, without the sampling interval itself. */
function delayMs(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - DELAY_RESOLUTION_MS) : 0;
}
