import { expect, test } from 'vitest';
import { inParallel } from './in-parallel.ts';

test('all are done, so many at a time', async () => {
  let [running, most] = [0, 0];
  const done: number[] = [];
  await inParallel(
    Array.from({ length: 10 }, (_, index) => index),
    3,
    async (item) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      done.push(item);
    },
  );
  expect([most, done]).toEqual([3, Array.from({ length: 10 }, (_, index) => index)]);
});

test('after a failure nothing more is begun', async () => {
  const begun: number[] = [];
  const all = inParallel([1, 2, 3, 4, 5, 6], 2, async (item) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 2) throw new Error('two');
  });
  await expect(all).rejects.toThrow('two');
  expect(begun.length).toBeLessThan(5);
});
