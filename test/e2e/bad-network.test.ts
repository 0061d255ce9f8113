/**
 * Real browsers on bad networks: between each of them and the router stands a link that loses, delays and narrows
 * (docs/simulation.md has the same scenarios on virtual time, with tighter marks).
 *
 * Marks are for two cores that also encode and decode for everybody. What the machine stood still for is not counted, but a
 * busy encoder, router or decoder is, which costs up to 300 ms where nothing is wrong.
 */
import { expect, test } from 'vitest';
import { installBusyCamera } from './busy-camera.ts';
import { useZone } from './fixture.ts';
import { sentEncodings } from './layers-probe.ts';
import { type MediaPath, useMediaPaths } from './media-path.ts';
import { PATIENCE, type Person, type PersonOptions } from './person.ts';
import type { Reception } from './reception.ts';
import { MEASURED, undisturbed } from './undisturbed.ts';
import { report, Watch } from './watch.ts';

/** By a tunnel people would go round what is wrong with the network. */
const zone = useZone(['--no-tunnel']);
const newPath = useMediaPaths();

/** 180 and 360 lines, of 160 and 500 kb/s. */
const PUBLISHER: PersonOptions = { prepare: installBusyCamera };
const VIEWER: PersonOptions = {
  capture: { width: 160, height: 90, frameRate: 5 },
  viewport: { width: 1100, height: 1300 },
};
/** In ten seconds with one bad viewer: one for each change of his picture. Every second would be a flood. */
const KEY_FRAMES = 5;
const WIDE = Number.POSITIVE_INFINITY;

interface Scene {
  readonly ada: Person;
  readonly bob: Person;
  /** Of Ada's picture on Bob's page, which moves evenly. */
  readonly watch: Watch;
  readonly path: MediaPath;
}

/** Ada and Bob, one of whom is behind a path. */
async function meet(behindPath: 'Ada' | 'Bob'): Promise<Scene> {
  const path = newPath();
  const link = await zone.newMeeting();
  const at = (name: string) => (name === behindPath ? { path } : {});
  const ada = await zone.join(link, 'Ada', { ...PUBLISHER, ...at('Ada') });
  const bob = await zone.join(link, 'Bob', { ...VIEWER, ...at('Bob') });
  const watch = await Watch.begin(zone, bob, 'Ada', 360);
  return { ada, bob, watch, path };
}

/** Begins with a path on which nothing is wrong and a picture that moves evenly, from `start` on. */
function measured(path: MediaPath, watch: Watch, measure: (start: Reception) => Promise<void>): Promise<void> {
  return undisturbed(zone, async () => {
    const well = { rateBps: WIDE, lossFraction: 0, blackout: false };
    for (const way of ['up', 'down'] as const) await path.change(way, well);
    await measure(await watch.settles(360));
  });
}

interface Sent {
  keyFramesAskedFor: number;
  keyFrames: number;
  resent: number;
}

/** Of the camera, all sizes together. */
async function sentBy(person: Person): Promise<Sent> {
  const encodings = await person.page.evaluate(sentEncodings);
  const sum = (name: keyof Sent) => encodings.reduce((total, each) => total + each[name], 0);
  return { keyFramesAskedFor: sum('keyFramesAskedFor'), keyFrames: sum('keyFrames'), resent: sum('resent') };
}

async function seesConnection(viewer: Person, tile: string, level: RegExp): Promise<void> {
  await viewer.tile(tile).getByRole('img', { name: level }).waitFor({ timeout: 30_000 });
}

