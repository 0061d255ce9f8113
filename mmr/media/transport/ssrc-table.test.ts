import { expect, test } from 'vitest';
import { SsrcTable } from './ssrc-table.ts';

const item = (ssrc: number, name = '') => ({ ssrc, name });

test('finds what was added, also right after another', () => {
  const table = new SsrcTable<{ ssrc: number; name: string }>(4);
  const one = item(1);
  const two = item(2);
  expect(table.add(one)).toBe(true);
  expect(table.add(two)).toBe(true);
  expect([table.get(1), table.get(1), table.get(2), table.get(1), table.get(3), table.get(1)]).toEqual([
    one,
    one,
    two,
    one,
    undefined,
    one,
  ]);
  expect([...table.values()]).toEqual([one, two]);
});

test('what was found last is no longer found once it is removed, replaced or cleared', () => {
  const table = new SsrcTable<{ ssrc: number; name: string }>(4);
  table.add(item(1, 'old'));
  expect(table.get(1)?.name).toBe('old');
  table.add(item(1, 'new'));
  expect(table.get(1)?.name).toBe('new');
  expect(table.remove(1)?.name).toBe('new');
  expect(table.get(1)).toBeUndefined();
  expect(table.remove(1)).toBeUndefined();
  table.add(item(2));
  table.get(2);
  table.clear();
  expect(table.get(2)).toBeUndefined();
  expect(table.size).toBe(0);
});

test('a full table refuses what is new and takes replacements', () => {
  const table = new SsrcTable<{ ssrc: number; name: string }>(2);
  table.add(item(1));
  table.add(item(2));
  expect(table.add(item(3))).toBe(false);
  expect(table.refused).toBe(1);
  expect(table.get(3)).toBeUndefined();
  expect(table.add(item(2, 'new'))).toBe(true);
  expect(table.get(2)?.name).toBe('new');
  table.remove(1);
  expect(table.add(item(3))).toBe(true);
});

test('SSRC 0 is an SSRC like any other', () => {
  const table = new SsrcTable<{ ssrc: number; name: string }>(2);
  expect(table.get(0)).toBeUndefined();
  table.add(item(0));
  expect(table.get(0)?.ssrc).toBe(0);
});
