import { describe, expect, test } from 'vitest';
import { parseVideoCodec, preferCodec } from './video-codec.ts';

const OFFERED = ['VP8', 'rtx', 'H264', 'VP9', 'H264', 'AV1'].map((name, index) => ({
  mimeType: `video/${name}`,
  index,
}));

describe('preferred codecs', () => {
  test.each([
    { codec: 'vp8', order: [0, 1, 2, 3, 4, 5] },
    { codec: 'h264', order: [2, 4, 0, 1, 3, 5] },
    { codec: 'av1', order: [5, 0, 1, 2, 3, 4] },
  ] as const)('$codec comes first, the rest keep their order', ({ codec, order }) => {
    expect(preferCodec(OFFERED, codec).map(({ index }) => index)).toEqual(order);
  });

  test.each([
    ['vp8', 'vp8'],
    ['H264', 'h264'],
    ['av2', undefined],
    ['', undefined],
    [null, undefined],
  ])('%j is read as %j', (text, codec) => {
    expect(parseVideoCodec(text)).toBe(codec);
  });
});
