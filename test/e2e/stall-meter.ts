/**
 * When the machine stood still: noted by a timer in every page and by one in this process, which also carries media
 * (test/impairment). What nobody computed meanwhile says nothing of the product. All times are milliseconds since 1970,
 * so that those of all pages can be compared.
 */
import type { Page } from 'playwright-core';

export interface Stall {
  fromMs: number;
  toMs: number;
}

/** Whatever knows of everybody who is measured. */
export interface Machine {
  stalls(): Promise<Stall[]>;
}

/** What waited meanwhile comes first then: so much later the machine has caught up. */
const CATCH_UP_MS = 50;

declare global {
  var stallsSoFar: (() => Stall[]) | undefined;
}

/** Runs here, and in each page before its own scripts. */
export function installStallMeter(): void {
  const beatMs = 20;
  const lateMs = 20;
  const stalls: Stall[] = [];
  const now = () => performance.timeOrigin + performance.now();
  let dueMs = now() + beatMs;
  const look = () => {
    const nowMs = now();
    if (nowMs > dueMs + lateMs) stalls.push({ fromMs: dueMs, toMs: nowMs });
    dueMs = nowMs + beatMs;
  };
  setInterval(look, beatMs);
  globalThis.stallsSoFar = () => {
    if (now() > dueMs) look();
    return stalls;
  };
}

/** Of this process and of all these pages. */
export async function stallsOf(pages: readonly Page[]): Promise<Stall[]> {
  const ofPages = await Promise.all(pages.map((page) => page.evaluate(() => globalThis.stallsSoFar?.() ?? [])));
  return [...(globalThis.stallsSoFar?.() ?? []), ...ofPages.flat()];
}

/** For how much of a time the machine stood still anywhere, or caught up after that: milliseconds. */
export function stoodStillMs(stalls: readonly Stall[], fromMs: number, toMs: number): number {
  let sumMs = 0;
  let countedMs = fromMs;
  for (const stall of stalls.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const endMs = Math.min(toMs, stall.toMs + CATCH_UP_MS);
    const beginMs = Math.max(countedMs, stall.fromMs);
    if (endMs <= beginMs) continue;
    sumMs += endMs - beginMs;
    countedMs = endMs;
  }
  return sumMs;
}

installStallMeter();
