import { expect, test } from 'vitest';
import { parseAddress } from './parse-address.ts';

const hex = (text: string) => Buffer.from(parseAddress(text, 9)?.bytes ?? []).toString('hex');

test.each([
  ['192.0.2.10', 'c000020a'],
  ['::1', '00000000000000000000000000000001'],
  ['::', '00000000000000000000000000000000'],
  ['2001:db8::a:0:1', '20010db8000000000000000a00000001'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
])('%s is %s', (text, bytes) => {
  expect(hex(text)).toBe(bytes);
});

test.each(['localhost', '', 'fe80::1%eth0', '1.2.3', '1.2.3.4.5', '[::1]'])('%s is no address', (text) => {
  expect(parseAddress(text, 9)).toBeUndefined();
});

test('a port is one', () => {
  expect([0, 65_536, -1, Number.NaN].map((port) => parseAddress('192.0.2.1', port))).toEqual(Array(4).fill(undefined));
});
