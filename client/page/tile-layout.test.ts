import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { galleryLayout, type Rectangle, speakerLayout } from './tile-layout.ts';

const area = fc.record({ width: fc.integer({ min: 300, max: 3000 }), height: fc.integer({ min: 200, max: 2000 }) });
const count = fc.integer({ min: 1, max: 60 });
/** Rounding of doubles over a few hundred additions. */
const SLACK = 0.001;

function overlap(a: Rectangle, b: Rectangle): boolean {
  return (
    a.left + a.width > b.left + SLACK &&
    b.left + b.width > a.left + SLACK &&
    a.top + a.height > b.top + SLACK &&
    b.top + b.height > a.top + SLACK
  );
}

describe.each([
  ['gallery', galleryLayout],
  ['speaker', speakerLayout],
] as const)('%s layout', (_, layout) => {
  test('one place for each, none over another, none beside the stage', () => {
    fc.assert(
      fc.property(count, area, (tiles, stage) => {
        const places = layout(tiles, stage);
        expect(places).toHaveLength(tiles);
        places.forEach((place, index) => {
          expect(place.width).toBeGreaterThan(0);
          expect(place.height).toBeGreaterThan(0);
          expect(place.left).toBeGreaterThanOrEqual(-SLACK);
          expect(place.left + place.width).toBeLessThanOrEqual(stage.width + SLACK);
          for (const other of places.slice(index + 1)) expect(overlap(place, other)).toBe(false);
        });
      }),
      { seed: 52_801 },
    );
  });

  test('a stage without size places nothing', () => {
    expect(layout(3, { width: 0, height: 0 })).toEqual([]);
    expect(layout(0, { width: 800, height: 600 })).toEqual([]);
  });
});

describe('gallery layout', () => {
  test.each([
    { tiles: 1, width: 1600, height: 900, columns: 1 },
    { tiles: 2, width: 1600, height: 800, columns: 2 },
    { tiles: 4, width: 1600, height: 900, columns: 2 },
    { tiles: 9, width: 1600, height: 900, columns: 3 },
    { tiles: 2, width: 400, height: 800, columns: 1 },
  ])('$tiles tiles on $width × $height stand in $columns columns', ({ tiles, width, height, columns }) => {
    const places = galleryLayout(tiles, { width, height });
    expect(new Set(places.map(({ left }) => left)).size).toBe(columns);
  });

  test('faces stay wide enough to be recognised, however many there are', () => {
    for (const { width } of galleryLayout(200, { width: 1000, height: 600 })) expect(width).toBeGreaterThanOrEqual(150);
  });
});

describe('speaker layout', () => {
  test.each([
    { what: 'alone', tiles: 1, width: 400, height: 700, large: 700, seen: 0 },
    { what: 'one row under a wide tile', tiles: 9, width: 1200, height: 700, large: 580, seen: 5 },
    { what: 'three others on a phone', tiles: 4, width: 374, height: 600, large: 390, seen: 3 },
    { what: 'many others on a phone', tiles: 20, width: 374, height: 600, large: 285, seen: 6 },
  ])('$what: a large tile of $large lines, $seen others in sight', ({ tiles, width, height, large, seen }) => {
    const [first, ...others] = speakerLayout(tiles, { width, height });
    expect(first?.height).toBeCloseTo(large, -1);
    expect(others.filter((each) => each.top + each.height <= height)).toHaveLength(seen);
  });
});
