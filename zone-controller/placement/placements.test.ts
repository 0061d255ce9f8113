import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { type MeetingPlacement, ZoneRecords } from '../registry/records.ts';
import { nowhere } from '../repair/spread-placement.ts';
import { NOW_MS, router, zoneOf } from './placement-lab.ts';
import type { PlacementPolicy } from './placement-policy.ts';
import { afterFailedJoin, Placements } from './placements.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const meeting = '12345678901' as MeetingId;
const KEY = `/zonecast/zones/z/placements/${meeting}`;
const id = (name: string) => name as RouterId;

let registry: MemoryRegistry;
let records: ZoneRecords;
beforeEach(() => {
  registry = new MemoryRegistry();
  records = new ZoneRecords(registry, 'z' as ZoneId, log);
});

/** Of a controller that knows these routers with these loads of their workers; what it has seen of placements is in `mirrored`. */
function placementsOn(loads: Readonly<Record<string, readonly number[]>>, policy: Partial<PlacementPolicy> = {}) {
  const ids = Object.keys(loads);
  const capacity = zoneOf(
    Object.entries(loads).map(([name, each]) => router(name, each)),
    policy,
  );
  const mirrored = new Map<MeetingId, MeetingPlacement>();
  const people = new Map<RouterId, number>();
  const changed: MeetingPlacement[] = [];
  const lost = new Set<RouterId>();
  const routers = { capacity, nowMs: NOW_MS, has: (each: RouterId) => ids.includes(each) && !lost.has(each) };
  const placements = new Placements({
    records,
    mirror: { placements: mirrored },
    routers,
    people: () => people,
    changed: (_, placement) => changed.push(placement),
    log,
  });
  const join = (findings = {}) => placements.forJoin(meeting, 'ada', findings);
  const who = (name: string) => placements.forJoin(meeting, name);
  return { placements, join, who, mirrored, people, changed, lost };
}

const placed = (root: string, ...branches: string[]): MeetingPlacement => ({
  epoch: 1,
  version: 1 + branches.length,
  root: { router: id(root), worker: 0 },
  branches: branches.map((each) => ({ router: id(each), worker: 0, parent: 0 })),
  leaving: [],
});

