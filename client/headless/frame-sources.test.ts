import { describe, expect, test } from 'vitest';
import { Vp8RtpPayload } from 'werift-rtp';
import { OpusSilenceSource, packetizeVp8, Vp8StillSource } from './frame-sources.ts';
import { VP8_INTER_FRAME, VP8_KEY_FRAME } from './vp8-frames.ts';

/** The frame as werift, another implementation, puts it together. */
function depacketize(payloads: readonly Uint8Array[]): Buffer {
  return Buffer.concat(payloads.map((payload) => Vp8RtpPayload.deSerialize(Buffer.from(payload)).payload));
}

describe('Vp8StillSource', () => {
  test('begins with a key frame, goes on with inter frames, and sends another key frame when asked', () => {
    const source = new Vp8StillSource();
    const keyframes = Array.from({ length: 5 }, (_, i) => {
      if (i === 3) source.requestKeyframe();
      const [first] = source.next();
      return Vp8RtpPayload.deSerialize(Buffer.from(first ?? [])).isKeyframe;
    });
    expect(keyframes).toEqual([true, false, false, true, false]);
    expect(source.keyframes).toBe(2);
  });

  test('a frame of several packets comes out whole; only its first packet starts a partition', () => {
    const payloads = packetizeVp8(VP8_KEY_FRAME, 0x1234);
    expect(payloads.length).toBeGreaterThan(1);
    expect(depacketize(payloads)).toEqual(Buffer.from(VP8_KEY_FRAME));
    const parsed = payloads.map((payload) => Vp8RtpPayload.deSerialize(Buffer.from(payload)));
    expect(parsed.map(({ isPartitionHead }) => isPartitionHead)).toEqual([true, ...parsed.slice(1).map(() => false)]);
    expect(parsed.every(({ pictureId }) => pictureId === 0x1234)).toBe(true);
    expect(payloads.every(({ length }) => length <= 1104)).toBe(true);
  });

  test('picture ids wrap after 15 bits', () => {
    const source = new Vp8StillSource();
    let last = 0;
    for (let i = 0; i < 0x8001; i++) {
      last = Vp8RtpPayload.deSerialize(Buffer.from(source.next()[0] ?? [])).pictureId ?? -1;
    }
    expect(last).toBe(1);
  });

  test('frames are as large as load asks, and begin with the true frame', () => {
    const source = new Vp8StillSource(5000);
    source.next();
    const frame = depacketize(source.next());
    expect(frame).toHaveLength(5000);
    expect(frame.subarray(0, VP8_INTER_FRAME.length)).toEqual(Buffer.from(VP8_INTER_FRAME));
  });
});

test('OpusSilenceSource: one packet of 20 ms a frame', () => {
  expect(new OpusSilenceSource().next()).toEqual([Uint8Array.of(0xf8, 0xff, 0xfe)]);
});
