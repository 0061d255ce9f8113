import { describe, expect, test } from 'vitest';
import type { CodecName } from '../../negotiated.ts';
import { fromHex } from '../from-hex.ts';
import { isKeyframe } from './keyframe.ts';

const KEYFRAMES: readonly [CodecName, string][] = [
  ['opus', 'f8'],
  ['VP8', '10 50'],
  ['VP9', '08 00'],
  ['H264', '67 42'],
  ['AV1', '18 0800'],
];

describe.each(KEYFRAMES)('%s', (codec, payload) => {
  test('a key frame, at an offset', () => {
    const bytes = fromHex(`ffff ${payload} ff`);
    expect(isKeyframe(codec, bytes, 2, bytes.length - 3)).toBe(true);
  });

  test('is judged by its own bytes alone', () => {
    const bytes = fromHex(payload);
    expect(isKeyframe(codec, bytes, 0, 0)).toBe(false);
    expect(isKeyframe(codec, bytes, 0, bytes.length + 1)).toBe(false);
    expect(isKeyframe(codec, bytes, 1, bytes.length)).toBe(false);
    expect(isKeyframe(codec, bytes, -1, 1)).toBe(false);
  });
});

test('inter frames are none', () => {
  const interFrames: readonly [CodecName, string][] = [
    ['VP8', '10 51'],
    ['VP9', '48 00'],
    ['H264', '41 9a'],
    ['AV1', '10 3000'],
  ];
  for (const [codec, payload] of interFrames) {
    const bytes = fromHex(payload);
    expect(isKeyframe(codec, bytes, 0, bytes.length)).toBe(false);
  }
});
