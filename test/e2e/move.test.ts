/** A meeting goes from one router to another, planned or not, and the people in it hardly notice. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ZoneProcesses } from '../zone/zone-processes.ts';
import { launchBrowser } from './browser.ts';
import { longestGapMs } from './frame-gaps.ts';
import { PATIENCE, Person } from './person.ts';
import { stallsOf } from './stall-meter.ts';
import { watchTile } from './tile-watch.ts';

/** What a planned move may take from the picture. */
const PLANNED_GAP_MS = 200;
/** A router that is killed is noticed, its meeting placed anew, and everybody connected again. */
const FAILOVER_GAP_MS = 3_000;

let zone: ZoneProcesses;
let browser: Browser;
const people: Person[] = [];

beforeAll(async () => {
  [zone, browser] = await Promise.all([ZoneProcesses.start({ controllers: 2, routers: 3 }), launchBrowser()]);
});

afterEach(async () => {
  await Promise.all(people.splice(0).map((person) => person.close()));
});

afterAll(async () => {
  await browser.close();
  await zone.stop();
});

/** Ada and Bob see each other, and each watches the other's tile. */
async function meet(): Promise<{ readonly meeting: string; readonly pair: readonly [Person, Person] }> {
  const { meeting, link } = await zone.createMeeting();
  const ada = await Person.join(browser, link, 'Ada');
  const bob = await Person.join(browser, link, 'Bob');
  people.push(ada, bob);
  await ada.decodes('Bob', 30);
  await bob.decodes('Ada', 30);
  await ada.page.evaluate(watchTile, 'Bob');
  await bob.page.evaluate(watchTile, 'Ada');
  return { meeting, pair: [ada, bob] };
}

async function routerOf(meeting: string) {
  const router = (await zone.placement(meeting))?.root?.router;
  if (router === undefined) throw new Error('the meeting is nowhere');
  return router;
}

/** The page has one connection again, which is not the first. */
async function hasMoved({ page }: Person): Promise<boolean> {
  return page.evaluate(() => {
    const open = window.probe.peers.filter(({ connectionState }) => connectionState !== 'closed');
    return window.probe.peers.length > 1 && open.length === 1;
  });
}

/** The longest time for which each of the two saw nothing new of the other. */
async function standstills(pair: readonly [Person, Person]): Promise<number[]> {
  const stalls = await stallsOf(pair.map(({ page }) => page));
  const toMs = Date.now();
  const shown = await Promise.all(pair.map(({ page }) => page.evaluate(() => Object.values(window.shown).flat())));
  return shown.map((pictures) => longestGapMs(pictures, stalls, pictures[0]?.atMs ?? 0, toMs));
}

describe('a meeting on the move', () => {
  test('a drained router hands its people over, and no picture stands still', async () => {
    const { meeting, pair } = await meet();
    const before = await routerOf(meeting);
    const told = await zone.zonectl('drain', before, '--deadline', '60s');
    try {
      expect(told).toMatch(/empty/);
      await expect.poll(() => Promise.all(pair.map(hasMoved)), PATIENCE).toEqual([true, true]);
      expect(await routerOf(meeting)).not.toBe(before);
      await pair[0].decodes('Bob', 15);
      await pair[1].decodes('Ada', 15);
      for (const gapMs of await standstills(pair)) expect(gapMs).toBeLessThanOrEqual(PLANNED_GAP_MS);
      for (const person of pair) await person.hears(1);
    } finally {
      await zone.zonectl('undrain', before);
    }
  });

  test('a router that is killed costs a moment, not the meeting', async () => {
    const { meeting, pair } = await meet();
    const before = await routerOf(meeting);
    await zone.routerOf(before).kill();
    try {
      await expect.poll(() => Promise.all(pair.map(hasMoved)), PATIENCE).toEqual([true, true]);
      await pair[0].decodes('Bob', 15);
      await pair[1].decodes('Ada', 15);
      for (const gapMs of await standstills(pair)) expect(gapMs).toBeLessThanOrEqual(FAILOVER_GAP_MS);
      // The same two people, who never left.
      for (const person of pair) await person.seesTiles('Ada', 'Bob');
    } finally {
      await zone.routerOf(before).start();
      await zone.ready();
    }
  });
});
