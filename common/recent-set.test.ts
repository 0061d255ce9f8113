import { expect, test } from 'vitest';
import { RecentSet } from './recent-set.ts';

test('what was added longest ago is forgotten; adding it again counts', () => {
  const set = new RecentSet<string>(2);
  for (const item of ['a', 'b', 'a', 'c']) set.add(item);
  expect([...set]).toEqual(['a', 'c']);
  expect([set.has('a'), set.has('b')]).toEqual([true, false]);
  set.delete('a');
  set.add('d');
  expect([...set]).toEqual(['c', 'd']);
});
