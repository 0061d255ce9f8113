import { expect, test } from 'vitest';
import { AddressList, network } from './address-list.ts';

const LIST = new AddressList(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);

test.each(['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3', '192.0.2.1', '2001:db8:ffff::1'])(
  '%s is in it',
  (address) => {
    expect(LIST.has(address)).toBe(true);
  },
);

test.each(['11.0.0.0', '192.0.2.2', '2001:db9::1', '::ffff:11.0.0.1', 'localhost', '', undefined])(
  '%s is not',
  (address) => {
    expect(LIST.has(address)).toBe(false);
  },
);

test('an empty list has nobody', () => {
  expect(new AddressList([]).has('127.0.0.1')).toBe(false);
});

test.each(['10.0.0.0/33', '10.0.0/8', '::/129', 'example.org', '10.0.0.0/', '10.0.0.0/-1', ''])(
  '%j is refused',
  (text) => {
    expect(network.safeParse(text).success).toBe(false);
    expect(() => new AddressList([text])).toThrow(RangeError);
  },
);
