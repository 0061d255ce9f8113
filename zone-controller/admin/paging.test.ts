import { expect, test } from 'vitest';
import { pageOf } from './paging.ts';

const LETTERS = ['d', 'b', 'a', 'c', 'e'];
const page = (pageSize: number, pageToken = '', all: Iterable<string> = LETTERS) =>
  pageOf(all, (letter) => letter, { pageSize, pageToken });

test.each([
  [2, '', ['a', 'b'], 'b'],
  [2, 'b', ['c', 'd'], 'd'],
  [2, 'd', ['e'], ''],
  [5, '', ['a', 'b', 'c', 'd', 'e'], ''],
  [0, '', ['a', 'b', 'c', 'd', 'e'], ''],
  [2, 'z', [], ''],
])('%j after %j', (size, token, items, nextPageToken) => {
  expect(page(size, token)).toEqual({ items, nextPageToken });
});

test('a page goes on behind the one before, also when that last item is gone', () => {
  expect(page(2, 'b', ['a', 'c', 'd', 'e'])).toEqual({ items: ['c', 'd'], nextPageToken: 'd' });
});

test('no page is larger than the maximum', () => {
  const many = Array.from({ length: 1_500 }, (_, index) => `${10_000 + index}`);
  expect(page(1_000_000, '', many).items).toHaveLength(1_000);
});
