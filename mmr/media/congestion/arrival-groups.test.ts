import { expect, test } from 'vitest';
import { ArrivalGroups } from './arrival-groups.ts';

test('packets within 5 ms are one group; two complete groups give a delta', () => {
  const groups = new ArrivalGroups();
  const complete = [
    [0, 100_000],
    [3_000, 104_000],
    [20_000, 120_000],
    [22_000, 130_000],
    [40_000, 150_000],
  ].map(([sentUs, arrivalUs]) => groups.add(sentUs as number, arrivalUs as number));
  expect(complete).toEqual([false, false, false, false, true]);
  expect(groups.sendDeltaMs).toBe(19);
  expect(groups.arrivalDeltaMs).toBe(26);
});

test('what was held up and released at once is one group, up to 100 ms of it', () => {
  const groups = new ArrivalGroups();
  let completed = 0;
  for (let i = 0; i < 20; i++) if (groups.add(i * 10_000, 500_000 + i * 1000)) completed++;
  expect(completed).toBe(0);
});

test('a packet sent before the group is left out', () => {
  const groups = new ArrivalGroups();
  groups.add(50_000, 100_000);
  expect(groups.add(10_000, 160_000)).toBe(false);
  groups.add(70_000, 120_000);
  groups.add(90_000, 140_000);
  expect(groups.arrivalDeltaMs).toBe(20);
});

test('a receiver’s clock that jumps back is followed after three groups', () => {
  const groups = new ArrivalGroups();
  for (let i = 0; i < 5; i++) groups.add(i * 20_000, 10e6 + i * 20_000);
  const later = [5, 6, 7, 8, 9, 10, 11].map((i) => groups.add(i * 20_000, i * 20_000));
  expect(later.at(-1)).toBe(true);
  expect(groups.arrivalDeltaMs).toBe(20);
});
