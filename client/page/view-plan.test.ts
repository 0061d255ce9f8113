import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Picture, planView, type VideoSlot } from './view-plan.ts';

const camera = (participant: string, more: Partial<Picture> = {}): Picture => ({
  participant,
  kind: 'camera',
  height: 400,
  visible: true,
  pinned: false,
  ...more,
});
const slot = (mid: string, participant?: string): VideoSlot => ({
  mid,
  content: participant === undefined ? undefined : { participant, kind: 'camera' },
});
const fixed = (participant: string) => ({ participant, kind: 'camera' });

describe('while every picture can be seen', () => {
  test('the server chooses; each slot asks for the height of the tile that shows it', () => {
    const slots = [slot('4', 'ada'), slot('5', 'bob'), slot('6')];
    expect(planView(slots, [camera('ada', { height: 720 }), camera('bob', { height: 184 })], true)).toEqual([
      { mid: '4', source: 'auto', maxHeight: 720 },
      { mid: '5', source: 'auto', maxHeight: 200 },
      // Whoever comes next gets a tile as small as the smallest.
      { mid: '6', source: 'auto', maxHeight: 200 },
    ]);
  });

  test('with nobody to see there is no limit', () => {
    expect(planView([slot('4')], [], true)).toEqual([{ mid: '4', source: 'auto' }]);
  });

  test('what is pinned is asked for by name, where it is, and everything else stays', () => {
    const slots = [slot('4', 'ada'), slot('5', 'bob')];
    const entries = planView(slots, [camera('bob', { pinned: true }), camera('ada')], true);
    expect(entries.map(({ source }) => source)).toEqual(['auto', fixed('bob')]);
  });

  test('what is pinned and has no slot takes an empty one first', () => {
    const slots = [slot('4', 'ada'), slot('5')];
    const entries = planView(slots, [camera('cid', { pinned: true }), camera('ada')], true);
    expect(entries.map(({ source }) => source)).toEqual(['auto', fixed('cid')]);
  });
});

describe('while some are scrolled away', () => {
  test('those in sight are named, keep their slots or take others, and the rest is off', () => {
    const slots = [slot('4', 'ada'), slot('5', 'bob'), slot('6', 'cid'), slot('7')];
    const pictures = [
      camera('dan'),
      camera('bob'),
      camera('ada', { visible: false }),
      camera('cid', { visible: false }),
    ];
    expect(planView(slots, pictures, true).map(({ source }) => source)).toEqual([
      'off',
      fixed('bob'),
      'off',
      fixed('dan'),
    ]);
  });

  test('more in sight than slots: the most important ones', () => {
    const pictures = [camera('ada'), camera('bob'), camera('cid'), camera('dan', { visible: false })];
    expect(planView([slot('4'), slot('5')], pictures, true).map(({ source }) => source)).toEqual([
      fixed('ada'),
      fixed('bob'),
    ]);
  });
});

test('a page in the background wants nothing', () => {
  expect(planView([slot('4', 'ada'), slot('5')], [camera('ada', { pinned: true })], false)).toEqual([
    { mid: '4', source: 'off' },
    { mid: '5', source: 'off' },
  ]);
});

test('each slot is named once, no source twice, and nothing that is out of sight', () => {
  const people = ['a', 'b', 'c', 'd', 'e'];
  const slots = fc
    .array(fc.option(fc.constantFrom(...people), { nil: undefined }), { maxLength: 4 })
    .map((contents) => contents.map((participant, index) => slot(String(index), participant)));
  const pictures = fc
    .uniqueArray(fc.constantFrom(...people))
    .chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc
            .record({ visible: fc.boolean(), pinned: fc.boolean(), height: fc.integer({ min: 0, max: 3000 }) })
            .map((more) => camera(name, more)),
        ),
      ),
    );
  fc.assert(
    fc.property(slots, pictures, fc.boolean(), (some, shown, isSeen) => {
      const entries = planView(some, shown, isSeen);
      expect(entries.map(({ mid }) => mid)).toEqual(some.map(({ mid }) => mid));
      const named = entries.flatMap(({ source }) => (typeof source === 'string' ? [] : [source.participant]));
      expect(new Set(named).size).toBe(named.length);
      for (const name of named) expect(shown.find(({ participant }) => participant === name)?.visible).toBe(true);
      for (const { maxHeight = 90 } of entries) expect(maxHeight).toBeGreaterThanOrEqual(90);
    }),
    { seed: 90_210 },
  );
});
