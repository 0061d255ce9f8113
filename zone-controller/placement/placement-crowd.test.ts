import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { ZoneRecords } from '../registry/records.ts';
import { NOW_MS, router, SEED, zoneOf } from './placement-lab.ts';
import { type Placed, Placements } from './placements.ts';
import type { ZoneCapacity } from './zone-capacity.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const NOTHING = { participants: 0, packetsPerSecond: 0 };

/** Packets are no limit here, only people are. */
function crowdedZone(routers: number, workers: number, perWorker: number) {
  const limits = { participants: perWorker, packetsPerSecond: 10_000_000 };
  const idle = Array.from({ length: workers }, () => 0);
  const ids = Array.from({ length: routers }, (_, index) => `r${index}` as RouterId);
  const capacity = zoneOf(
    ids.map((id) => router(id, idle, { limits })),
    { joinRate: { burst: 10_000, perSecond: 1 } },
  );
  const there = new Map<MeetingId, Map<RouterId, number>>();
  const placements = new Placements({
    records: new ZoneRecords(new MemoryRegistry(), 'z' as ZoneId, log),
    mirror: { placements: new Map() },
    routers: { capacity, nowMs: NOW_MS, has: (id: RouterId) => ids.includes(id) },
    people: (meeting) => there.get(meeting) ?? new Map(),
    changed: () => undefined,
    log,
  });
  const come = (meeting: MeetingId, who: string, { router: id }: Placed): void => {
    const people = there.get(meeting) ?? new Map<RouterId, number>();
    there.set(meeting, people.set(id, (people.get(id) ?? 0) + 1));
    placements.settled(meeting, who, true);
  };
  return { capacity, placements, come, ids };
}

const places = (ids: readonly RouterId[], workers: number) =>
  ids.flatMap((id) => Array.from({ length: workers }, (_, worker) => ({ router: id, worker })));
const nameOf = ({ router: id, worker }: Pick<Placed, 'router' | 'worker'>): string => `${id}/${worker}`;

function promised(capacity: ZoneCapacity, nowMs: number, at: ReturnType<typeof places>): number {
  return at.reduce((sum, { router: id, worker }) => {
    return sum + (capacity.router(id)?.expected(nowMs, worker) ?? NOTHING).participants;
  }, 0);
}

const crowds = fc.record({
  routers: fc.integer({ min: 1, max: 5 }),
  workers: fc.integer({ min: 1, max: 3 }),
  perWorker: fc.integer({ min: 6, max: 25 }),
  meetings: fc.integer({ min: 1, max: 4 }),
  /** Which meeting each one joins, and whether he gets there. */
  choices: fc.infiniteStream(fc.nat(1_000)),
});

describe('a crowd that comes at once', () => {
  test('fills a zone to the last seat, whatever meetings it is for, and no worker is given more than it takes', async () => {
    await fc.assert(
      fc.asyncProperty(crowds, async ({ routers, workers, perWorker, meetings, choices }) => {
        const { placements, come } = crowdedZone(routers, workers, perWorker);
        const counts = new Map<string, number>();
        const draw = (): number => choices.next().value as number; // it has no end
        const people = Array.from({ length: routers * workers * perWorker }, (_, index) => ({
          meeting: `m${draw() % meetings}` as MeetingId,
          who: `${index}`,
        }));
        await Promise.all(
          people.map(async ({ meeting, who }) => {
            const placed = await placements.forJoin(meeting, who);
            counts.set(nameOf(placed), (counts.get(nameOf(placed)) ?? 0) + 1);
            for (let turns = draw() % 5; turns > 0; turns--) await Promise.resolve();
            come(meeting, who, placed);
          }),
        );
        expect(counts.size).toBe(routers * workers);
        expect([...counts.values()].every((count) => count === perWorker)).toBe(true);
        await expect(placements.forJoin('m0' as MeetingId, 'one more')).rejects.toMatchObject({ code: 'noRouter' });
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  test('leaves no promises behind: those who fail give back theirs at once, those who come are in the next report', async () => {
    await fc.assert(
      fc.asyncProperty(crowds, async ({ routers, workers, perWorker, meetings, choices }) => {
        const { capacity, placements, come, ids } = crowdedZone(routers, workers, perWorker);
        const at = places(ids, workers);
        const draw = (): number => choices.next().value as number; // it has no end
        const there = new Map<string, number>();
        const people = Array.from({ length: Math.ceil((routers * workers * perWorker) / 2) }, (_, index) => index);
        await Promise.all(
          people.map(async (index) => {
            const [meeting, who] = [`m${draw() % meetings}` as MeetingId, `${index}`];
            const placed = await placements.forJoin(meeting, who);
            if (draw() % 3 === 0) return placements.settled(meeting, who, false);
            there.set(nameOf(placed), (there.get(nameOf(placed)) ?? 0) + 1);
            come(meeting, who, placed);
          }),
        );
        const all = [...there.values()].reduce((sum, count) => sum + count, 0);
        capacity.yieldExpected(NOW_MS);
        expect(promised(capacity, NOW_MS, at)).toBe(all);
        for (const id of ids) {
          const loads = Array.from({ length: workers }, (_, index) => {
            return { index, participants: there.get(`${id}/${index}`) ?? 0, packetsPerSecond: 0 };
          });
          capacity.report(NOW_MS + 100, id, loads);
        }
        expect(promised(capacity, NOW_MS + 100, at)).toBe(all);
        for (const place of at) {
          expect(capacity.router(place.router)?.expected(NOW_MS + 6_000, place.worker)?.packetsPerSecond).toBe(0);
        }
      }),
      { seed: SEED, numRuns: 60 },
    );
  });
});

test('room that is kept for people who are expected is for them, until somebody else would be refused', async () => {
  const { placements } = crowdedZone(1, 1, 10);
  const [small, other] = ['m0', 'm1'] as MeetingId[] as [MeetingId, MeetingId];
  // Four are expected of the first meeting; one of them is there.
  await placements.forJoin(small, 'ann');
  for (let index = 0; index < 9; index++) await placements.forJoin(other, `${index}`);
  await expect(placements.forJoin(small, 'bob')).rejects.toMatchObject({ code: 'noRouter' });
});
