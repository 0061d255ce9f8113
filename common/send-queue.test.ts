import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SendQueue } from './send-queue.ts';

const bytes = (value: number, size = 100) => new Uint8Array(size).fill(value);
const drain = (queue: SendQueue, nowMs: number) => {
  const values: (number | undefined)[] = [];
  for (let next = queue.next(nowMs); next !== undefined; next = queue.next(nowMs)) values.push(next[0]);
  return values;
};

test('first in, first out', () => {
  const queue = new SendQueue(1000, 500);
  for (const value of [1, 2, 3]) queue.push(0, bytes(value), value !== 2);
  expect(drain(queue, 500)).toEqual([1, 2, 3]);
  expect([queue.isEmpty, queue.sizeBytes]).toEqual([true, 0]);
});

test('media that is late is dropped, answers are not', () => {
  const queue = new SendQueue(1000, 500);
  queue.push(0, bytes(1), true);
  queue.push(0, bytes(2), false);
  queue.push(100, bytes(3), true);
  expect(drain(queue, 501)).toEqual([2, 3]);
  expect(queue.dropped).toEqual({ full: 0, late: 1 });
});

test('a full queue loses its oldest media', () => {
  const queue = new SendQueue(3 * 164, 500);
  for (const value of [1, 2, 3, 4, 5]) expect(queue.push(0, bytes(value), value !== 1)).toBe(true);
  expect(drain(queue, 0)).toEqual([1, 4, 5]);
  expect(queue.dropped).toEqual({ full: 2, late: 0 });
});

test('answers that nobody reads end it', () => {
  const queue = new SendQueue(3 * 164, 500);
  expect([1, 2, 3, 4].map((value) => queue.push(0, bytes(value), false))).toEqual([true, true, true, false]);
});

test('never more than the maximum, and everything is sent or counted', () => {
  const push = fc.record({ size: fc.nat(300), isData: fc.boolean(), afterMs: fc.nat(300), takes: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(push, { maxLength: 100 }), (pushes) => {
      const queue = new SendQueue(2000, 500);
      let [nowMs, pushed, sent] = [0, 0, 0];
      for (const { size, isData, afterMs, takes } of pushes) {
        nowMs += afterMs;
        pushed++;
        if (!queue.push(nowMs, bytes(1, size), isData)) return;
        expect(queue.sizeBytes).toBeLessThanOrEqual(2000);
        for (let i = 0; i < takes; i++) if (queue.next(nowMs) !== undefined) sent++;
      }
      sent += drain(queue, nowMs).length;
      expect(sent + queue.dropped.full + queue.dropped.late).toBe(pushed);
    }),
    { seed: 20260107, numRuns: 1000 },
  );
});
