import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { blockAt, meetingIdOf } from '../blocks/meeting-ids.ts';
import type { ZoneStanding } from '../zones/known-zone.ts';
import type { Home, HomeRecord } from './home-record.ts';
import { MeetingDirectory, newerHome } from './meeting-directory.ts';
import { type HomeRequest, type PresentZone, planHome } from './plan-home.ts';

const SEED = 71;
const [A, B, C] = ['a', 'b', 'c'] as [ZoneId, ZoneId, ZoneId];
const MEETING: MeetingId = meetingIdOf(blockAt(7), 42);

function present(zone: ZoneId, people: number, fields: Partial<PresentZone> = {}): PresentZone {
  return { zone, people, standing: 'well', drained: false, fenced: false, ...fields };
}

function request(fields: Partial<HomeRequest>): HomeRequest {
  return {
    home: { zone: A, term: 0 },
    homeStanding: 'well',
    blockZone: { zone: A, standing: 'well' },
    present: [],
    residency: 'anywhere',
    ...fields,
  };
}

describe('the directory', () => {
  test('a meeting is at home where its block is, unless a record says otherwise', () => {
    const directory = new MeetingDirectory();
    expect(directory.home(MEETING)).toBeUndefined();
    expect(directory.putBlock(blockAt(7), A)).toBe(true);
    expect(directory.putBlock(blockAt(7), B)).toBe(false);
    expect(directory.home(MEETING)).toEqual({ zone: A, term: 0 });
    expect(directory.putHome(MEETING, { zone: B, term: 2 })).toBe(true);
    expect(directory.putHome(MEETING, { zone: C, term: 1 })).toBe(false);
    expect(directory.home(MEETING)).toEqual({ zone: B, term: 2 });
    expect(directory.blockZone(MEETING)).toBe(A);
    directory.forgetHome(MEETING);
    expect(directory.home(MEETING)).toEqual({ zone: A, term: 0 });
  });

  test('whatever the order in which records come, all end with the same', () => {
    const homes = fc.uniqueArray(
      fc.record<HomeRecord>({ zone: fc.constantFrom(A, B, C), term: fc.integer({ min: 1, max: 20 }) }),
      {
        selector: ({ term }) => term,
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(homes, fc.infiniteStream(fc.nat()), (records, random) => {
        const [one, other] = [new MeetingDirectory(), new MeetingDirectory()];
        const shuffled = records.toSorted(() => ((random.next().value ?? 0) % 2 === 0 ? 1 : -1));
        for (const record of records) one.putHome(MEETING, record);
        for (const record of shuffled) other.putHome(MEETING, record);
        expect(other.home(MEETING)).toEqual(one.home(MEETING));
        expect(one.home(MEETING)?.term).toBe(Math.max(...records.map(({ term }) => term)));
      }),
      { seed: SEED },
    );
  });
});

describe('another home', () => {
  test.each<[string, Partial<HomeRequest>, string | undefined]>([
    ['none while home is well', { present: [present(B, 9)] }, undefined],
    ['none while home is only silent', { homeStanding: 'silent', present: [present(B, 9)] }, undefined],
    [
      'where most people are when it is lost',
      { homeStanding: 'lost', present: [present(A, 90), present(B, 3), present(C, 5)] },
      'c 1 homeLost',
    ],
    ['the first name of as many', { homeStanding: 'lost', present: [present(C, 5), present(B, 5)] }, 'b 1 homeLost'],
    [
      'not a drained zone if there is another',
      { homeStanding: 'lost', present: [present(C, 5, { drained: true }), present(B, 1)] },
      'b 1 homeLost',
    ],
    ['nor a silent one at all', { homeStanding: 'lost', present: [present(B, 5, { standing: 'silent' })] }, undefined],
    ['nor one that only others meet through', { homeStanding: 'lost', present: [present(B, 0)] }, undefined],
    [
      'nor one that keeps media inside',
      { homeStanding: 'lost', present: [present(C, 5, { fenced: true }), present(B, 1)] },
      'b 1 homeLost',
    ],
    ['none while nobody is there', { homeStanding: 'lost' }, undefined],
    [
      'when the zone is no more',
      { homeStanding: undefined, present: [present(B, 1)], blockZone: undefined },
      'b 1 homeGone',
    ],
    ['none for a local meeting', { homeStanding: 'lost', present: [present(B, 1)], residency: 'local' }, undefined],
    [
      'the one after it when that is lost, too',
      { home: { zone: B, term: 4 }, homeStanding: 'lost', present: [present(C, 1)] },
      'c 5 homeLost',
    ],
    [
      'the old one when it is back and lost is the new',
      { home: { zone: B, term: 1 }, homeStanding: 'lost', present: [present(A, 1)] },
      'a 2 homeLost',
    ],
    [
      'not the old one while people meet',
      { home: { zone: B, term: 1 }, present: [present(B, 1), present(A, 8)] },
      undefined,
    ],
    [
      'the old one when nobody is there any more',
      { home: { zone: B, term: 1 }, present: [present(B, 0)] },
      'a 2 backToBlock',
    ],
    [
      'but not while it is not well',
      { home: { zone: B, term: 1 }, blockZone: { zone: A, standing: 'silent' } },
      undefined,
    ],
  ])('%s', (_, fields, expected) => {
    const change = planHome(request(fields));
    expect(change && `${change.next.zone} ${change.next.term} ${change.why}`).toBe(expected);
  });

  test('several planners that swap come to one home, and to rest', () => {
    const standing = fc.constantFrom<ZoneStanding>('well', 'silent', 'lost');
    const world = fc.record({ a: standing, b: standing, c: standing });
    const step = fc.record({
      world,
      people: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
      order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        let kept: Home = { zone: A, term: 0 };
        for (const { world: standings, people, order } of steps) {
          const seen = kept;
          const all = ([A, B, C] as const).map((zone, index) =>
            present(zone, people[index] ?? 0, { standing: standings[zone as 'a'] }),
          );
          const plan = (home: Home) =>
            planHome(
              request({
                home,
                homeStanding: standings[home.zone as 'a'],
                blockZone: { zone: A, standing: standings.a },
                present: all,
              }),
            );
          let swaps = 0;
          for (const _ of order) {
            const change = plan(seen);
            // Compare-and-swap.
            if (change === undefined || kept.term !== seen.term) continue;
            expect(newerHome(kept, change.next)).toEqual(change.next);
            kept = change.next;
            swaps++;
          }
          expect(swaps).toBeLessThanOrEqual(1);
          expect(plan(kept)).toBeUndefined();
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('of two that differ the higher term is right, everywhere', () => {
    const home = fc.record<Home>({ zone: fc.constantFrom(A, B, C), term: fc.nat(3) });
    fc.assert(
      fc.property(home, home, home, (x, y, z) => {
        expect(newerHome(x, y)).toEqual(newerHome(y, x));
        expect(newerHome(newerHome(x, y), z)).toEqual(newerHome(x, newerHome(y, z)));
        expect(newerHome(x, y).term).toBe(Math.max(x.term, y.term));
      }),
      { seed: SEED },
    );
  });
});
