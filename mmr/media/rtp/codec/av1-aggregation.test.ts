import { describe, expect, test } from 'vitest';
import { AV1RtpPayload } from 'werift-rtp';
import { fromHex } from '../from-hex.ts';
import { isAv1Keyframe } from './av1-aggregation.ts';

// Aggregation header: Z Y W W N - - -. OBU header 0a: sequence header with a size field; 08: without.
const START = [
  ['W = 1, one element', '18 080000'],
  ['W = 2, first with a size', '28 02 0800 3000'],
  ['W = 3', '38 02 0800 01 10 3000'],
  ['W = 0, all with sizes', '08 02 0800 02 3000'],
  ['the last element goes on in the next packet', '68 02 0800 3000'],
  ['a size of two LEB128 bytes', `28 8001 ${'08'.repeat(128)} 30`],
  ['a size in eight LEB128 bytes', '28 8180808080808000 08 30'],
  ['reserved bits set', '1f 080000'],
] as const;

describe('a coded video sequence starts', () => {
  test.each(START)('%s', (_, payload) => {
    const bytes = fromHex(payload);
    const told = ((bytes[0] as number) >>> 4) & 3;
    expect(isAv1Keyframe(bytes, 0, bytes.length)).toBe(true);
    // werift-rtp does not read W = 0.
    if (told !== 0) expect(AV1RtpPayload.deSerialize(Buffer.from(bytes)).isKeyframe).toBe(true);
  });
});

describe('no coded video sequence starts', () => {
  test.each([
    ['N = 0', '10 3000'],
    ['N against Z', '98 080000'],
    ['empty', ''],
    ['aggregation header alone', '18'],
    ['W = 2, first element longer than the payload', '28 05 0800 30'],
    ['W = 2, nothing for the second', '28 02 0800'],
    ['W = 3, second without a size', '38 02 0800'],
    ['W = 0, size beyond the payload', '08 02 08'],
    ['LEB128 without an end', '08 80'],
    ['LEB128 of nine bytes', '08 808080808080808000'],
    ['LEB128 of 2^55', '08 8080808080808040'],
  ])('%s', (_, payload) => {
    const bytes = fromHex(payload);
    expect(isAv1Keyframe(bytes, 0, bytes.length)).toBe(false);
  });
});
