import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstOf, parseAddress, parseRange } from './ip-address.ts';

const SEED = 22;

describe('addresses', () => {
  test.each([
    ['0.0.0.0', 0xffff00000000n],
    ['192.0.2.1', 0xffffc0000201n],
    ['::ffff:192.0.2.1', 0xffffc0000201n],
    ['::', 0n],
    ['::1', 1n],
    ['1::', 1n << 112n],
    ['2001:DB8::8:800:200C:417A', 0x20010db80000000000080800200c417an],
    ['1:2:3:4:5:6:7:8', 0x00010002000300040005000600070008n],
    ['1:2:3:4:5:6:77.77.88.88', 0x0001000200030004000500064d4d5858n],
  ])('%s', (text, value) => {
    expect(parseAddress(text)).toBe(value);
  });

  test('what is one is what Node takes for one', () => {
    const pieces = fc.array(
      fc.constantFrom('1', 'f00d', '::', ':', '.', '256', '01', '0', '192.0.2.1', 'g', '12345', '%eth0', ' '),
      {
        maxLength: 12,
      },
    );
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      pieces.map((all) => all.join('')),
      fc.array(fc.constantFrom('1', 'ab', ''), { maxLength: 10 }).map((all) => all.join(':')),
    );
    fc.assert(
      fc.property(text, (address) => {
        // Names of interfaces are no part of an address here.
        expect(parseAddress(address) !== undefined).toBe(isIP(address) !== 0 && !address.includes('%'));
      }),
      { seed: SEED, numRuns: 5_000 },
    );
  });

  test('the value is that of the shortest form', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const value = parseAddress(address) ?? 0n;
        const groups = Array.from({ length: 8 }, (_, index) =>
          ((value >> BigInt(16 * (7 - index))) & 0xffffn).toString(16),
        );
        expect(new URL(`http://[${groups.join(':')}]/`).hostname).toBe(new URL(`http://[${address}]/`).hostname);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe('ranges', () => {
  test.each([
    ['192.0.2.0/24', 120],
    ['0.0.0.0/0', 96],
    ['192.0.2.1/32', 128],
    ['2001:db8::/32', 32],
    ['::/0', 0],
  ])('%s shares %d bits', (text, bits) => {
    expect(parseRange(text)?.bits).toBe(bits);
  });

  test.each([
    '192.0.2.1/24',
    '192.0.2.0/33',
    '192.0.2.0',
    '192.0.2.0/',
    '192.0.2.0/024',
    '::/129',
    '2001:db8::1/32',
    '/8',
    '::/-1',
    '::/1/1',
  ])('%s is none', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });

  test('begin with their first address', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), fc.integer({ min: 0, max: 128 }), (address, bits) => {
        const first = firstOf(address, bits);
        expect(first).toBeLessThanOrEqual(address);
        expect(address - first).toBeLessThan(1n << BigInt(128 - bits));
        expect(firstOf(first, bits)).toBe(first);
      }),
      { seed: SEED },
    );
  });
});
