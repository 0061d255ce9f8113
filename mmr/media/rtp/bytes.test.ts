import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inBounds, readUint16, readUint24, readUint32, writeUint16, writeUint24, writeUint32 } from './bytes.ts';

test('reads and writes what a DataView does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.nat(3), (value, offset) => {
      const bytes = new Uint8Array(8);
      const view = new DataView(bytes.buffer);
      writeUint32(bytes, offset, value);
      expect(view.getUint32(offset)).toBe(value);
      expect(readUint32(bytes, offset)).toBe(value);
      expect(readUint24(bytes, offset)).toBe(value >>> 8);
      expect(readUint16(bytes, offset)).toBe(value >>> 16);
      writeUint24(bytes, offset, value);
      expect(readUint24(bytes, offset)).toBe(value & 0xffffff);
      writeUint16(bytes, offset, value);
      expect(view.getUint16(offset)).toBe(value & 0xffff);
    }),
    { seed: 20260105 },
  );
});

test('negative numbers are written in two’s complement', () => {
  const bytes = new Uint8Array(4);
  writeUint24(bytes, 0, -1);
  expect(readUint24(bytes, 0)).toBe(0xffffff);
  writeUint32(bytes, 0, -2);
  expect(readUint32(bytes, 0)).toBe(0xfffffffe);
});

test('a read past the end gives zeros, never an exception', () => {
  const bytes = Uint8Array.of(0xff);
  expect(readUint16(bytes, 0)).toBe(0xff00);
  expect(readUint24(bytes, 5)).toBe(0);
  expect(readUint32(bytes, 0)).toBe(0xff000000);
});

test.each([
  [0, 4, true],
  [4, 0, true],
  [0, 5, false],
  [1, 4, false],
  [-1, 2, false],
  [0, -1, false],
  [Number.NaN, 1, false],
  [0, Number.NaN, false],
])('offset %d, size %d in four bytes: %s', (offset, size, expected) => {
  expect(inBounds(new Uint8Array(4), offset, size)).toBe(expected);
});
