import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OFF_AFTER_US, SourceDemand } from './demand.ts';

const ENCODINGS = [
  { rid: 'l', height: 180 },
  { rid: 'm', height: 360 },
  { rid: 'h', height: 720 },
];
const ANY = Number.POSITIVE_INFINITY;

class Lab {
  readonly demand = new SourceDemand();
  nowUs = 0;

  /** What the publisher is told, as `l m540 -` where `-` is an encoding that is off; '' when he is told nothing. */
  after(seconds: number, wanted: number | undefined, encodings = ENCODINGS): string {
    this.nowUs += seconds * 1e6;
    const told = this.demand.update(this.nowUs, wanted, encodings);
    return (told ?? []).map(({ rid, active, maxHeight = '' }) => (active ? `${rid}${maxHeight}` : '-')).join(' ');
  }
}

describe('demand', () => {
  test('all encodings up to the largest tile, the larger off after a while, on at once', () => {
    const lab = new Lab();
    expect(lab.after(0, 180)).toBe('');
    expect(lab.after(2.9, 180)).toBe('');
    expect(lab.after(0.1, 180)).toBe('l180 - -');
    expect(lab.after(100, 180)).toBe('');
    expect(lab.after(0, 700)).toBe('l m h720');
    expect(lab.after(0, 300)).toBe('');
    expect(lab.after(3, 300)).toBe('l m360 -');
    expect(lab.after(0, ANY)).toBe('l m h');
  });

  test('nobody watches: everything off; somebody comes: on at once', () => {
    const lab = new Lab();
    expect(lab.after(0, undefined)).toBe('');
    expect(lab.after(3, undefined)).toBe('- - -');
    expect(lab.demand.of('h').active).toBe(false);
    expect(lab.after(0, 180)).toBe('l180 - -');
  });

  test('who looks away for a moment stops nothing', () => {
    const lab = new Lab();
    for (let i = 0; i < 50; i++) expect([lab.after(2.5, undefined), lab.after(0.5, ANY)]).toEqual(['', '']);
  });

  test('a pause does not count', () => {
    const lab = new Lab();
    lab.after(0, 180);
    lab.demand.pause();
    expect(lab.after(100, 180)).toBe('');
    expect(lab.after(3, 180)).toBe('l180 - -');
  });

  test('a window that is being resized is not a stream of messages', () => {
    const lab = new Lab();
    lab.after(0, 500);
    expect(lab.after(3, 500)).toBe('l m h540');
    let told = 0;
    for (let height = 460; height < 540; height++) if (lab.after(0.1, height) !== '') told++;
    expect(told).toBe(0);
  });

  test('a single encoding is off when nobody watches, and is told how tall it need be', () => {
    const lab = new Lab();
    const single = [{ rid: '', height: 720 }];
    lab.after(0, 300, single);
    expect(lab.after(3, 300, single)).toBe('360');
    expect(lab.after(0, undefined, single)).toBe('');
    expect(lab.after(3, undefined, single)).toBe('-');
    expect(lab.after(0, ANY, single)).toBe('');
    expect(lab.demand.of('').active).toBe(true);
  });

  test('what is wanted now is always on, whatever went before', () => {
    const heights = fc.option(fc.constantFrom(1, 90, 180, 226, 360, 451, 720, 4000, ANY), { nil: undefined });
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), heights), { minLength: 1, maxLength: 50 });
    const check = (all: [number, number | undefined][]): void => {
      const lab = new Lab();
      for (const [tenths, wanted] of all) {
        lab.after(tenths / 10, wanted);
        if (wanted === undefined) continue;
        const needed = wanted <= 225 ? ['l'] : wanted <= 450 ? ['l', 'm'] : ['l', 'm', 'h'];
        expect(needed.filter((rid) => !lab.demand.of(rid).active)).toEqual([]);
      }
      const [, last] = all.at(-1) as [number, number | undefined];
      lab.after(0, last);
      lab.after(OFF_AFTER_US / 1e6, last);
      if (last === undefined) expect(ENCODINGS.every(({ rid }) => !lab.demand.of(rid).active)).toBe(true);
    };
    fc.assert(fc.property(steps, check), { numRuns: 300 });
  });
});
