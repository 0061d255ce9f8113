import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LivenessCheck } from './liveness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('liveness', () => {
  test('gives what is wrong; a rejection is wrong', async () => {
    expect(await new LivenessCheck(async () => [], 1_000).problems()).toEqual([]);
    expect(await new LivenessCheck(async () => ['a'], 1_000).problems()).toEqual(['a']);
    expect(await new LivenessCheck(() => Promise.reject(new Error('b')), 1_000).problems()).toEqual(['b']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('silence is wrong after the deadline, and those who ask meanwhile share the question', async () => {
    let asked = 0;
    const check = new LivenessCheck(() => {
      asked++;
      return new Promise(() => undefined);
    }, 1_000);
    const answers = Promise.all([check.problems(), check.problems()]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await answers).toEqual([['no answer within 1000 ms'], ['no answer within 1000 ms']]);
    expect(asked).toBe(1);
    void check.problems();
    expect(asked).toBe(2);
  });
});
