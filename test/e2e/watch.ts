/** One picture on one person's page, watched over time: what came of it from one moment to the next. */
import { expect } from 'vitest';
import { longestGapMs } from './frame-gaps.ts';
import { type ShownFrame, watchFrames } from './layers-probe.ts';
import { PATIENCE, type Person } from './person.ts';
import { type Reception, reception } from './reception.ts';

/** A picture without a gap of EVEN_MS in so long a time has settled: joined, probed, climbed. */
const EVEN_FOR_MS = 2_000;
const EVEN_MS = 300;

/** What was received from one moment to another. */
export interface Stretch extends Reception {
  /** Instead of the clock: how long it was. */
  atMs: number;
  /** Longest time without a new picture. */
  gapMs: number;
  /** Heights of what was shown, in the order in which they came. */
  heights: number[];
  /** Part of the sound that was made up. */
  concealed: number;
}

export class Watch {
  readonly viewer: Person;
  readonly tile: string;

  private constructor(viewer: Person, tile: string) {
    this.viewer = viewer;
    this.tile = tile;
  }

  /** Waits until the picture has this height and moves evenly, and watches from then on. */
  static async begin(viewer: Person, tile: string, height: number): Promise<Watch> {
    const watch = new Watch(viewer, tile);
    await watch.reaches(height);
    await viewer.page.evaluate(watchFrames, tile);
    const isEven = async () => {
      const { atMs } = await watch.now();
      const lately = (await watch.#frames()).filter((frame) => frame.atMs > atMs - EVEN_FOR_MS);
      return (
        lately.every((frame) => frame.height === height) && longestGapMs(lately, atMs - EVEN_FOR_MS, atMs) < EVEN_MS
      );
    };
    await expect.poll(isEven, { ...PATIENCE, timeout: 30_000 }).toBe(true);
    return watch;
  }

  now(): Promise<Reception> {
    return this.viewer.page.evaluate(reception, this.tile);
  }

  /** Waits until the picture moves and has this height. Returns how long after `mark` it first did, milliseconds. */
  async reaches(height: number, mark?: Reception): Promise<number> {
    await expect.poll(async () => (await this.now()).height, { ...PATIENCE, timeout: 30_000 }).toBe(height);
    if (mark === undefined) return 0;
    return this.#firstAfter(mark, (frame) => frame.height === height);
  }

  /** Waits until the picture moves again. Returns how long after `mark` it did, milliseconds. */
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
      gapMs: longestGapMs(frames, mark.atMs, now.atMs),
      heights: shown.filter((height, index) => height !== shown[index - 1]),
      concealed: stretch.concealedSamples / Math.max(1, stretch.audioSamples),
    };
  }

  /** Not a wait for anything: as long as what is going on is to be measured. */
  async lasting(ms: number, mark: Reception): Promise<Stretch> {
    await this.viewer.page.waitForFunction((untilMs) => performance.now() >= untilMs, mark.atMs + ms);
    return this.since(mark);
  }

  async #firstAfter({ atMs }: Reception, fits: (frame: ShownFrame) => boolean): Promise<number> {
    let found: ShownFrame | undefined;
    const look = async () => {
      found = (await this.#frames()).find((frame) => frame.atMs > atMs && fits(frame));
      return found;
    };
    await expect.poll(look, { ...PATIENCE, timeout: 30_000 }).toBeDefined();
    return (found?.atMs ?? Number.NaN) - atMs;
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
