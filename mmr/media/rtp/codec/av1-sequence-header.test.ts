import { describe, expect, test } from 'vitest';
import { fromHex } from '../from-hex.ts';
import { readAv1Height } from './av1-sequence-header.ts';

const height = (payload: string) => {
  const bytes = fromHex(`ff ${payload}`);
  return readAv1Height(bytes, 1, bytes.length - 1);
};

describe('height', () => {
  // The first two are what Chromium sends.
  test.each([
    ['three temporal layers', '68 10 080021070881844043313fd9c01a0080 3400', 360],
    ['nine operating points', '28 1d 080087072b8195c04a60e530329809441ca20651012d4cffb3c01a0080 3400', 720],
    ['the only element, without a size', '18 080021070881844043313fd9c01a0080', 360],
    ['all elements with sizes', '08 10 080021070881844043313fd9c01a0080 02 3400', 360],
    ['size and extension in the OBU itself', '18 0e 00 0f 0021070881844043313fd9c01a0080', 360],
    // reduced_still_picture_header: level, sizes of 8 bits each: 64 x 48.
    ['a still picture', '18 08 18157fbc', 48],
  ])('%s', (_, payload, expected) => {
    expect(height(payload)).toBe(expected);
  });
});

describe('none', () => {
  test.each([
    ['another OBU', '18 3000'],
    ['cut', '18 0800210708'],
    ['aggregation header alone', '18'],
    ['a size that never ends', '28 8080'],
    ['a timing model', '18 08 04 0000000000000000000000'],
  ])('%s', (_, payload) => {
    expect(height(payload)).toBe(-1);
  });
});