const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('a meeting', () => {
  test('that is nowhere is placed on a worker, and is there from then on', async () => {
    const { join, changed } = placementsOn({ a: [0, 0], b: [0, 0], c: [0, 0] });
    const first = await join();
    expect(first).toMatchObject({ worker: expect.any(Number), isNew: true });
    expect(await join()).toEqual({ ...first, isNew: false });
    const { router: at, worker } = first;
    const stored = { epoch: 1, version: 1, root: { router: at, worker }, branches: [], leaving: [] };
    expect(JSON.parse((await registry.get(KEY))?.value ?? '')).toEqual({ format: 1, ...stored });
    expect([first.placement, changed]).toEqual([stored, [stored]]);
  });

  test('whose epoch is over goes back to its router under the next, or to another if that has failed', async () => {
    const { join } = placementsOn({ a: [0, 0], b: [0, 0], c: [0, 0] });
    const first = await join();
    const over = new Map([[first.router, 1]]);
    const second = await join({ over });
    expect([second.placement.epoch, second.router]).toEqual([2, first.router]);
    const third = await join({ over: new Map([[first.router, 2]]), failed: new Set([first.router]) });
    expect([third.placement.epoch, third.router !== first.router]).toEqual([3, true]);
  });

  test('that several controllers place at once is where the first one put it', async () => {
    const controllers = Array.from({ length: 5 }, (_, index) =>
      placementsOn({ [`a${index}`]: [0, 0], b: [0, 0], c: [0, 0] }),
    );
    const all = await Promise.all(controllers.map(({ join }) => join()));
    const places = new Set(all.map(({ placement, router: at, worker }) => `${placement.epoch} ${at} ${worker}`));
    expect([places.size, all.filter(({ isNew }) => isNew).length]).toEqual([1, 1]);
  });

  test('to which one of those who came together has come is not placed anew for another', async () => {
    const { placements, who } = placementsOn({ a: [0, 0], b: [0, 0] });
    const [ada, bob] = await Promise.all([who('ada'), who('bob')]);
    expect([ada.isNew, bob.isNew, placements.isUntouched(meeting, bob)]).toEqual([true, true, true]);
    placements.settled(meeting, 'ada', true);
    expect(placements.isUntouched(meeting, bob)).toBe(false);
    // Under the next epoch nobody has.
    const over = new Map([[bob.router, 1]]);
    const again = await placements.forJoin(meeting, 'bob', { over });
    expect([again.placement.epoch, placements.isUntouched(meeting, again)]).toEqual([2, true]);
    // Whoever comes later has not had it decided for him: others may be there.
    expect(placements.isUntouched(meeting, await who('cid'))).toBe(false);
  });

  test('that is mirrored is found without the registry', async () => {
    const { join, mirrored } = placementsOn({ a: [0, 0] });
    mirrored.set(meeting, placed('a'));
    expect(await join()).toMatchObject({ router: 'a', worker: 0, isNew: false });
    expect(await registry.get(KEY)).toBeUndefined();
  });

  test('is not taken from a router that only we cannot reach', async () => {
    await records.putPlacement(meeting, placed('away'), 0);
    const limits = { participants: 10, packetsPerSecond: 10 };
    const record = { address: 'x:1', workers: 1, limits, labels: {}, taints: [], release: '1', controller: 'c' };
    const { key, value } = records.routerEntry(id('away'), record);
    await registry.put(key, value);
    const { join } = placementsOn({ a: [0, 0] });
    expect(await failure(join())).toMatchObject({ code: 'noRouter', retryAfterMs: 2_000 });
    await registry.delete(key);
    expect(await join()).toMatchObject({ placement: { epoch: 2 }, router: 'a' });
  });

  test('that loses a router keeps its places on others, also where nothing is known of them yet', async () => {
    await records.putPlacement(meeting, placed('away', 'a', 'unknown'), 0);
    const limits = { participants: 10, packetsPerSecond: 10 };
    const record = { address: 'x:1', workers: 1, limits, labels: {}, taints: [], release: '1', controller: 'c' };
    const { key, value } = records.routerEntry(id('unknown'), record);
    await registry.put(key, value);
    const { placements } = placementsOn({ a: [0, 0] });
    expect((await placements.whole(meeting)).placement).toMatchObject({
      epoch: 2,
      root: { router: 'a' },
      branches: [{ router: 'unknown', parent: 0 }],
    });
  });

  test('that was given up is placed under a higher epoch', async () => {
    const { placements, join } = placementsOn({ a: [0, 0] });
    await join();
    const { value, revision } = await records.placement(meeting);
    const released = nowhere(value as MeetingPlacement); // there since the join
    await records.putPlacement(meeting, released, revision);
    placements.see(meeting, released);
    expect((await join()).placement).toMatchObject({ epoch: 2, version: 3 });
  });

  test('what a mirror shows later than we know it changes nothing', async () => {
    const { placements, join, changed, mirrored } = placementsOn({ a: [0, 0] });
    await join();
    const older = placed('b');
    await join({ over: new Map([[id('a'), 1]]) });
    mirrored.set(meeting, older);
    placements.mirrored(meeting, older);
    expect([placements.current(meeting)?.epoch, changed.length]).toEqual([2, 2]);
  });
});

test('a meeting that is full grows by one branch, however many controllers want that at once', async () => {
  await records.putPlacement(meeting, placed('a'), 0);
  const controllers = Array.from({ length: 4 }, () => {
    const controller = placementsOn({ a: [1, 1], b: [0], c: [0] });
    controller.mirrored.set(meeting, placed('a'));
    return controller;
  });
  const all = await Promise.all(controllers.flatMap(({ join }) => [join(), join()]));
  const { value } = await records.placement(meeting);
  expect(value).toMatchObject({ epoch: 1, version: 2, root: { router: 'a', worker: 0 }, branches: [{ parent: 0 }] });
  const places = all.map(({ router: at, worker }) => ({ router: at, worker, parent: 0 }));
  expect(new Set(places.map((place) => JSON.stringify(place)))).toEqual(
    new Set(value?.branches.map((branch) => JSON.stringify(branch))),
  );
  expect(all.some(({ isNew }) => isNew)).toBe(true);
});

