/** People go from one zone to another in the middle of a meeting. All real but the bus, which is in memory. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import { StallMeter } from './stall-meter.ts';
import { packetsOf, picturesOf } from './zone-of-controllers.ts';
import { ZonesOfWorld } from './zones-of-world.ts';

const patience = { timeout: 30_000, interval: 50 };
const WISHES = [
  { zone: 'north', listens: true },
  { zone: 'south', listens: true },
];
let world: ZonesOfWorld;

beforeEach(async () => {
  world = await ZonesOfWorld.start(WISHES);
});
afterEach(() => world.stop());

const names = ({ roster }: HeadlessParticipant): string[] =>
  roster.map(({ name, connected }) => (connected ? name : `${name} (away)`)).sort();
/** Those of 100 ms and more: how long, and how much of that this process, in which everything runs, stood still. */
const gaps = ({ reception }: HeadlessParticipant, stalls: StallMeter): { gapMs: number; stalledMs: number }[] =>
  (['audio', 'video'] as const).flatMap((kind) =>
    reception.gaps(performance.now(), kind).map((gap) => {
      return { gapMs: Math.round(gap.untilMs - gap.fromMs), stalledMs: Math.round(stalls.within(gap)) };
    }),
  );
const zoneOf = async (zone: string): Promise<string[]> => {
  const response = await fetch(`${world.zone(zone).controller.url}/v1/zones`);
  return ((await response.json()) as { zones: { zone: string; probe?: object }[] }).zones.map(
    (each) => `${each.zone}${each.probe === undefined ? '' : ' measured'}`,
  );
};
/** Near a zone, and far from the other. */
const near = (zone: string) => ({
  roundTrips: { north: 90, south: 90, [zone]: 3 },
  resumes: true,
});

test('a zone is drained: its people go on in the other, and nobody is without picture or sound for 200 ms', {
  timeout: 120_000,
}, async () => {
  for (const zone of ['north', 'south']) {
    await expect
      .poll(async () => (await zoneOf(zone)).toSorted(), patience)
      .toEqual(['north measured', 'south measured']);
  }
  const meeting = await world.zone('north').controller.createMeeting();
  const ann = await world.join('north', meeting, 'ann', near('north'));
  const ben = await world.join('south', meeting, 'ben', near('north'));
  const cid = await world.join('north', meeting, 'cid', near('south'));
  const people = [ann, ben, cid];
  for (const each of people) {
    await expect.poll(() => names(each), patience).toEqual(['ann', 'ben', 'cid']);
    await expect.poll(() => picturesOf(each), patience).toBe(2);
  }
  const ids = people.map(({ id }) => id);
  const stalls = new StallMeter();
  // All has settled.
  for (const each of people) {
    const before = packetsOf(each);
    await expect.poll(() => packetsOf(each), patience).toBeGreaterThan(before + 100);
    each.reception.reset();
  }
  await world.drain('north', WISHES);
  await expect.poll(() => people.map(({ transfers }) => transfers), patience).toEqual([1, 1, 0]);
  for (const each of people) {
    const before = packetsOf(each);
    await expect.poll(() => packetsOf(each), patience).toBeGreaterThan(before + 100);
    await expect.poll(() => names(each), patience).toEqual(['ann', 'ben', 'cid']);
  }
  const noticed = people.flatMap((each) => gaps(each, stalls));
  stalls.stop();
  console.info(`gaps of 100 ms and more: ${JSON.stringify(noticed)}`);
  expect(people.map(({ id, end }) => [id, end])).toEqual(ids.map((id) => [id, undefined]));
  for (const { gapMs, stalledMs } of noticed) expect(gapMs - stalledMs).toBeLessThan(200);
});

test('a zone is lost: its people go on in the other as who they are, and those there see them again', {
  timeout: 120_000,
}, async () => {
  for (const zone of ['north', 'south']) {
    await expect
      .poll(async () => (await zoneOf(zone)).toSorted(), patience)
      .toEqual(['north measured', 'south measured']);
  }
  const meeting = await world.zone('north').controller.createMeeting();
  const ann = await world.join('north', meeting, 'ann', near('north'));
  const cid = await world.join('north', meeting, 'cid', near('south'));
  const people = [ann, cid];
  for (const each of people) {
    await expect.poll(() => names(each), patience).toEqual(['ann', 'cid']);
    await expect.poll(() => picturesOf(each), patience).toBe(1);
  }
  const { id } = ann;
  const lostMs = performance.now();
  await world.zone('north').stop();
  await expect.poll(() => ann.moves, patience).toBe(1);
  const before = people.map(packetsOf);
  await expect
    .poll(() => people.every((each, index) => packetsOf(each) > (before[index] ?? 0) + 50), patience)
    .toBe(true);
  console.info(`media flows again ${Math.round(performance.now() - lostMs)} ms after the zone was stopped`);
  for (const each of people) await expect.poll(() => names(each), patience).toEqual(['ann', 'cid']);
  expect([ann.id, ann.end, ann.transfers, cid.end]).toEqual([id, undefined, 0, undefined]);
});

test('a policy that keeps a meeting in its home zone brings those there who are in another, while they see and hear on', {
  timeout: 120_000,
}, async () => {
  for (const zone of ['north', 'south']) {
    await expect
      .poll(async () => (await zoneOf(zone)).toSorted(), patience)
      .toEqual(['north measured', 'south measured']);
  }
  const meeting = await world.zone('north').controller.createMeeting();
  await world.zone('north').define(meeting, { account: 'acme' });
  const ann = await world.join('north', meeting, 'ann', near('north'));
  const cid = await world.join('south', meeting, 'cid', near('south'));
  const people = [ann, cid];
  for (const each of people) {
    await expect.poll(() => names(each), patience).toEqual(['ann', 'cid']);
    await expect.poll(() => picturesOf(each), patience).toBe(1);
  }
  const ids = people.map(({ id }) => id);
  const stalls = new StallMeter();
  for (const each of people) {
    const before = packetsOf(each);
    await expect.poll(() => packetsOf(each), patience).toBeGreaterThan(before + 100);
    each.reception.reset();
  }
  world.policies = [{ scope: { kind: 'account', id: 'acme' }, rules: { residency: 'local' } }];
  await world.restartGlobal(WISHES);
  await expect.poll(() => people.map(({ transfers }) => transfers), patience).toEqual([0, 1]);
  for (const each of people) {
    const before = packetsOf(each);
    await expect.poll(() => packetsOf(each), patience).toBeGreaterThan(before + 100);
    await expect.poll(() => names(each), patience).toEqual(['ann', 'cid']);
  }
  const noticed = people.flatMap((each) => gaps(each, stalls));
  stalls.stop();
  console.info(`gaps of 100 ms and more: ${JSON.stringify(noticed)}`);
  expect(people.map(({ id, end }) => [id, end])).toEqual(ids.map((id) => [id, undefined]));
  // Whether a tree is cut before or after he has gone, nobody orders: a picture may be missing for a moment, but he is soon back.
  for (const { gapMs, stalledMs } of noticed) expect(gapMs - stalledMs).toBeLessThan(5_000);
});
