import { describe, expect, test } from 'vitest';
import { BitReader } from './bit-reader.ts';
import { fromHex } from './from-hex.ts';

function reader(hex: string): BitReader {
  const bits = new BitReader();
  const bytes = fromHex(`ff ${hex} ff`);
  bits.begin(bytes, 1, bytes.length - 2);
  return bits;
}

test('numbers across byte bounds', () => {
  const bits = reader('a5 3c ff00ff00');
  expect([bits.read(3), bits.read(7), bits.read(0), bits.read(6), bits.read(32)]).toEqual([
    5, 0x14, 0, 0x3c, 0xff00ff00,
  ]);
  expect(bits.isOverrun).toBe(false);
  expect(bits.position).toBe(48);
});

test('far behind the start of a large packet store', () => {
  // 2^32 bits. An object in place of an array of so many bytes.
  const bytes = { [2 ** 29]: 0xa5, [2 ** 29 + 1]: 0x3c } as unknown as Uint8Array;
  const bits = new BitReader();
  bits.begin(bytes, 2 ** 29, 2);
  expect([bits.read(12), bits.read(4), bits.isOverrun]).toEqual([0xa53, 0xc, false]);
});

test('reads past the end give zeros, and are noticed', () => {
  const bits = reader('ff');
  expect(bits.read(9)).toBe(0);
  expect(bits.isOverrun).toBe(true);
  expect(bits.read(1)).toBe(0);
});

describe('ns(5): 0, 1, 2 in two bits, 3, 4 in three', () => {
  test.each([
    ['00', 0, 2],
    ['40', 1, 2],
    ['80', 2, 2],
    ['c0', 3, 3],
    ['e0', 4, 3],
  ])('%s', (hex, value, size) => {
    const bits = reader(hex);
    expect(bits.readNonSymmetric(5)).toBe(value);
    expect(bits.position).toBe(size);
  });

  test('ns(1) needs no bit', () => {
    const bits = reader('ff');
    expect(bits.readNonSymmetric(1)).toBe(0);
    expect(bits.position).toBe(0);
  });
});

describe('ue(v)', () => {
  test.each([
    ['80', 0],
    ['40', 1],
    ['60', 2],
    ['20', 3],
    ['28', 4],
    ['0102', 128],
    ['00000001 fffffffe', 2 ** 32 - 2],
  ])('%s', (hex, value) => {
    expect(reader(hex).readExpGolomb()).toBe(value);
  });

  test('zeros without an end', () => {
    expect(reader('00').readExpGolomb()).toBe(0);
    expect(reader('0000000000').readExpGolomb()).toBe(0);
  });
});
