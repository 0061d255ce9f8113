import { beforeEach, describe, expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { type MeetingPlacement, ZoneRecords } from '../registry/records.ts';
import { NOW_MS, router, zoneOf } from './placement-lab.ts';
import { Placements } from './placements.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const meeting = '12345678901' as MeetingId;
const KEY = `/zonecast/zones/z/placements/${meeting}`;

let registry: MemoryRegistry;
let records: ZoneRecords;
beforeEach(() => {
  registry = new MemoryRegistry();
  records = new ZoneRecords(registry, 'z' as ZoneId, log);
});

/** Of a controller that knows these routers; what it has seen of placements is in `mirrored`. */
function placementsOn(...ids: readonly string[]) {
  const capacity = zoneOf(ids.map((id) => router(id, [0, 0])));
  const mirrored = new Map<MeetingId, MeetingPlacement>();
  const routers = { capacity, nowMs: NOW_MS, has: (id: RouterId) => ids.includes(id) };
  return { placements: new Placements(records, { placements: mirrored }, routers, log), mirrored };
}

const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('a meeting', () => {
  test('that is nowhere is placed on a worker, and is there from then on', async () => {
    const { placements } = placementsOn('a', 'b', 'c');
    const first = await placements.locate(meeting);
    expect(first).toMatchObject({ epoch: 1, worker: expect.any(Number), isNew: true });
    expect(await placements.locate(meeting)).toEqual({ ...first, isNew: false });
    const { router: id, worker } = first;
    const stored = JSON.parse((await registry.get(KEY))?.value ?? '');
    expect(stored).toEqual({ format: 1, epoch: 1, root: { router: id, worker }, branches: [] });
  });

  test('whose epoch is over goes back to its router under the next, or to another if that has failed', async () => {
    const { placements } = placementsOn('a', 'b', 'c');
    const first = await placements.locate(meeting);
    const second = await placements.locate(meeting, { overEpoch: 1 });
    expect(second).toMatchObject({ epoch: 2, router: first.router });
    const third = await placements.locate(meeting, { overEpoch: 2, failed: new Set([first.router]) });
    expect([third.epoch, third.router !== first.router]).toEqual([3, true]);
  });

  test('that several controllers place at once is where the first one put it', async () => {
    const controllers = Array.from({ length: 5 }, (_, index) => placementsOn(`a${index}`, 'b', 'c').placements);
    for (const overEpoch of [0, 1, 2]) {
      const all = await Promise.all(controllers.map((each) => each.locate(meeting, { overEpoch })));
      const places = new Set(all.map(({ epoch, router: id, worker }) => `${epoch} ${id} ${worker}`));
      expect([places.size, all.filter(({ isNew }) => isNew).length]).toEqual([1, 1]);
      expect(all[0]?.epoch).toBe(overEpoch + 1);
    }
  });

  test('that is mirrored is found without the registry', async () => {
    const { placements, mirrored } = placementsOn('a');
    mirrored.set(meeting, { epoch: 7, root: { router: 'a' as RouterId, worker: 1 }, branches: [] });
    expect(await placements.locate(meeting)).toEqual({ epoch: 7, router: 'a', worker: 1, isNew: false });
    expect(await registry.get(KEY)).toBeUndefined();
  });

  test('is not taken from a router that only we cannot reach', async () => {
    const away = 'away' as RouterId;
    await records.putPlacement(meeting, { epoch: 1, root: { router: away }, branches: [] }, 0);
    const limits = { participants: 10, packetsPerSecond: 10 };
    const record = { address: 'x:1', workers: 1, limits, labels: {}, taints: [], release: '1', controller: 'c' };
    const { key, value } = records.routerEntry(away, record);
    await registry.put(key, value);
    const { placements } = placementsOn('a');
    expect(await failure(placements.locate(meeting))).toMatchObject({ code: 'noRouter', retryAfterMs: 2_000 });
    await registry.delete(key);
    expect(await placements.locate(meeting)).toMatchObject({ epoch: 2, router: 'a' });
  });

  test('is nowhere after its release, unless it was placed anew meanwhile', async () => {
    const { placements } = placementsOn('a');
    await placements.locate(meeting);
    await placements.release(meeting, 1);
    expect((await records.placement(meeting)).value).toEqual({ epoch: 1, root: null, branches: [] });
    expect(await placements.locate(meeting)).toMatchObject({ epoch: 2 });
    await placements.release(meeting, 1);
    expect((await records.placement(meeting)).value?.root).not.toBeNull();
  });
});

test('a placement that is there and cannot be read is left alone', async () => {
  const text = '{"format":2,"epoch":7,"root":{"router":"a"}}';
  await registry.put(KEY, text);
  const error = await failure(placementsOn('a').placements.locate(meeting));
  expect(error).toBeInstanceOf(ZonecastError);
  expect(error).toMatchObject({ code: 'badRecord' });
  expect((await registry.get(KEY))?.value).toBe(text);
});

test('without room there is a time to come back', async () => {
  const error = await failure(placementsOn().placements.locate(meeting));
  expect(error).toMatchObject({ code: 'noRouter', retryAfterMs: expect.any(Number) });
});