describe('a meeting on several routers', () => {
  test('gets nobody to a place that is being emptied, nor to a router that did not answer', async () => {
    const { join, mirrored } = placementsOn({ a: [0, 0], b: [0, 0], c: [0, 0] });
    mirrored.set(meeting, { ...placed('a', 'b'), leaving: [{ router: id('a'), worker: 0, why: 'drain' }] });
    expect(await join()).toMatchObject({ router: 'b', isNew: false });
    mirrored.set(meeting, placed('a', 'b'));
    expect(await join({ failed: new Set([id('a')]) })).toMatchObject({ router: 'b', isNew: false });
  });

  test('without its root goes on where it is otherwise, under the next epoch', async () => {
    await records.putPlacement(meeting, placed('gone', 'a', 'b'), 0);
    const { placements, people, changed } = placementsOn({ a: [0, 0], b: [0, 0], c: [0, 0] });
    people.set(id('b'), 7);
    const { placement, isNew } = await placements.whole(meeting);
    expect([placement, isNew]).toEqual([{ ...placed('b', 'a'), epoch: 2, version: 4 }, false]);
    expect(changed).toEqual([placement]);
  });

  test('with all of them gone starts anew, with nobody in it', async () => {
    await records.putPlacement(meeting, placed('gone', 'lost'), 0);
    const { join } = placementsOn({ a: [0, 0] });
    expect(await join()).toMatchObject({ router: 'a', isNew: true, placement: { epoch: 2, version: 3, branches: [] } });
  });

  test('can be joined where it can be reached while the registry is away', async () => {
    const { join, mirrored, lost } = placementsOn({ a: [0, 0], b: [0, 0] });
    mirrored.set(meeting, placed('a', 'b'));
    lost.add(id('a'));
    vi.spyOn(registry, 'get').mockRejectedValue(new ZonecastError('registryUnavailable', 'away'));
    expect(await join()).toMatchObject({ router: 'b', isNew: false });
  });
});

test('a router takes so many joins a second; those beyond come back at different times', async () => {
  const { join, who } = placementsOn({ a: [0, 0] }, { joinRate: { burst: 3, perSecond: 10 } });
  for (let count = 0; count < 3; count++) expect(await join()).toMatchObject({ router: 'a' });
  const waits = await Promise.all(['ada', 'bob', 'cid'].map(async (name) => failure(who(name))));
  for (const error of waits) expect(error).toMatchObject({ code: 'rateLimited', retryAfterMs: expect.any(Number) });
  const times = waits.map((error) => (error as ZonecastError).retryAfterMs ?? 0);
  expect([new Set(times).size, Math.min(...times) >= 100]).toEqual([3, true]);
});

test.each([
  ['badOffer', false, undefined],
  ['staleEpoch', false, { over: new Map([['a', 1]]) }],
  ['meetingLost', false, {}],
  ['noRouter', false, undefined],
  ['noRouter', true, { over: new Map([['a', 1]]), failed: new Set(['a']) }],
] as const)('a join that failed with %s, where nobody is: %s', (code, isUntouched, findings) => {
  const at = { placement: placed('a'), router: id('a'), worker: 0, isNew: true, media: 'full' as const };
  expect(afterFailedJoin({}, at, isUntouched, new ZonecastError(code, ''))).toEqual(findings);
});

test('a router of several that does not answer is passed over', () => {
  const at = { placement: placed('a', 'b'), router: id('b'), worker: 0, isNew: false, media: 'full' as const };
  expect(afterFailedJoin({}, at, false, new ZonecastError('noRouter', ''))).toEqual({ failed: new Set(['b']) });
});

test('a placement that is there and cannot be read is left alone', async () => {
  const text = '{"format":2,"epoch":7,"root":{"router":"a"}}';
  await registry.put(KEY, text);
  const error = await failure(placementsOn({ a: [0, 0] }).join());
  expect(error).toBeInstanceOf(ZonecastError);
  expect(error).toMatchObject({ code: 'badRecord' });
  expect((await registry.get(KEY))?.value).toBe(text);
});

test('without room there is a time to come back', async () => {
  const error = await failure(placementsOn({}).join());
  expect(error).toMatchObject({ code: 'noRouter', retryAfterMs: expect.any(Number) });
});

test('with sound only: of a meeting without room for one, no other is looked at', async () => {
  for (const load of [0.999, 0]) {
    const { placements, mirrored, lost } = placementsOn({ a: [load] });
    mirrored.set(meeting, placed('a'));
    const looks = vi.spyOn(lost, 'has');
    const candidates = Array.from({ length: 100 }, (_, index) => ({ meeting, who: `p${index}` }));
    const upgradable = placements.upgradable(candidates, 3);
    expect([upgradable.length, looks.mock.calls.length]).toEqual(load === 0 ? [3, 3] : [0, 1]);
  }
});
