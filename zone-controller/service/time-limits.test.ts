import { afterEach, beforeEach, expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { ServiceLab } from './testing/service-lab.ts';
import { TimeLimits } from './time-limits.ts';

const MINUTE = 60_000;
const START = Date.parse('2030-01-01T00:00Z');

let lab: ServiceLab;
let limits: TimeLimits;
let warned: [MeetingId, number][];
/** Routers do not answer. */
let isAway: boolean;
const make = () =>
  new TimeLimits({
    records: lab.records,
    mirror: lab.mirror,
    definitions: lab.definitions,
    isLeader: () => true,
    warn: async (meeting, leftMs) => {
      if (isAway) throw new ZonecastError('noRouter', 'away');
      warned.push([meeting, leftMs]);
    },
    endRunning: async (meeting) => void lab.ended.push(meeting),
    audit: { record: (entry) => void lab.audit.push(entry) },
    log: createLogger({ name: 'test', level: 'silent' }),
  });

beforeEach(async () => {
  lab = await ServiceLab.start();
  warned = [];
  isAway = false;
  limits = make();
});
afterEach(() => lab.stop());

async function meetingOf(minutes: number | undefined, more: object = {}): Promise<MeetingId> {
  const { meeting } = await lab.definitions.create({ limits: { minutes }, ...more });
  await mirrored(() => lab.mirror.definitions.has(meeting));
  return meeting;
}

const mirrored = (isThere: () => boolean) => expect.poll(isThere).toBe(true);
const sinceOf = (meeting: MeetingId) => lab.mirror.definitions.get(meeting)?.runningSinceMs;

async function lookAt(nowMs: number): Promise<void> {
  await limits.look(nowMs);
  // The mirror follows within the same turn, or the next.
  await new Promise((resolve) => setImmediate(resolve));
}

test('a meeting is ended when it has lasted as long as it may, counted by whoever leads', async () => {
  const meeting = await meetingOf(30);
  const endless = await meetingOf(undefined);
  await lookAt(START);
  expect(sinceOf(meeting)).toBeUndefined();
  for (const each of [meeting, endless]) await lab.place(each);
  await mirrored(() => lab.mirror.placements.has(endless));
  await lookAt(START);
  await mirrored(() => sinceOf(meeting) === START);
  limits = make(); // another leader
  await lookAt(START + 30 * MINUTE - 1);
  expect(lab.ended).toEqual([]);
  await lookAt(START + 30 * MINUTE);
  expect(lab.ended).toEqual([meeting]);
  expect(lab.audit).toEqual([{ what: 'meetings.timeLimit', who: {}, meeting, outcome: 'done' }]);
  await mirrored(() => lab.mirror.definitions.get(meeting)?.ended === true);
  expect(lab.mirror.definitions.get(meeting)?.revision).toBe(2);
});

test('who comes back to a personal room has the whole time again', async () => {
  const meeting = await meetingOf(10, { personal: true });
  await lab.place(meeting);
  await mirrored(() => lab.mirror.placements.has(meeting));
  await lookAt(START);
  await mirrored(() => sinceOf(meeting) === START);
  await lookAt(START + 10 * MINUTE);
  await mirrored(() => sinceOf(meeting) === START + 10 * MINUTE);
  await lookAt(START + 11 * MINUTE);
  expect(lab.ended).toEqual([meeting]);
  expect(lab.mirror.definitions.get(meeting)?.ended).toBeUndefined();
});

test('a meeting that was nowhere for a while begins anew', async () => {
  const meeting = await meetingOf(10);
  await lab.place(meeting);
  await mirrored(() => lab.mirror.placements.has(meeting));
  await lookAt(START);
  await mirrored(() => sinceOf(meeting) === START);
  const { revision, value } = await lab.records.placement(meeting);
  if (value === undefined) throw new Error('not placed');
  await lab.records.putPlacement(meeting, { ...value, root: null }, revision);
  await mirrored(() => lab.mirror.placements.get(meeting)?.root === null);
  await lookAt(START + 9 * MINUTE);
  await mirrored(() => sinceOf(meeting) === undefined);
  expect(lab.ended).toEqual([]);
});

test('people are told five minutes and one minute before, once each, and not at the beginning', async () => {
  const [long, short] = [await meetingOf(30, { personal: true }), await meetingOf(5)];
  for (const each of [long, short]) await lab.place(each);
  await mirrored(() => lab.mirror.placements.has(short));
  await lookAt(START);
  await mirrored(() => sinceOf(long) === START && sinceOf(short) === START);
  for (const seconds of [1, 239, 240, 241]) await lookAt(START + seconds * 1000);
  expect(warned).toEqual([[short, MINUTE]]);
  warned = [];
  for (const seconds of [1499, 1504, 1509]) await lookAt(START + seconds * 1000);
  expect(warned).toEqual([[long, 5 * MINUTE - 4000]]);
  isAway = true;
  await lookAt(START + 1741_000);
  isAway = false;
  for (const seconds of [1746, 1751]) await lookAt(START + seconds * 1000);
  expect(warned.slice(1)).toEqual([[long, 54_000]]);
  // It may be entered again, and has the whole time.
  await lookAt(START + 30 * MINUTE);
  await mirrored(() => sinceOf(long) === START + 30 * MINUTE);
  warned = [];
  for (const minutes of [31, 56]) await lookAt(START + minutes * MINUTE);
  expect(warned).toEqual([[long, 4 * MINUTE]]);
});

test('another leader tells again how much is left', async () => {
  const meeting = await meetingOf(30);
  await lab.place(meeting);
  await mirrored(() => lab.mirror.placements.has(meeting));
  await lookAt(START);
  await mirrored(() => sinceOf(meeting) === START);
  await lookAt(START + 26 * MINUTE);
  limits = make();
  await lookAt(START + 27 * MINUTE);
  expect(warned).toEqual([
    [meeting, 4 * MINUTE],
    [meeting, 3 * MINUTE],
  ]);
});
