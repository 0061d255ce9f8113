import { expect, test } from 'vitest';
import { fromHex } from '../../../mmr/media/rtp/from-hex.ts';
import { describeRtp } from './waiting-packet.ts';

const rtp = (payloadType: number, payload: string) =>
  Uint8Array.of(0x80, payloadType, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, ...fromHex(payload));

test.each([
  ['VP8 key frame', 96, '90 80 7f 00', true],
  ['VP8, not its first packet', 96, '80 80 7f 00', false],
  ['VP8, another partition', 96, '91 80 7f 00', false],
  ['VP8 inter frame', 96, '90 80 7f 01', false],
  ['VP9 key frame', 98, '88 8123 10', true],
  ['VP9 inter frame', 98, 'c8 8123 10', false],
  ['AV1, first of a sequence', 100, '18 30 01 02', true],
  ['AV1, within one', 100, '10 30 01 02', false],
  ['AV1, continued', 100, '98 30 01 02', false],
  ['a codec that nobody offers', 102, '90 80 7f 00', false],
  ['cut', 96, '90', false],
])('%s', (_, payloadType, payload, starts) => {
  expect(describeRtp(1, rtp(payloadType, payload), 5)).toMatchObject({
    kind: 'video',
    ssrc: 3,
    timestamp: 2,
    arrivedMs: 5,
    startsKeyFrame: starts,
  });
});

test('audio is Opus; what is no RTP is nothing', () => {
  expect(describeRtp(3, rtp(111, '00'), 5)).toMatchObject({ kind: 'audio', channel: 3 });
  expect(describeRtp(1, rtp(111, '00').subarray(0, 11), 5)).toBeUndefined();
});
