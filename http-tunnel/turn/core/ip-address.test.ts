import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressGroup, canonicalIp, formatIp, parseIp } from './ip-address.ts';

describe('one notation', () => {
  test.each([
    ['198.51.100.7', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['::FFFF:c633:6407', '198.51.100.7'],
    ['0:0:0:0:0:ffff:c633:6407', '198.51.100.7'],
    ['0000::ffff:198.51.100.7%eth0', '198.51.100.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::0:1', '2001:db8::1'],
    ['2001:0:0:1::1', '2001:0:0:1::1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1::', '1::'],
    ['::', '::'],
    ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['fe80::1%eth0', 'fe80::1'],
    ['64:ff9b::198.51.100.7', '64:ff9b::c633:6407'],
  ])('%s is %s', (text, expected) => {
    expect(canonicalIp(text)).toBe(expected);
  });

  test.each([
    '',
    'router.example',
    '198.51.100',
    '198.51.100.7.1',
    '198.51.100.256',
    '198.51.100.07',
    '0xc6.51.100.7',
    '3325256711',
    '198.51.100.7:80',
    '[::1]',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    '::g',
    '::1.2.3',
    '1.2.3.4::',
    ' ::1',
    '%eth0',
  ])('%j is no address', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  test('every address is read back, and written as Node writes it', () => {
    const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = Uint8Array.from(groups.flatMap((value) => [value >>> 8, value & 255]));
        const text = formatIp(bytes);
        expect(parseIp(text)).toEqual(parseIp(groups.map((value) => value.toString(16)).join(':')));
        // Node writes IPv4-compatible addresses with dots; nothing has such an address.
        const isCompatible = groups.slice(0, 6).every((value) => value === 0 || value === 0xffff);
        if (isCompatible) return;
        const { address } = new SocketAddress({ family: 'ipv6', address: text });
        expect(text).toBe(address);
      }),
      { seed: 20260107, numRuns: 5000 },
    );
  });

  test('text of any kind is read in bounded time, or not at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.%') }), (text) => {
        const bytes = parseIp(text);
        expect(bytes === undefined || bytes.length === 4 || bytes.length === 16).toBe(true);
      }),
      { seed: 20260107, numRuns: 5000 },
    );
  });
});

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['::ffff:198.51.100.7', '198.51.100.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
])('%s is limited as %s', (text, group) => {
  expect(addressGroup(parseIp(text) as Uint8Array)).toBe(group);
});
