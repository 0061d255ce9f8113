import { describe, expect, test } from 'vitest';
import { KeyframeRequest } from '../ingress/keyframe-request.ts';
import { KEYFRAME_BURST_BYTES, KEYFRAME_BYTES_PER_SECOND, KeyframeBudget } from './keyframe-budget.ts';

const SIZE = 50_000;

/** Requests of `count` streams, all wanted all the time, over `seconds`; returns how many went out. */
function run(count: number, seconds: number): { readonly sent: number; readonly perStream: readonly number[] } {
  const budget = new KeyframeBudget();
  const requests = Array.from({ length: count }, () => new KeyframeRequest());
  for (const request of requests) {
    request.budget = budget;
    request.priceBytes = SIZE;
  }
  for (let ms = 0; ms < seconds * 1000; ms += 10) {
    for (const request of requests) {
      request.request();
      request.take(ms * 1000);
    }
  }
  return { sent: requests.reduce((sum, { sent }) => sum + sent, 0), perStream: requests.map(({ sent }) => sent) };
}

describe('a meeting’s key frames', () => {
  test('cost what the budget allows, however many want them', () => {
    const { sent } = run(100, 10);
    expect(sent * SIZE).toBeLessThanOrEqual(KEYFRAME_BURST_BYTES + 10 * KEYFRAME_BYTES_PER_SECOND);
    expect(sent * SIZE).toBeGreaterThan(KEYFRAME_BURST_BYTES + 9 * KEYFRAME_BYTES_PER_SECOND);
  });

  test('of a few publishers come each second, as if there were no budget', () => {
    expect(run(3, 10).perStream).toEqual([10, 10, 10]);
  });

  test('a request that waits for the budget does not poll it', () => {
    const budget = new KeyframeBudget();
    while (budget.take(0, 200_000));
    const request = new KeyframeRequest();
    request.budget = budget;
    request.priceBytes = 200_000;
    request.request();
    const before = budget.refused;
    for (let ms = 0; ms < 100; ms++) request.take(ms);
    expect(budget.refused - before).toBe(1);
    expect(request.dueUs).toBeGreaterThan(100_000);
  });
});
