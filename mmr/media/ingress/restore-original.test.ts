import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IncomingPacket } from '../forward/incoming-packet.ts';
import type { NegotiatedSource } from '../negotiated.ts';
import { parseRtpHeader, RtpHeader } from '../rtp/rtp-header.ts';
import { IngressStream } from './ingress-stream.ts';
import { restoreOriginal } from './restore-original.ts';

const CAMERA: NegotiatedSource = {
  mid: '1',
  kind: 'camera',
  codecs: [
    { name: 'VP8', payloadType: 96, clockRateHz: 90_000, key: 'VP8', rtxPayloadType: 97 },
    { name: 'VP9', payloadType: 98, clockRateHz: 90_000, key: 'VP9/0', rtxPayloadType: 99 },
  ],
  ssrc: 0x1000,
  rtxSsrc: 0x2000,
  rids: [],
  muted: false,
};
/** Where packets start in the store. */
const OFFSET = 2048;

interface Rtp {
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly ssrc: number;
  readonly marker: boolean;
  readonly csrcCount: number;
  readonly extension: readonly number[];
  readonly payload: readonly number[];
  readonly padding: number;
}

function written(rtp: Rtp): Uint8Array {
  const { extension, padding } = rtp;
  const first = 0x80 | (padding > 0 ? 0x20 : 0) | (extension.length > 0 ? 0x10 : 0) | rtp.csrcCount;
  const head = new Uint8Array(12 + 4 * rtp.csrcCount);
  const view = new DataView(head.buffer);
  view.setUint16(0, (first << 8) | (rtp.marker ? 0x80 : 0) | rtp.payloadType);
  view.setUint16(2, rtp.sequenceNumber);
  view.setUint32(4, 0x01020304);
  view.setUint32(8, rtp.ssrc);
  const block = extension.length > 0 ? [0xbe, 0xde, 0, extension.length / 4, ...extension] : [];
  const tail = padding > 0 ? [...new Array(padding - 1).fill(0), padding] : [];
  return Uint8Array.from([...head, ...block, ...rtp.payload, ...tail]);
}

function incoming(bytes: Uint8Array, index: number): IncomingPacket {
  const packet = new IncomingPacket();
  packet.bytes = new Uint8Array(OFFSET + 4096).fill(0xee);
  packet.bytes.set(bytes, OFFSET);
  packet.offset = OFFSET;
  packet.sizeBytes = bytes.length;
  packet.index = index;
  expect(parseRtpHeader(packet.bytes, OFFSET, bytes.length, packet.header)).toBe(true);
  return packet;
}

/** A camera's stream that has received up to `highest`, with the numbers of `missing` left out, and its RTX stream. */
function streams(highest: number, ...missing: number[]): { media: IngressStream; rtx: IngressStream } {
  const media = new IngressStream(0x1000, CAMERA);
  for (let index = Math.max(0, highest - 20); index <= highest; index++) {
    if (!missing.includes(index)) media.receive(1_000_000, index, 0, 100);
  }
  return { media, rtx: new IngressStream(0x2000, CAMERA, '', media) };
}

const ORIGINAL: Rtp = {
  payloadType: 96,
  sequenceNumber: 1234,
  ssrc: 0x1000,
  marker: true,
  csrcCount: 0,
  extension: [],
  payload: [1, 2, 3],
  padding: 0,
};
/** As RFC 4588 section 4 has it sent again. */
const asRtx = (rtp: Rtp, sequenceNumber = 77): Rtp => ({
  ...rtp,
  payloadType: rtp.payloadType + 1,
  sequenceNumber,
  ssrc: 0x2000,
  payload: [rtp.sequenceNumber >> 8, rtp.sequenceNumber & 0xff, ...rtp.payload],
});

