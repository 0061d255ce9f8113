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

  test('a large one is not passed over for ever by many small ones', () => {
    const budget = new KeyframeBudget();
    const wait = (sizeBytes: number): KeyframeRequest => {
      const request = new KeyframeRequest();
      Object.assign(request, { budget, priceBytes: sizeBytes });
      return request;
    };
    const requests = [200_000, ...new Array<number>(100).fill(20_000)].map(wait);
    for (let tick = 0; tick < 4000; tick++) {
      // Whose timer comes first differs from time to time.
      for (let i = 0; i < requests.length; i++) {
        const request = requests[(tick * 37 + i) % requests.length];
        request?.request();
        request?.take(tick * 10_000);
      }
    }
    expect(requests[0]?.sent).toBeGreaterThanOrEqual(2);
  });

  test('what a key frame costs is bounded, whatever the last one was', () => {
    const budget = new KeyframeBudget();
    expect(budget.take(0, 1e9)).toBe(true);
    expect(budget.take(0, 1e9)).toBe(true);
    let free = 0;
    while (budget.take(0, -1e9)) free++;
    expect(free).toBeLessThanOrEqual(KEYFRAME_BURST_BYTES / 1000);
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