test('2 % lost on the way to a viewer are repaired before anybody sees it', MEASURED, async () => {
  const { watch, path } = await meet('Bob');
  await measured(path, watch, async (start) => {
    await path.change('down', { lossFraction: 0.02 });
    const lost = async () => (await watch.since(start)).packetsLost;
    await expect.poll(lost, { ...PATIENCE, timeout: 30_000 }).toBeGreaterThanOrEqual(5);
    await path.change('down', { lossFraction: 0 });
    const unrepaired = async () => {
      const { packetsLost, resent } = await watch.since(start);
      return packetsLost - resent;
    };
    await expect.poll(unrepaired, PATIENCE).toBeLessThanOrEqual(0);

    const lossy = await watch.since(start);
    report('2 % down', lossy);
    expect(lossy.heights).toEqual([360]);
    expect(lossy.gapMs).toBeLessThan(500);
    expect(lossy.nacks).toBeGreaterThan(0);
    expect(lossy.keyFramesAskedFor).toBe(0);
  });
});

test('2 % lost on the way from a publisher are repaired before anybody sees it', MEASURED, async () => {
  const { ada, watch, path } = await meet('Ada');
  await measured(path, watch, async (start) => {
    const sentBefore = await sentBy(ada);
    await path.change('up', { lossFraction: 0.02 });
    const resent = async () => (await sentBy(ada)).resent - sentBefore.resent;
    await expect.poll(resent, PATIENCE).toBeGreaterThanOrEqual(10);
    await path.change('up', { lossFraction: 0 });

    const lossy = await watch.since(start);
    report(`2 % up, ${await resent()} packets sent again by the publisher`, lossy);
    expect(lossy.heights).toEqual([360]);
    expect(lossy.gapMs).toBeLessThan(500);
    expect(lossy.keyFramesAskedFor).toBe(0);
    expect((await sentBy(ada)).keyFramesAskedFor).toBe(sentBefore.keyFramesAskedFor);
  });
});

test(
  'a link that becomes narrow gets the smaller picture, and the larger one when it is wide again',
  MEASURED,
  async () => {
    const { watch, path } = await meet('Bob');
    await measured(path, watch, async (cliff) => {
      await path.change('down', { rateBps: 300_000, queueMs: 300 });
      const smallerMs = await watch.reaches(180, cliff);
      const narrow = await watch.lasting(8_000, cliff);
      report(`300 kb/s, 180 lines after ${Math.round(smallerMs)} ms`, narrow);
      const restored = await watch.now();
      await path.change('down', { rateBps: WIDE });
      const largerMs = await watch.reaches(360, restored);
      report(`and wide again, 360 lines after ${Math.round(largerMs)} ms`, await watch.since(restored));

      expect(smallerMs).toBeLessThan(3_000);
      expect(narrow.gapMs).toBeLessThan(2_000);
      expect(narrow.concealed).toBeLessThan(0.1);
      expect(largerMs).toBeLessThan(20_000);
    });
  },
);

test('after three seconds of nothing the picture moves again by itself', MEASURED, async () => {
  const { bob, watch, path } = await meet('Bob');
  await measured(path, watch, async (dark) => {
    await path.change('down', { blackout: true });
    await path.change('up', { blackout: true });
    const darkness = await watch.lasting(3_000, dark);
    const light = await watch.now();
    await path.change('down', { blackout: false });
    await path.change('up', { blackout: false });
    const movesMs = await watch.moves(light);
    report('3 s of nothing', darkness);
    report(`and again, the picture moves after ${Math.round(movesMs)} ms`, await watch.lasting(3_000, light));

    // What was on its way; ten times as many come in as long a time otherwise.
    expect(darkness.packets).toBeLessThan(15);
    expect(movesMs).toBeLessThan(2_000);
    expect((await watch.since(dark)).connections).toBe(0);
  });
  await bob.hears(1);
});

