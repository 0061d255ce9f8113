import { describe, expect, test } from 'vitest';
import { fromHex } from '../from-hex.ts';
import { readH264Height } from './h264-sequence-parameters.ts';

const height = (bytes: Uint8Array) => readH264Height(bytes, 0, bytes.length);

/** A parameter set from its fields: `[value, bits]`, or a number for ue(v). */
function parameters(profile: number, fields: readonly (number | readonly [number, number])[]): Uint8Array {
  let bits = `${profile.toString(2).padStart(8, '0')}${'0'.repeat(16)}1`;
  for (const field of fields) {
    if (typeof field === 'number') {
      const code = (field + 1).toString(2);
      bits += '0'.repeat(code.length - 1) + code;
    } else bits += field[0].toString(2).padStart(field[1], '0');
  }
  bits += '1';
  const bytes = [0x67];
  for (let at = 0; at < bits.length; at += 8) {
    const byte = Number.parseInt(bits.slice(at, at + 8).padEnd(8, '0'), 2);
    // Emulation prevention (ITU-T H.264 section 7.4.1).
    if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

const flag = (value: 0 | 1) => [value, 1] as const;

describe('height', () => {
  // log2_max_frame_num, order type and size, references, gaps, width, height, frames only, direct, cropping.
  test.each<[string, Uint8Array, number]>([
    ['of whole macroblocks', parameters(66, [0, 0, 0, 1, flag(0), 39, 29, flag(1), flag(1), flag(0)]), 480],
    ['cropped', parameters(66, [0, 0, 0, 1, flag(0), 119, 67, flag(1), flag(1), flag(1), 0, 0, 0, 4]), 1080],
    ['cropped above and below', parameters(66, [0, 2, 1, flag(0), 19, 11, flag(1), flag(1), flag(1), 0, 0, 2, 4]), 180],
    ['of fields', parameters(77, [0, 2, 1, flag(0), 119, 33, flag(0), flag(0), flag(1), flag(1), 0, 0, 0, 2]), 1080],
    [
      'with order type 1',
      parameters(66, [0, 1, flag(0), 1, 1, 2, 5, 6, 1, flag(0), 19, 11, flag(1), flag(1), flag(0)]),
      192,
    ],
    [
      'high profile',
      parameters(100, [1, 0, 0, flag(0), flag(0), 0, 0, 0, 1, flag(0), 79, 44, flag(1), flag(1), flag(0)]),
      720,
    ],
    [
      '4:4:4',
      parameters(244, [
        3,
        flag(0),
        0,
        0,
        flag(0),
        flag(0),
        0,
        2,
        1,
        flag(0),
        79,
        45,
        flag(1),
        flag(1),
        flag(1),
        0,
        0,
        0,
        16,
      ]),
      720,
    ],
    [
      'behind an escaped zero run',
      parameters(66, [65_535, 2, 65_535, flag(0), 79, 44, flag(1), flag(1), flag(0)]),
      720,
    ],
  ])('%s', (_, bytes, expected) => {
    expect(height(bytes)).toBe(expected);
  });

  test('in a STAP-A behind a delimiter, and in the first fragment of a FU-A', () => {
    const set = parameters(66, [0, 0, 0, 1, flag(0), 39, 29, flag(1), flag(1), flag(0)]);
    const aggregate = [0x78, 0, 2, 9, 0xf0, 0, set.length, ...set, 0, 2, 0x68, 0xce];
    expect(height(Uint8Array.from(aggregate))).toBe(480);
    expect(height(Uint8Array.from([0x7c, 0x87, ...set.subarray(1)]))).toBe(480);
    expect(height(Uint8Array.from([0x7c, 0x07, ...set.subarray(1)]))).toBe(-1);
  });
});

describe('none', () => {
  test.each([
    ['empty', ''],
    ['another unit', '65 b800'],
    ['cut', '67 42c01f8c8d'],
    ['without an end', '67 42c01f 0000000000000000000000'],
    ['an empty STAP-A', '78'],
    ['a STAP-A of another unit', '78 0002 68ce'],
    ['a STAP-A that ends in a size', '78 0002 68ce 00'],
    ['scaling lists', '67 640028 ac f0'],
  ])('%s', (_, payload) => {
    expect(height(fromHex(payload))).toBe(-1);
  });
});
