import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TWCC_WINDOW, TwccRecorder } from './twcc-recorder.ts';

const scratch = new Float64Array(TWCC_WINDOW);

/** What a feedback would tell: base and arrivals (µs, − for lost). */
function taken(recorder: TwccRecorder): { base: number; arrivals: (number | '-')[] } | undefined {
  const count = recorder.take(scratch);
  if (count === 0) return undefined;
  return { base: recorder.base, arrivals: [...scratch.subarray(0, count)].map((us) => (Number.isNaN(us) ? '-' : us)) };
}

/** Records numbers, each 10 µs after the one before, from 100 µs on. */
function recorded(numbers: number[], recorder = new TwccRecorder(), fromUs = 100): TwccRecorder {
  numbers.forEach((number, i) => {
    recorder.record(fromUs + 10 * i, number);
  });
  return recorder;
}

describe('one feedback', () => {
  test.each<{ in: number[]; base: number; arrivals: (number | '-')[] }>([
    { in: [5], base: 5, arrivals: [100] },
    { in: [5, 6, 7], base: 5, arrivals: [100, 110, 120] },
    { in: [5, 8], base: 5, arrivals: [100, '-', '-', 110] },
    { in: [5, 8, 6], base: 5, arrivals: [100, 120, '-', 110] },
    { in: [5, 4], base: 4, arrivals: [110, 100] },
    { in: [0, 65535], base: 65535, arrivals: [110, 100] },
    { in: [65534, 65535, 0, 1], base: 65534, arrivals: [100, 110, 120, 130] },
    { in: [65534, 1], base: 65534, arrivals: [100, '-', '-', 110] },
    { in: [5, 5, 6], base: 5, arrivals: [100, 120] },
  ])('$in', ({ in: numbers, base, arrivals }) => {
    expect(taken(recorded(numbers))).toEqual({ base, arrivals });
  });

  test('nothing recorded: nothing to tell', () => {
    expect(taken(new TwccRecorder())).toBeUndefined();
  });
});

describe('one feedback after the other', () => {
  test('the next begins where the last ended, losses at the border included', () => {
    const recorder = recorded([1, 2]);
    expect(taken(recorder)).toEqual({ base: 1, arrivals: [100, 110] });
    expect(taken(recorder)).toBeUndefined();
    recorded([5], recorder, 200);
    expect(taken(recorder)).toEqual({ base: 3, arrivals: ['-', '-', 200] });
  });

  test('a packet that the last feedback called lost is told of in the next', () => {
    const recorder = recorded([1, 3]);
    expect(taken(recorder)?.arrivals).toEqual([100, '-', 110]);
    recorded([2, 4], recorder, 200);
    expect(taken(recorder)).toEqual({ base: 2, arrivals: [200, 110, 210] });
  });

  test('a packet told of already is not told of again when it is duplicated', () => {
    const recorder = recorded([1, 2]);
    taken(recorder);
    recorded([1, 2], recorder, 200);
    expect(taken(recorder)).toBeUndefined();
    expect(recorder.ignored).toBe(2);
  });

  test('a loss is one even where a window ago a packet arrived', () => {
    const recorder = new TwccRecorder();
    for (let number = 0; number < TWCC_WINDOW; number++) {
      recorder.record(100, number);
      taken(recorder);
    }
    recorded([TWCC_WINDOW, TWCC_WINDOW + 3], recorder, 200);
    expect(taken(recorder)).toEqual({ base: TWCC_WINDOW, arrivals: [200, '-', '-', 210] });
  });

  test('pending counts arrivals and knows the first of them', () => {
    const recorder = recorded([1, 2, 9]);
    expect(recorder.pending).toBe(3);
    expect(recorder.pendingSinceUs).toBe(100);
    taken(recorder);
    expect(recorder.pending).toBe(0);
    recorded([10], recorder, 500);
    expect(recorder.pendingSinceUs).toBe(500);
  });

  test('a short array takes the first part, the next call the rest', () => {
    const recorder = recorded([1, 2, 3, 4, 5]);
    const small = new Float64Array(3);
    expect(recorder.take(small)).toBe(3);
    expect(recorder.base).toBe(1);
    expect(taken(recorder)).toEqual({ base: 4, arrivals: [130, 140] });
    expect(recorder.pending).toBe(0);
  });
});

describe('jumps', () => {
  test.each([TWCC_WINDOW, 30_000, 32_767, 32_768, 40_000, 65_536 - TWCC_WINDOW])(
    'of %i begin anew instead of counting thousands of losses',
    (jump) => {
      const recorder = recorded([10, (10 + jump) % 65_536]);
      expect(recorder.restarts).toBe(1);
      expect(taken(recorder)).toEqual({ base: (10 + jump) % 65_536, arrivals: [110] });
    },
  );

  test('leave nothing behind of what was before', () => {
    const recorder = recorded(Array.from({ length: TWCC_WINDOW }, (_, i) => i));
    recorded([40_000, 39_999], recorder, 50_000);
    expect(taken(recorder)).toEqual({ base: 39_999, arrivals: [50_010, 50_000] });
  });

  test('just within the window are losses', () => {
    const recorder = recorded([10, 10 + TWCC_WINDOW - 1]);
    expect(recorder.restarts).toBe(0);
    expect(taken(recorder)?.arrivals).toHaveLength(TWCC_WINDOW);
  });
});

test('property: whatever comes, a feedback is bounded and tells of what arrived since the last', () => {
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: -3, max: 5 }) },
    { weight: 1, arbitrary: fc.integer({ min: -70_000, max: 70_000 }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.integer({ min: 1, max: 40 }), (steps, every) => {
      const recorder = new TwccRecorder();
      let number = 60_000;
      steps.forEach((delta, i) => {
        number = (number + delta + 2 * 65_536) % 65_536;
        const { pending: before, ignored } = recorder;
        recorder.record(1000 + i, number);
        expect(recorder.pending).toBeLessThanOrEqual(before + 1);
        const isNew = recorder.ignored === ignored;
        if (i % every !== 0 || recorder.pending === 0) return;
        const { pending } = recorder;
        const feedback = taken(recorder);
        const arrived = (feedback?.arrivals ?? []).filter((arrival) => arrival !== '-');
        expect(arrived.length).toBeGreaterThanOrEqual(pending);
        if (isNew) expect(arrived).toContain(1000 + i);
        expect(feedback?.arrivals.length).toBeLessThanOrEqual(TWCC_WINDOW);
      });
    }),
    { seed: 4, numRuns: 200 },
  );
});
