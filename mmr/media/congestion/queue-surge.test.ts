import { describe, expect, test } from 'vitest';
import { QueueSurge } from './queue-surge.ts';

/** Whether packets of 1000 bytes, each [sent at ms, waited ms], show a surge; the index of the one that does. */
function surgeAt(packets: readonly (readonly [number, number])[], jitterMs = 2, surge = new QueueSurge()): number {
  return packets.findIndex(([sentMs, waitMs]) =>
    surge.add(sentMs * 1000, (sentMs + waitMs + 40) * 1000, 1000, waitMs * 1000, jitterMs),
  );
}

/** A FIFO that serves a packet each `serviceMs`, fed each `sendMs`. */
function queue(packets: number, sendMs: number, serviceMs: number): [number, number][] {
  return Array.from({ length: packets }, (_, i) => [i * sendMs, Math.max(0, i * (serviceMs - sendMs))]);
}

describe('a capacity that collapses', () => {
  test('shows with the third packet beyond 80 ms', () => {
    expect(surgeAt(queue(30, 2, 27))).toBe(6);
  });

  test('is known by the rate at which the packets of the rise arrived', () => {
    const surge = new QueueSurge();
    surgeAt(queue(30, 2, 27), 2, surge);
    expect(surge.bps / (8e6 / 27)).toBeCloseTo(1000 / 1e3, 1);
  });

  test('is told once, until the queue is short again', () => {
    const surge = new QueueSurge();
    const told = [...queue(20, 2, 27), [2000, 0] as const].filter((packet) => surgeAt([packet], 2, surge) === 0);
    expect(told).toHaveLength(1);
    expect(
      surgeAt(
        queue(20, 2, 27).map(([sentMs, waitMs]) => [3000 + sentMs, waitMs]),
        2,
        surge,
      ),
    ).toBeGreaterThan(0);
  });
});

describe('no surge', () => {
  test('a queue that grows slower than half of what is sent arrives', () => {
    expect(surgeAt(queue(300, 10, 14))).toBe(-1);
  });

  test('Wi-Fi that holds packets up and lets them go at once: the first has waited longest', () => {
    const held = Array.from({ length: 30 }, (_, i) => [100 + i * 10, 300 - i * 10] as const);
    expect(surgeAt([[90, 0], ...held])).toBe(-1);
  });

  test('jitter of 0 to 200 ms, whose mean is known', () => {
    let state = 1;
    const packets = Array.from({ length: 20_000 }, (_, i) => {
      state = (state * 48_271) % 2_147_483_647;
      return [i * 5, (state / 2_147_483_647) * 200] as const;
    });
    expect(surgeAt(packets, 66)).toBe(-1);
  });

  test('packets that others have overtaken, which no queue allows', () => {
    // The third leaves 2 ms after the second and arrives 8 ms before it; the next three wait ever longer.
    const overtaken = [
      [0, 0],
      [10, 50],
      [12, 40],
      [14, 90],
      [16, 100],
      [18, 110],
    ] as const;
    expect(surgeAt(overtaken)).toBe(-1);
    const inOrder = overtaken.map(([sentMs, waitMs]) => [sentMs, sentMs === 12 ? 60 : waitMs] as const);
    expect(surgeAt(inOrder)).toBe(5);
  });

  test('a long delay from the first packet on', () => {
    expect(surgeAt(Array.from({ length: 20 }, (_, i) => [i * 5, 100 + i * 10] as const))).toBe(-1);
  });
});
