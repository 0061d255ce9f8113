import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { bandedOrder, type Measure } from './banded-order.ts';
import { describeRanking } from './ranking.ts';
import { anyRequest, anyZones, type LabZone, leftOut, orderOf, rank, SEED } from './ranking-lab.ts';

const BERLIN = { latitude: 52.5, longitude: 13.4 };
const PARIS = { latitude: 48.9, longitude: 2.4 };
const NEW_YORK = { latitude: 40.7, longitude: -74 };
const SYDNEY = { latitude: -33.9, longitude: 151.2 };

describe('the order', () => {
  test.each<[string, LabZone[], string]>([
    [
      'the shortest round trip',
      [
        { id: 'a', rttMs: 80 },
        { id: 'b', rttMs: 20 },
      ],
      'b rtt, a last',
    ],
    [
      '10 ms more are the same: more room decides',
      [
        { id: 'a', rttMs: 15, free: 0.2 },
        { id: 'b', rttMs: 25, free: 0.9 },
      ],
      'b headRoom, a last',
    ],
    [
      '11 ms more are not',
      [
        { id: 'a', rttMs: 15, free: 0.2 },
        { id: 'b', rttMs: 26, free: 0.9 },
      ],
      'a rtt, b last',
    ],
    [
      '20 % more are the same',
      [
        { id: 'a', rttMs: 200, free: 0.2 },
        { id: 'b', rttMs: 240, free: 0.9 },
      ],
      'b headRoom, a last',
    ],
    [
      'measured comes before not measured',
      [
        { id: 'a', at: BERLIN },
        { id: 'b', rttMs: 300, at: SYDNEY },
      ],
      'b rtt, a last',
    ],
    [
      'as far in time: the nearer on the ground',
      [
        { id: 'a', rttMs: 20, at: NEW_YORK },
        { id: 'b', rttMs: 20, at: PARIS },
      ],
      'b distance, a last',
    ],
    [
      '1000 km do not count',
      [
        { id: 'a', at: BERLIN, free: 0.3 },
        { id: 'b', at: PARIS, free: 0.9 },
        { id: 'c', at: SYDNEY },
      ],
      'b headRoom, a distance, c last',
    ],
    [
      'a little more room does not count: the cheaper',
      [
        { id: 'a', free: 0.59, cost: 2 },
        { id: 'b', free: 0.5, cost: 1 },
      ],
      'b cost, a last',
    ],
    ['nothing tells them apart: the name', [{ id: 'b' }, { id: 'a' }], 'a name, b last'],
    [
      'who is silent comes last',
      [
        { id: 'a', rttMs: 1, standing: 'silent' },
        { id: 'b', rttMs: 200 },
        { id: 'c', standing: 'new' },
      ],
      'b heard, a rtt, c last',
    ],
    [
      'a measurement that cannot be is none',
      [
        { id: 'a', rttMs: -5 },
        { id: 'b', rttMs: 50 },
        { id: 'c', rttMs: Number.NaN },
      ],
      'b rtt, a name, c last',
    ],
  ])('%s', (_, zones, order) => {
    expect(orderOf(rank(zones, { place: BERLIN }))).toBe(order);
    expect(orderOf(rank(zones.toReversed(), { place: BERLIN }))).toBe(order);
  });
});

describe('where the meeting is already', () => {
  test.each<[string, LabZone[], string]>([
    [
      'is preferred when it is 33 ms farther',
      [
        { id: 'a', rttMs: 10 },
        { id: 'b', rttMs: 43, present: true },
      ],
      'b present, a last',
    ],
    [
      'but not when it is 34 ms farther',
      [
        { id: 'a', rttMs: 10 },
        { id: 'b', rttMs: 44, present: true },
      ],
      'a rtt, b last',
    ],
    [
      'nor when it was not measured',
      [
        { id: 'a', rttMs: 10 },
        { id: 'b', at: BERLIN, present: true },
      ],
      'a rtt, b last',
    ],
    [
      'nor when it is silent',
      [
        { id: 'a', rttMs: 10 },
        { id: 'b', rttMs: 10, present: true, standing: 'silent' },
      ],
      'a heard, b last',
    ],
    [
      'by distance, when nothing was measured',
      [
        { id: 'a', at: BERLIN },
        { id: 'b', at: PARIS, present: true, free: 0.05 },
        { id: 'c', at: NEW_YORK, present: true },
      ],
      'b present, a distance, c last',
    ],
    [
      'whatever it is, when nothing is known',
      [
        { id: 'a', free: 0.9 },
        { id: 'b', free: 0.1, present: true },
      ],
      'b present, a last',
    ],
    [
      'in two zones: the nearer of them',
      [
        { id: 'a', rttMs: 30, present: true },
        { id: 'b', rttMs: 18, present: true },
        { id: 'c', rttMs: 5 },
      ],
      'b present, a present, c last',
    ],
  ])('%s', (_, zones, order) => {
    expect(orderOf(rank(zones, { place: BERLIN }))).toBe(order);
  });
});

