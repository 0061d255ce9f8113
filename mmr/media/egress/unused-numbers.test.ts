import { expect, test } from 'vitest';
import { UnusedNumbers } from './unused-numbers.ts';

test.each([
  ['nothing', [], -1, 0],
  ['one', [7], 7, 1],
  ['a run', [7, 8, 9], 9, 3],
  ['only the run at the end', [3, 4, 8, 9], 9, 2],
  ['a late packet is of before', [7, 8, 3, 9], 9, 3],
  ['one twice', [7, 7, 8], 8, 2],
] as const)('%s', (_, dropped, last, count) => {
  const unused = new UnusedNumbers();
  for (const index of dropped) unused.add(index);
  expect([unused.last, unused.count]).toEqual([last, count]);
});
