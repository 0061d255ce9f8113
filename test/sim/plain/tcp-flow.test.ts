import { expect, test } from 'vitest';
import { World } from '../world.ts';
import type { Arrival } from './path.ts';
import { TcpFlow } from './tcp-flow.ts';

const SECONDS = 30;

function run(flows: number, options: { readonly bytes?: number; readonly lossFraction?: number } = {}) {
  const world = new World(1);
  const deliver = (arrival: Arrival, size: number, queuedUs: number) => arrival(size, queuedUs);
  const conditions = { rateBps: 10e6, queueMs: 100, delayMs: 20, lossFraction: options.lossFraction ?? 0 };
  const forward = world.wire<Arrival>('forward', conditions, [], deliver);
  const backward = world.wire<Arrival>('backward', { delayMs: 20 }, [], deliver);
  let done = 0;
  const made = Array.from(
    { length: flows },
    (_, i) =>
      new TcpFlow(world, {
        name: `tcp ${i}`,
        forward,
        backward,
        startUs: i * 1_000_000,
        stopUs: SECONDS * 1e6,
        ...(options.bytes === undefined ? {} : { bytes: options.bytes }),
        done: () => done++,
      }),
  );
  world.run(SECONDS * 1e6);
  return { made, done, overflowed: forward.link.overflowed };
}

function shareOfLink(receivedBytes: number): number {
  return (receivedBytes * 8) / (10e6 * SECONDS);
}

test('one flow fills the link and its queue', () => {
  const { made, overflowed } = run(1);
  expect(shareOfLink(made[0]?.receivedBytes ?? 0)).toBeGreaterThan(0.9);
  expect(overflowed).toBeGreaterThan(0);
});

test('two flows share it, none is left with little', () => {
  const { made } = run(2);
  const shares = made.map(({ receivedBytes }) => shareOfLink(receivedBytes));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThan(0.9);
  for (const share of shares) expect(share).toBeGreaterThan(0.2);
});

test('loss slows it down, as it should a flow that takes loss for congestion', () => {
  const { made } = run(1, { lossFraction: 0.02 });
  expect(shareOfLink(made[0]?.receivedBytes ?? 0)).toBeLessThan(0.5);
  expect(made[0]?.receivedBytes).toBeGreaterThan(1e6);
});

test('a short flow ends when all has arrived, once', () => {
  const { made, done } = run(3, { bytes: 200_000, lossFraction: 0.05 });
  expect(done).toBe(3);
  for (const { receivedBytes } of made) expect(receivedBytes).toBeGreaterThanOrEqual(200_000);
});