describe('the zone that he came to', () => {
  const reached = 'b';

  test('takes him when nothing is measured, wherever the meeting is and whoever has more room', () => {
    const zones = [{ id: 'a', present: true, free: 0.9 }, { id: 'b', free: 0.2 }, { id: 'c' }];
    expect(orderOf(rank(zones, { reached }))).toBe('b reached, a headRoom, c last');
    expect(orderOf(rank([{ id: 'a' }, { id: 'b', present: true }], { reached }))).toBe('b present, a last');
  });

  test('does not when it is full, or is to get nobody', () => {
    expect(orderOf(rank([{ id: 'a' }, { id: 'b', free: 0.01 }], { reached }))).toBe('a last');
    expect(orderOf(rank([{ id: 'a' }, { id: 'b', drained: true }], { reached }))).toBe('a last');
  });

  test('counts for nothing against what is measured, and decides between equals', () => {
    expect(
      orderOf(
        rank(
          [
            { id: 'a', rttMs: 10 },
            { id: 'b', rttMs: 90 },
          ],
          { reached },
        ),
      ),
    ).toBe('a rtt, b last');
    expect(
      orderOf(
        rank(
          [
            { id: 'a', rttMs: 10 },
            { id: 'b', rttMs: 12 },
          ],
          { reached },
        ),
      ),
    ).toBe('b reached, a last');
  });
});

describe('left out is', () => {
  test('what is drained, lost or full', () => {
    const ranking = rank([
      { id: 'a', rttMs: 1, drained: true, present: true },
      { id: 'b', rttMs: 2, standing: 'lost' },
      { id: 'c', rttMs: 3, free: 0.02, present: true },
      { id: 'd', rttMs: 99, free: 0.03 },
    ]);
    expect(orderOf(ranking)).toBe('d last');
    expect(leftOut(ranking)).toBe('a drained, b lost, c full');
  });

  test.each<[string, LabZone['rules'], string, string]>([
    ['any other by default', undefined, 'b rtt, c last', 'a full'],
    ['nowhere', { overflow: 'never' }, '', 'a full, b overflow, c overflow'],
    ['to the zone that is named', { overflow: { zone: 'c' as ZoneId } }, 'c last', 'a full, b overflow'],
  ])('overflow: %s', (_, rules, order, excluded) => {
    const ranking = rank([
      { id: 'a', rttMs: 1, free: 0, ...(rules && { rules }) },
      { id: 'b', rttMs: 50 },
      { id: 'c', rttMs: 90 },
    ]);
    expect(orderOf(ranking)).toBe(order);
    expect(leftOut(ranking)).toBe(excluded);
  });

  test('overflow is for zones that are full: a lost one keeps nobody', () => {
    const ranking = rank([
      { id: 'a', rttMs: 1, standing: 'lost', rules: { overflow: 'never' } },
      { id: 'b', rttMs: 50 },
    ]);
    expect(orderOf(ranking)).toBe('b last');
  });
});

describe('a local zone (clinic, guests via a)', () => {
  const clinic: LabZone = { id: 'clinic', rttMs: 1, rules: { residency: 'local', guests: { via: 'a' as ZoneId } } };
  const closed: LabZone = { ...clinic, rules: { residency: 'local' } };
  const others: LabZone[] = [
    { id: 'a', rttMs: 90 },
    { id: 'b', rttMs: 2 },
  ];
  test.each<[string, LabZone, string, string | undefined, string, string]>([
    ['keeps its people in its meetings', clinic, 'clinic', 'clinic', 'clinic onlyHere', 'a ownPeople, b ownPeople'],
    ['lets others in only via a', clinic, 'clinic', undefined, 'a onlyHere', 'b onlyVia, clinic residency'],
    ['keeps its people in meetings elsewhere', clinic, 'b', 'clinic', 'clinic onlyHere', 'a ownPeople, b ownPeople'],
    ['takes nobody of others for meetings elsewhere', clinic, 'b', undefined, 'b rtt, a last', 'clinic residency'],
    ['without guests: nobody else', closed, 'clinic', undefined, '', 'a homeIsLocal, b homeIsLocal, clinic residency'],
    [
      'without guests: its people are in no meeting elsewhere',
      closed,
      'b',
      'clinic',
      '',
      'a ownPeople, b ownPeople, clinic residency',
    ],
  ])('%s', (_, zone, home, own, order, excluded) => {
    const ranking = rank([...others, zone], own === undefined ? { home } : { home, own });
    expect(orderOf(ranking)).toBe(order);
    expect(leftOut(ranking)).toBe(excluded);
  });

  test('an account may keep its meetings at home: everybody comes there', () => {
    const ranking = rank(
      [
        { id: 'a', rttMs: 90 },
        { id: 'b', rttMs: 2 },
      ],
      { home: 'a', account: { residency: 'local' } },
    );
    expect(orderOf(ranking)).toBe('a onlyHere');
    expect(leftOut(ranking)).toBe('b homeIsLocal');
  });
});