describe('what was sent again', () => {
  test('is the original, byte for byte, whatever the packet has', () => {
    const rtp = fc.record<Rtp>({
      payloadType: fc.constantFrom(96, 98),
      sequenceNumber: fc.integer({ min: 1000, max: 1020 }),
      ssrc: fc.constant(0x1000),
      marker: fc.boolean(),
      csrcCount: fc.nat(3),
      extension: fc.constantFrom([], [0x10, 7, 0, 0], [0x31, 0x31, 0x32, 0, 0x10, 7, 0, 0]),
      payload: fc.array(fc.nat(255), { minLength: 1, maxLength: 1200 }),
      padding: fc.constantFrom(0, 1, 200),
    });
    fc.assert(
      fc.property(rtp, (original) => {
        const { media, rtx } = streams(3 * 65_536 + 1020);
        const packet = incoming(written(asRtx(original)), 77);
        expect(restoreOriginal(packet, rtx)).toBe(media);
        const bytes = written(original);
        expect(packet.sizeBytes).toBe(bytes.length);
        expect(packet.bytes.subarray(OFFSET, OFFSET + bytes.length)).toEqual(bytes);
        expect(packet.index).toBe(3 * 65_536 + original.sequenceNumber);
        // The view says what reading it again would say.
        const header = new RtpHeader();
        expect(parseRtpHeader(packet.bytes, OFFSET, packet.sizeBytes, header)).toBe(true);
        expect(packet.header).toEqual(header);
        // Nothing before it was touched.
        expect(packet.bytes[OFFSET - 1]).toBe(0xee);
      }),
      { seed: 20_261_122 },
    );
  });

  test.each([
    ['just before a wrap', 65_536 + 2, 65_535, 65_535],
    ['before a later wrap', 5 * 65_536 + 10, 65_530, 5 * 65_536 - 6],
    ['ahead of what has come', 65_530, 3, 65_539],
    ['the highest itself', 1000, 1000, 1000],
  ])('finds its widened number %s', (_name, highest, sequenceNumber, index) => {
    const { rtx } = streams(highest);
    const packet = incoming(written(asRtx({ ...ORIGINAL, sequenceNumber })), 5);
    expect(restoreOriginal(packet, rtx)).toBeDefined();
    expect(packet.index).toBe(index);
  });

  test('is no longer missing', () => {
    const { media, rtx } = streams(1240, 1234);
    expect(media.nack?.missing).toBe(1);
    restoreOriginal(incoming(written(asRtx(ORIGINAL)), 5), rtx);
    expect(media.nack?.missing).toBe(0);
    expect(media.nack?.repaired).toBe(1);
    // It counts as lost in reports all the same (RFC 4588 section 6.3).
    expect(media.lost).toBe(1);
  });
});

describe('holds no packet, and is left as it is', () => {
  test.each<[string, Rtp, number]>([
    ['padding only', { ...asRtx(ORIGINAL), payload: [], padding: 200 }, 1240],
    ['an original sequence number and nothing else', asRtx({ ...ORIGINAL, payload: [] }), 1240],
    ['one byte', { ...asRtx(ORIGINAL), payload: [1] }, 1240],
    ['before the first packet of its stream', asRtx(ORIGINAL), -1],
    ['a number from before the beginning', asRtx({ ...ORIGINAL, sequenceNumber: 65_000 }), 3],
  ])('%s', (_name, rtp, highest) => {
    const { rtx } = streams(highest);
    const bytes = written(rtp);
    const packet = incoming(bytes, 5);
    expect(restoreOriginal(packet, rtx)).toBeUndefined();
    expect(packet.bytes.subarray(OFFSET, OFFSET + bytes.length)).toEqual(bytes);
    expect([packet.sizeBytes, packet.index, packet.header.ssrc]).toEqual([bytes.length, 5, 0x2000]);
  });

  test('a stream that repeats nothing', () => {
    const { media } = streams(1240);
    expect(restoreOriginal(incoming(written(ORIGINAL), 5), media)).toBeUndefined();
  });
});
