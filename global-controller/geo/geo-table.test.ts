import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GeoRange, GeoTable } from './geo-table.ts';
import { firstOf, parseAddress } from './ip-address.ts';
import { describeWrongLine, readGeoCsv } from './read-geo-csv.ts';

const SEED = 23;

test('the longest range tells, for IPv4 and IPv6 alike', () => {
  const { table } = readGeoCsv(
    ['10.0.0.0/8,1,1', '10.1.0.0/16,2,2', '10.1.2.3/32,3,3', '2001:db8::/32,4,4', '2001:db8:0:1::/64,5,5'].join('\n'),
  );
  const latitude = (address: string): number | undefined => table.find(address)?.latitude;
  expect(latitude('10.9.9.9')).toBe(1);
  expect(latitude('10.1.9.9')).toBe(2);
  expect(latitude('10.1.2.3')).toBe(3);
  expect(latitude('::ffff:10.1.2.3')).toBe(3);
  expect(latitude('2001:db8:0:2::1')).toBe(4);
  expect(latitude('2001:db8:0:1:ffff::1')).toBe(5);
  for (const address of ['11.0.0.0', '9.255.255.255', '2001:db9::', '::', 'localhost', '', '10.0.0.0/8']) {
    expect(table.find(address)).toBeUndefined();
  }
});

test('finds what going through all ranges finds', () => {
  // Few different leading bits, so that ranges lie within each other.
  const address = fc
    .tuple(fc.nat(3), fc.nat(3), fc.constantFrom(0n, 1n, (1n << 64n) - 1n, 1n << 63n))
    .map(([high, low, rest]) => (BigInt(high) << 126n) | (BigInt(low) << 62n) | rest);
  const range = fc
    .record({
      address,
      bits: fc.constantFrom(0, 1, 2, 64, 65, 66, 127, 128),
      latitude: fc.integer({ min: -90, max: 90 }),
    })
    .map(
      ({ address: inside, bits, latitude }): GeoRange => ({
        first: firstOf(inside, bits),
        bits,
        point: { latitude, longitude: 0 },
      }),
    );
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), address, (ranges, wanted) => {
      const groups = Array.from({ length: 8 }, (_, index) =>
        ((wanted >> BigInt(16 * (7 - index))) & 0xffffn).toString(16),
      );
      const text = groups.join(':');
      expect(parseAddress(text)).toBe(wanted);
      const holding = ranges.filter(({ first, bits }) => firstOf(wanted, bits) === first);
      const longest = Math.max(...holding.map(({ bits }) => bits));
      const expected = holding.find(({ bits }) => bits === longest)?.point.latitude;
      expect(new GeoTable(ranges).find(text)?.latitude).toBe(expected);
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

test('wrong lines are left out, counted and named; the rest counts', () => {
  const reading = readGeoCsv(
    [
      'cidr,latitude,longitude',
      '# a remark',
      '',
      ' 192.0.2.0/24 , 52.5 , 13.4 \r',
      '192.0.2.0/24,1,1',
      '192.0.2.1/24,1,1',
      '198.51.100.0/24,90.5,0',
      '198.51.100.0/24,0,181',
      '198.51.100.0/24,0x10,0',
      '198.51.100.0/24,1e1,0',
      '198.51.100.0/24,,',
      '198.51.100.0/24,1',
      'cidr,latitude,longitude',
      `${'x'.repeat(500)},1,1`,
      '203.0.113.0/24,-33.9,151.2',
    ].join('\n'),
  );
  expect(reading.table.size).toBe(2);
  expect(reading.table.find('192.0.2.77')?.latitude).toBeCloseTo(52.5, 4);
  expect(reading.table.find('203.0.113.1')?.longitude).toBeCloseTo(151.2, 4);
  expect(reading.problems).toEqual({ twice: 1, range: 3, latitude: 4, longitude: 1, fields: 1 });
  expect(reading.wrong.map(({ line }) => line)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  expect(reading.wrong.every(({ text }) => text.length <= 80)).toBe(true);
  const words = reading.wrong.map(describeWrongLine);
  expect(words[0]).toBe('line 5 has a range that was there before: "192.0.2.0/24,1,1"');
  expect(words[2]).toMatch(/^line 7 has a latitude/);
});

test('however many lines there are, some are named and no more are kept than may be', () => {
  const lines = Array.from({ length: 300 }, (_, index) => `10.0.${index}.0/24,1,1`);
  const reading = readGeoCsv(lines.join('\n'), 100);
  expect(reading.table.size).toBe(100);
  expect(reading.problems).toEqual({ tooMany: 200 });
  expect(reading.wrong).toHaveLength(20);
});

test('any text is read without an exception, and every line is counted once', () => {
  const field = fc.constantFrom('10.0.0.0/8', '::/0', '1', '-90', '180', 'x', '', '\u0000', '#', '::1/128', 'é');
  const line = fc.oneof(
    fc.array(field, { maxLength: 4 }).map((fields) => fields.join(',')),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const text = lines.join('\n');
      const { table, problems } = readGeoCsv(text);
      const data = text.split('\n').filter((each) => each.trim() !== '' && !each.trim().startsWith('#'));
      const left = Object.values(problems).reduce((sum, count) => sum + count, 0);
      expect(table.size + left).toBe(data.length);
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});