test(
  'a link that carries no picture carries the sound; the page says so, and the picture comes back',
  MEASURED,
  async () => {
    const { bob, watch, path } = await meet('Bob');
    const words = bob.tile('Ada').getByText('Video paused: your connection is weak');
    await measured(path, watch, async (floor) => {
      await words.waitFor({ state: 'hidden' });
      await path.change('down', { rateBps: 60_000, queueMs: 300 });
      await words.waitFor();
      const paused = await watch.now();
      const still = await watch.lasting(5_000, paused);
      report(`60 kb/s, paused after ${Math.round(paused.atMs - floor.atMs)} ms`, still);
      expect(await words.isVisible()).toBe(true);
      expect(await bob.tile('Ada').locator('video').isVisible()).toBe(true);

      const restored = await watch.now();
      await path.change('down', { rateBps: WIDE });
      const movesMs = await watch.moves(restored);
      await words.waitFor({ state: 'hidden' });
      report(`and wide again, the picture moves after ${Math.round(movesMs)} ms`, await watch.since(restored));

      expect(paused.atMs - floor.atMs).toBeLessThan(5_000);
      // What was on its way when the page was told.
      expect(still.framesDecoded).toBeLessThanOrEqual(2);
      expect(still.audioPackets).toBeGreaterThan(100);
      expect(still.concealed).toBeLessThan(0.2);
      expect(movesMs).toBeLessThan(10_000);
    });
  },
);

test('one viewer’s bad network is nobody else’s', MEASURED, async () => {
  const path = newPath();
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada', PUBLISHER);
  const bob = await zone.join(link, 'Bob', { ...VIEWER, path });
  const cid = await zone.join(link, 'Cid', VIEWER);
  const dan = await zone.join(link, 'Dan', VIEWER);
  for (const viewer of [bob, cid, dan]) await viewer.button('Pin Ada').click();
  const bad = await Watch.begin(zone, bob, 'Ada', 360);
  const others = [await Watch.begin(zone, cid, 'Ada', 360), await Watch.begin(zone, dan, 'Ada', 360)];
  await seesConnection(cid, 'Bob', /: (good|fair)$/);

  await measured(path, bad, async (start) => {
    const starts = await Promise.all(others.map((watch) => watch.settles(360)));
    const sentBefore = await sentBy(ada);
    await path.change('down', { rateBps: 600_000, queueMs: 300, lossFraction: 0.2 });
    await seesConnection(cid, 'Bob', /: poor$/);
    await bob.isTold('status', /Your connection is weak/);
    report('Bob at 600 kb/s with 20 % lost', await bad.lasting(10_000, start));
    const sent = await sentBy(ada);
    const stretches = await Promise.all(others.map((watch, index) => watch.since(starts[index] ?? start)));
    for (const [index, stretch] of stretches.entries()) report(index === 0 ? 'Cid' : 'Dan', stretch);
    const asked = sent.keyFramesAskedFor - sentBefore.keyFramesAskedFor;
    console.info(`the publisher was asked for ${asked} key frames and made ${sent.keyFrames - sentBefore.keyFrames}`);

    const restored = await bad.now();
    await path.change('down', { rateBps: WIDE, lossFraction: 0 });
    const largerMs = await bad.reaches(360, restored);
    // Three bars take longer, and machines that stutter do not get them.
    for (const viewer of [cid, bob]) await seesConnection(viewer, 'Bob', /: (good|fair)$/);
    const betterMs = (await bad.since(restored)).atMs;
    console.info(
      `and well again: 360 lines after ${Math.round(largerMs)} ms, more bars after ${Math.round(betterMs)} ms`,
    );

    for (const stretch of stretches) {
      expect(stretch.heights).toEqual([360]);
      expect(stretch.gapMs).toBeLessThan(500);
      expect(stretch.keyFramesAskedFor).toBe(0);
      expect(stretch.packetsLost).toBe(0);
      // One encoder's key frame is one in all its sizes: those that Bob's changes of size cost are seen by everybody.
      expect(stretch.keyFrames).toBeLessThanOrEqual(KEY_FRAMES);
    }
    expect(asked).toBeLessThanOrEqual(KEY_FRAMES);
    expect(largerMs).toBeLessThan(20_000);
  });
});
