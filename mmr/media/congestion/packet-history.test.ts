import { expect, test } from 'vitest';
import { MAX_HISTORY, PacketHistory, PacketStatus } from './packet-history.ts';

test('knows what was sent under a number, over the wrap-around', () => {
  const history = new PacketHistory();
  for (let i = 0; i < 20; i++) history.record(i * 1000, (65_530 + i) & 0xffff, 100 + i, i === 7 ? 3 : -1);
  const wide = history.widen(1);
  expect(wide).toBe(history.widen(65_535) + 2);
  expect([history.sentUs(wide), history.sizeBytes(wide), history.probeCluster(wide)]).toEqual([7000, 107, 3]);
  history.setStatus(wide, PacketStatus.received);
  expect([history.status(wide), history.sizeBytes(wide)]).toEqual([PacketStatus.received, 107]);
});

test('skipped numbers are none', () => {
  const history = new PacketHistory();
  history.record(0, 10, 500, -1);
  history.record(1, 13, 500, -1);
  expect([10, 11, 12, 13, 14].map((number) => history.has(history.widen(number)))).toEqual([
    true,
    false,
    false,
    true,
    false,
  ]);
});

test('grows while packets are open, keeps them, and forgets the oldest at its end', () => {
  const history = new PacketHistory();
  for (let i = 0; i < 1000; i++) history.record(i, i, 700, -1);
  expect(history.capacity).toBe(1024);
  expect(history.sentUs(history.widen(0))).toBe(0);
  for (let i = 1000; i < 3 * MAX_HISTORY; i++) history.record(i, i & 0xffff, 700, -1);
  expect(history.capacity).toBe(MAX_HISTORY);
  expect(history.has(history.first)).toBe(true);
  expect(history.has(history.first - 1)).toBe(false);
});

test('a number that was used before changes nothing', () => {
  const history = new PacketHistory();
  history.record(0, 100, 500, -1);
  history.record(1, 101, 500, -1);
  history.record(2, 100, 900, -1);
  expect(history.sizeBytes(history.widen(100))).toBe(500);
});