describe('whatever the zones are', () => {
  test('each is a candidate or excluded, the order they are given in is of no importance', () => {
    fc.assert(
      fc.property(anyZones, anyRequest, (zones, request) => {
        const ranking = rank(zones, request);
        const named = [...ranking.candidates, ...ranking.excluded].map(({ zone }) => zone).sort();
        expect(named).toEqual(zones.map(({ id }) => id).sort());
        expect(rank(zones.toReversed(), request)).toEqual(ranking);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('none is chosen that is drained, lost, full, or that keeps to its own; its own go nowhere else', () => {
    fc.assert(
      fc.property(anyZones, anyRequest, (zones, request) => {
        const byId = new Map(zones.map((zone) => [zone.id, zone]));
        const own = request.own === undefined ? undefined : byId.get(request.own);
        for (const { zone } of rank(zones, request).candidates) {
          const chosen = byId.get(zone);
          expect(chosen?.drained).toBe(false);
          expect(chosen?.standing).not.toBe('lost');
          expect(chosen?.free ?? 1).toBeGreaterThan(0.02);
          if (chosen?.rules?.residency === 'local') expect(request.own).toBe(zone);
          if (own?.rules?.residency === 'local') expect(zone).toBe(own.id);
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('the first is not noticeably farther than another that is as able, unless the meeting is there', () => {
    fc.assert(
      fc.property(anyZones, anyRequest, (zones, request) => {
        const { candidates } = rank(zones, request);
        const standing = new Map(zones.map(({ id, standing: of }) => [id, of]));
        const heard = candidates.filter(({ zone }) => standing.get(zone) === 'well');
        const [first] = heard;
        if (first === undefined) return;
        expect(candidates[0]).toBe(first);
        const nearest = Math.min(...heard.flatMap(({ rttMs }) => rttMs ?? []));
        if (nearest === Number.POSITIVE_INFINITY) return;
        const allowance = first.reason === 'present' ? 33 : Math.max(10, nearest * 0.2);
        // A full zone may have begun the band that the first one is in.
        const fullToo = zones
          .filter(({ free }) => free !== undefined && free < 0.03)
          .flatMap(({ rttMs }) => rttMs ?? []);
        if (fullToo.every((rttMs) => rttMs > nearest)) expect(first.rttMs).toBeLessThanOrEqual(nearest + allowance);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('it is said why', () => {
    const words = describeRanking(
      rank(
        [
          { id: 'a', rttMs: 20.4, at: PARIS, cost: 0.05 },
          { id: 'b', rttMs: 40, present: true },
          { id: 'c', standing: 'lost' },
        ],
        { place: BERLIN },
      ),
    );
    expect(words.split('\n')).toEqual([
      '1. b: the meeting is there already, and it is nearly as near as any (40 ms, 50 % free, meeting is there)',
      '2. a: the last resort (20 ms, 871 km, 50 % free, 0.05 per GB)',
      'c: is lost',
    ]);
    expect(describeRanking({ candidates: [], excluded: [] })).toBe('No zone can take him.');
  });
});

describe('bands', () => {
  const measures: Measure<readonly [number, number], 'first' | 'second'>[] = [
    { name: 'first', value: ([first]) => first, asGoodAs: (best) => best + 10 },
    { name: 'second', value: ([, second]) => second, asGoodAs: (best) => best },
  ];

  test('what is better by more than the noise comes first, whatever else', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(5)), { maxLength: 12 }), (items) => {
        const ordered = bandedOrder(items, measures).map(({ item }) => item);
        expect(ordered.toSorted()).toEqual(items.toSorted());
        for (const [index, [first]] of ordered.entries()) {
          for (const [later] of ordered.slice(index + 1)) expect(first).toBeLessThanOrEqual(later + 10);
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});
