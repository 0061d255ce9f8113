/** One picture on one person's page, watched over time: what came of it from one moment to the next. */
import { expect } from 'vitest';
import { longestGapMs, ranMs } from './frame-gaps.ts';
import { type ShownFrame, watchFrames } from './layers-probe.ts';
import { PATIENCE, type Person } from './person.ts';
import { type Reception, reception } from './reception.ts';
import type { Machine } from './stall-meter.ts';

/** Until a picture is what it is to be: on a machine that has other work too. */
const SETTLED = { ...PATIENCE, timeout: 60_000 };
/** A picture without a gap of EVEN_MS in so long a time has settled: joined, probed, climbed. */
const EVEN_FOR_MS = 2_000;
const EVEN_MS = 300;

/** What was received from one moment to another. */
export interface Stretch extends Reception {
  /** Instead of the clock: how long it was. */
  atMs: number;
  /** Longest time without a new picture, in which the machine ran. */
  gapMs: number;
  /** Heights of what was shown, in the order in which they came. */
  heights: number[];
  /** Part of the sound that was made up. */
  concealed: number;
}

export class Watch {
  readonly viewer: Person;
  readonly tile: string;
  readonly #machine: Machine;

  private constructor(machine: Machine, viewer: Person, tile: string) {
    this.#machine = machine;
    this.viewer = viewer;
    this.tile = tile;
  }

  /** Waits until the picture has this height and moves evenly, and watches from then on. */
  static async begin(machine: Machine, viewer: Person, tile: string, height: number): Promise<Watch> {
    const watch = new Watch(machine, viewer, tile);
    await watch.reaches(height);
    await viewer.page.evaluate(watchFrames, tile);
    await watch.settles(height);
    return watch;
  }

  /** Waits until the picture has this height and moves evenly. */
  async settles(height: number): Promise<Reception> {
    const isEven = async () => {
      const { atMs } = await this.now();
      const sinceMs = atMs - EVEN_FOR_MS;
      const lately = (await this.#frames()).filter((frame) => frame.atMs > sinceMs);
      const gapMs = longestGapMs(lately, await this.#machine.stalls(), sinceMs, atMs);
      return lately.every((frame) => frame.height === height) && gapMs < EVEN_MS;
    };
    await expect.poll(isEven, SETTLED).toBe(true);
    return this.now();
  }

  now(): Promise<Reception> {
    return this.viewer.page.evaluate(reception, this.tile);
  }

  /** Waits until the picture moves and has this height. Returns how long after `mark` it first did, milliseconds that the machine ran. */
  async reaches(height: number, mark?: Reception): Promise<number> {
    await expect.poll(async () => (await this.now()).height, SETTLED).toBe(height);
    if (mark === undefined) return 0;
    return this.#firstAfter(mark, (frame) => frame.height === height);
  }

  /** Waits until the picture moves again. Returns how long after `mark` it did, milliseconds that the machine ran. */
  moves(mark: Reception): Promise<number> {
    return this.#firstAfter(mark, () => true);
  }

  async since(mark: Reception): Promise<Stretch> {
    const now = await this.now();
    const frames = await this.#frames();
    const stretch = Object.fromEntries(
      Object.entries(now).map(([name, value]) => [name, value - mark[name as keyof Reception]]),
    ) as Record<keyof Reception, number>; // the same members
    const shown = frames.filter(({ atMs }) => atMs > mark.atMs && atMs <= now.atMs).map(({ height }) => height);
    return {
      ...stretch,
      gapMs: longestGapMs(frames, await this.#machine.stalls(), mark.atMs, now.atMs),
      heights: shown.filter((height, index) => height !== shown[index - 1]),
      concealed: stretch.concealedSamples / Math.max(1, stretch.audioSamples),
    };
  }

  /** Not a wait for anything: as long as what is going on is to be measured. */
  async lasting(ms: number, mark: Reception): Promise<Stretch> {
    const isOver = (untilMs: number) => performance.timeOrigin + performance.now() >= untilMs;
    await this.viewer.page.waitForFunction(isOver, mark.atMs + ms);
    return this.since(mark);
  }

  async #firstAfter({ atMs }: Reception, fits: (frame: ShownFrame) => boolean): Promise<number> {
    let found: ShownFrame | undefined;
    const look = async () => {
      found = (await this.#frames()).find((frame) => frame.atMs > atMs && fits(frame));
      return found;
    };
    await expect.poll(look, { ...PATIENCE, timeout: 30_000 }).toBeDefined();
    return ranMs(await this.#machine.stalls(), atMs, found?.atMs ?? Number.NaN);
  }

  async #frames(): Promise<ShownFrame[]> {
    return (await this.viewer.page.evaluate(() => window.shownFrames)) ?? [];
  }
}

export function report(what: string, { atMs, gapMs, heights, concealed, ...counts }: Stretch): void {
  console.info(
    `${what}: ${(atMs / 1000).toFixed(1)} s, heights ${heights.join(' ')}, ${counts.framesDecoded} frames, ` +
      `no new one for ${Math.round(gapMs)} ms at most; ${counts.packets} packets, ${counts.packetsLost} lost, ` +
      `${counts.resent} on RTX, ${counts.nacks} NACKs, ${counts.keyFramesAskedFor} key frames asked for, ` +
      `${counts.keyFrames} came; sound ${counts.audioPackets} packets, ${(100 * concealed).toFixed(1)} % made up`,
  );
}
