import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sequenceDelta, timestampDelta, Widener } from './serial.ts';

describe('signed distances', () => {
  test.each([
    [0, 0, 0],
    [1, 0, 1],
    [0, 1, -1],
    [0, 65535, 1],
    [65535, 0, -1],
    [32767, 0, 32767],
    [32768, 0, -32768],
    [0, 32768, -32768],
    [10, 65530, 16],
  ])('sequence number %i is %i later by %i', (a, b, delta) => {
    expect(sequenceDelta(a, b)).toBe(delta);
  });

  test.each([
    [0, 0, 0],
    [0, 0xffffffff, 1],
    [0xffffffff, 0, -1],
    [0x7fffffff, 0, 0x7fffffff],
    [0x80000000, 0, -0x80000000],
    [90, 0xffffffff - 9, 100],
  ])('timestamp %i after %i by %i', (a, b, delta) => {
    expect(timestampDelta(a, b)).toBe(delta);
  });
});

describe('Widener', () => {
  test.each([
    { in: [0, 1, 2], out: [0, 1, 2] },
    { in: [65534, 65535, 0, 1], out: [65534, 65535, 65536, 65537] },
    { in: [65535, 0, 65535, 1], out: [65535, 65536, 65535, 65537] },
    { in: [0, 65535, 1], out: [0, -1, 1] },
    { in: [100, 100 + 32767, 40], out: [100, 32867, 65576] },
    // Exactly half a cycle away counts as older.
    { in: [0, 32768, 1], out: [0, -32768, 1] },
  ])('widens $in', ({ in: values, out }) => {
    const widener = new Widener();
    expect(values.map((value) => widener.widen(value))).toEqual(out);
  });

  test('follows any walk whose steps are shorter than half a cycle', () => {
    const steps = fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.nat(65535), steps, (start, walk) => {
        const widener = new Widener();
        let highest = start;
        expect(widener.widen(start)).toBe(start);
        for (const step of walk) {
          const next = highest + step;
          expect(widener.widen(next & 0xffff)).toBe(next);
          highest = Math.max(highest, next);
          expect(widener.highest).toBe(highest);
        }
      }),
      { seed: 20260105 },
    );
  });
});
