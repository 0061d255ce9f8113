/** How late sound is by the tunnel, on virtual time: the same seed gives the same numbers everywhere. `node test/sim/tunnel/main.ts` prints more. */
import { describe, expect, test } from 'vitest';
import type { CarrierKind } from '../../../client/tunnel/carriers/session-carrier.ts';
import { type DelayRow, measure, path, stalled } from './delay-table.ts';

const SECONDS = 40;
const SOUND_P95_MS = 400;

function lossy(carrier: CarrierKind, roundTripMs: number, seed: number): Promise<DelayRow> {
  const plan = { carrier, seconds: SECONDS, path: { queueMs: 300, ...path(2, roundTripMs, 0.02) } };
  return measure(seed, { name: carrier, plan });
}

describe('2 % loss each way', { timeout: 300_000 }, () => {
  test.each<[CarrierKind, number, number]>([
    ['webSocket', 50, 1],
    ['webSocket', 50, 2],
    ['webSocket', 100, 1],
    ['webSocket', 100, 3],
    ['httpStream', 50, 1],
    ['longPoll', 50, 1],
  ])('%s, %i ms, seed %i: sound p95 below 400 ms both ways', async (carrier, roundTripMs, seed) => {
    const { down, up, framesPerSecond } = await lossy(carrier, roundTripMs, seed);
    expect(down.p95).toBeLessThan(SOUND_P95_MS);
    expect(up.p95).toBeLessThan(SOUND_P95_MS);
    expect(down.p50).toBeGreaterThanOrEqual(roundTripMs / 2);
    if (carrier !== 'longPoll') expect(framesPerSecond).toBeGreaterThan(2);
  });
});

test('a clean path shows the largest picture, and nothing waits', { timeout: 300_000 }, async () => {
  const plan = { carrier: 'webSocket' as const, seconds: 30, path: path(10, 100, 0) };
  const { at720, down, up, droppedAudio } = await measure(1, { name: 'clean', plan });
  expect(at720).toBeGreaterThan(0.9);
  expect(down.p95).toBeLessThan(80);
  expect(up.p95).toBeLessThan(80);
  expect(droppedAudio).toBe(0);
});

test('a path with 2 s of queue: none of it is filled', { timeout: 300_000 }, async () => {
  const plan = { carrier: 'webSocket' as const, seconds: 40, path: { ...path(1, 50, 0), queueMs: 2_000 } };
  const { down, up } = await measure(1, { name: 'bufferbloat', plan });
  expect(down.p95).toBeLessThan(SOUND_P95_MS);
  expect(up.p95).toBeLessThan(SOUND_P95_MS);
});

test('after 3 s of nothing sound is as before, and what waited was bounded', { timeout: 300_000 }, async () => {
  const row = await measure(1, stalled('stall', 'webSocket', 3_000, path(2, 50, 0)));
  // The kernel repeats at 0.25, 0.75, 1.75 and 3.75 s: what it holds goes first, then what is fresh.
  expect(row.recoveryDownMs).toBeLessThan(3_500);
  expect(row.recoveryUpMs).toBeLessThan(3_500);
  expect(row.mostQueuedBytes).toBeLessThan(400_000);
});
