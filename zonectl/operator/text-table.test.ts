import { expect, test } from 'vitest';
import { printable, textFields, textTable } from './text-table.ts';

test('columns are as wide as they have to be, and lines do not end in spaces', () => {
  const table = textTable<[string, number]>(
    [
      { title: 'NAME', of: ([name]) => name },
      { title: 'N', align: 'right', of: ([, number]) => `${number}` },
      { title: 'SAME', of: ([name]) => name },
    ],
    [
      ['a', 7],
      ['longer', 12],
    ],
  );
  expect(table).toBe('NAME     N  SAME\na        7  a\nlonger  12  longer\n');
});

test('a name takes as many columns as a terminal gives it', () => {
  const columns = [
    { title: 'N', of: (name: string) => name },
    { title: 'X', of: () => 'x' },
  ];
  expect(textTable(columns, ['日本', 'Zoe\u0308', 'abcd'])).toBe('N     X\n日本  x\nZoe\u0308   x\nabcd  x\n');
});

test.each([
  ['\u001b[31mred', '\uFFFD[31mred'],
  ['a\nb\tc', 'a\uFFFDb\uFFFDc'],
  ['\u009b2J', '\uFFFD2J'],
  ['\u202Edrow', '\uFFFDdrow'],
  ['Zoë 日本', 'Zoë 日本'],
])('%j cannot do anything to a terminal', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('fields of several lines go on below their beginning', () => {
  expect(
    textFields([
      ['A', '1'],
      ['Long', '2\n3'],
    ]),
  ).toBe('A     1\nLong  2\n      3\n');
});
