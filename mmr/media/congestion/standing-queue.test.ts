import { expect, test } from 'vitest';
import { StandingQueue } from './standing-queue.ts';

/** Packets each 10 ms with this delay. */
function feed(queue: StandingQueue, fromMs: number, toMs: number, delayMs: number): void {
  for (let ms = fromMs; ms < toMs; ms += 10) queue.add(ms * 1000, (ms + delayMs) * 1000);
}

test('is what the delay is above the least one', () => {
  const queue = new StandingQueue();
  feed(queue, 0, 1000, 30);
  expect(queue.ms).toBe(0);
  feed(queue, 1000, 2000, 130);
  expect(queue.ms).toBe(100);
});

test('single late packets are no queue', () => {
  const queue = new StandingQueue();
  feed(queue, 0, 1000, 30);
  for (let ms = 1000; ms < 3000; ms += 10) queue.add(ms * 1000, (ms + (ms % 40 === 0 ? 30 : 90)) * 1000);
  expect(queue.ms).toBe(0);
  expect(queue.jitterMs).toBeGreaterThan(20);
});

test('the least delay is forgotten in half a minute, after a change of route', () => {
  const queue = new StandingQueue();
  feed(queue, 0, 1000, 30);
  feed(queue, 1000, 33_000, 80);
  expect(queue.ms).toBe(0);
});

test('a queue is not forgotten by half a minute of other packets', () => {
  const queue = new StandingQueue();
  feed(queue, 0, 20_000, 30);
  feed(queue, 20_000, 25_000, 230);
  expect(queue.ms).toBe(200);
});

test('a queue that is not ours counts as none, until it has gone', () => {
  const queue = new StandingQueue();
  feed(queue, 0, 1000, 30);
  feed(queue, 1000, 2000, 230);
  queue.rebase();
  expect([queue.ms, queue.rebased]).toEqual([0, true]);
  feed(queue, 2000, 3000, 330);
  expect([queue.ms, queue.rebased]).toEqual([100, true]);
  feed(queue, 3000, 3100, 35);
  expect([queue.ms, queue.rebased]).toEqual([0, false]);
});

test('after a surge the latest packet’s delay is the queue', () => {
  const queue = new StandingQueue();
  feed(queue, 0, 1000, 30);
  queue.add(1_000_000, 1_190_000);
  expect(queue.ms).toBe(0);
  queue.trustLatest();
  expect(queue.ms).toBe(160);
});
