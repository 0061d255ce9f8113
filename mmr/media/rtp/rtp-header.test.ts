import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RtpPacket, RtpHeader as WeriftHeader } from 'werift-rtp';
import { fromHex } from './from-hex.ts';
import { parseRtpHeader, RtpHeader } from './rtp-header.ts';

function parse(bytes: Uint8Array): RtpHeader | undefined {
  const header = new RtpHeader();
  return parseRtpHeader(bytes, 0, bytes.length, header) ? header : undefined;
}

const FIXED = '0060 1234 89abcdef fedcba98';
/** A packet with the first byte given and everything after the fixed header. */
const packet = (first: string, rest: string) => fromHex(first + FIXED.slice(2) + rest);

describe('well-formed packets', () => {
  test('fixed header only', () => {
    expect(parse(packet('80', 'aabbcc'))).toEqual({
      marker: false,
      payloadType: 96,
      sequenceNumber: 0x1234,
      timestamp: 0x89abcdef,
      ssrc: 0xfedcba98,
      csrcCount: 0,
      headerSize: 12,
      extensionProfile: 0,
      extensionOffset: 12,
      extensionSize: 0,
      payloadOffset: 12,
      payloadSize: 3,
      paddingSize: 0,
    });
  });

  test('everything at once, at an offset', () => {
    const plain = packet('b2', '00000001 00000002 bede0001 10aa0000 01020304 000003');
    const bytes = new Uint8Array(plain.length + 7).fill(0xff);
    bytes.set(plain, 5);
    bytes[6] = 0xe0;
    const header = new RtpHeader();
    expect(parseRtpHeader(bytes, 5, plain.length, header)).toBe(true);
    expect(header).toMatchObject({
      marker: true,
      payloadType: 96,
      csrcCount: 2,
      headerSize: 28,
      extensionProfile: 0xbede,
      extensionOffset: 5 + 24,
      extensionSize: 4,
      payloadOffset: 5 + 28,
      payloadSize: 4,
      paddingSize: 3,
    });
  });

  test.each([
    ['padding only, a probe', packet('a0', '0000000000000008'), { payloadSize: 0, paddingSize: 8 }],
    ['255 bytes of padding', packet('a0', `${'00'.repeat(255)}ff`), { payloadSize: 1, paddingSize: 255 }],
    ['fourteen sources', packet('8e', `${'00000001'.repeat(14)}aa`), { csrcCount: 14, payloadSize: 1 }],
    ['an empty extension block', packet('90', 'bede0000aa'), { headerSize: 16, extensionSize: 0 }],
    ['a foreign extension profile', packet('90', '12340001ffffffffaa'), { extensionProfile: 0x1234 }],
    ['an element after the stop id', packet('90', 'bede0001f0ffffffaa'), { extensionSize: 4 }],
    ['two-byte form with application bits', packet('90', '100f000101020000aa'), { extensionProfile: 0x100f }],
  ])('%s', (_, bytes, expected) => {
    expect(parse(bytes)).toMatchObject(expected);
  });
});

test('a view that is used again keeps nothing of the packet before', () => {
  const header = new RtpHeader();
  const full = packet('b2', '00000001 00000002 bede0001 10aa0000 01020304 000003');
  const plain = packet('80', 'aabbcc');
  parseRtpHeader(full, 0, full.length, header);
  parseRtpHeader(plain, 0, plain.length, header);
  expect(header).toEqual(parse(plain));
});

describe('hostile packets are refused', () => {
  test.each([
    ['empty', new Uint8Array(0)],
    ['eleven bytes', packet('80', '').subarray(0, 11)],
    ['twelve bytes: a header that carries nothing', packet('80', '')],
    ['version 0', packet('00', 'aa')],
    ['version 1', packet('40', 'aa')],
    ['version 3', packet('c0', 'aa')],
    ['CSRC list longer than the packet', packet('84', '00000001')],
    ['fifteen sources, cut', packet('8f', '00000001'.repeat(14))],
    ['fifteen sources', packet('8f', `${'00000001'.repeat(15)}aa`)],
    ['nothing after the CSRC list', packet('81', '00000001')],
    ['extension header cut', packet('90', 'bede')],
    ['extension length beyond the packet', packet('90', 'bede0002000000000000')],
    ['extension length 65535', packet('90', 'bedeffff00000000aa')],
    ['nothing after the extension', packet('90', 'bede0001 10aa0000')],
    ['one-byte element beyond the block', packet('90', 'bede0001 1faabbcc aa')],
    ['one-byte element beyond the block, last byte', packet('90', 'bede0001 00000010 aa')],
    ['two-byte element beyond the block', packet('90', '10000001 01ffaabb aa')],
    ['two-byte element without a length', packet('90', '10000001 00000001 aa')],
    ['padding of 0', packet('a0', 'aa00')],
    ['padding longer than the payload', packet('a0', 'aabb04')],
    ['padding of 255 in a short packet', packet('a0', 'aaff')],
    ['padding that reaches into the extension', packet('b0', 'bede0001 10aa0000 05')],
  ])('%s', (_, bytes) => {
    expect(parse(bytes)).toBeUndefined();
  });

  test('a size beyond the array', () => {
    const bytes = packet('80', 'aabb');
    expect(parseRtpHeader(bytes, 0, bytes.length + 1, new RtpHeader())).toBe(false);
    expect(parseRtpHeader(bytes, 1, bytes.length, new RtpHeader())).toBe(false);
    expect(parseRtpHeader(bytes, -1, bytes.length, new RtpHeader())).toBe(false);
  });

  test('every cut of a full packet is refused or stays inside it', () => {
    const whole = packet('91', '00000001 bede0002 10aa2101 02000000 deadbeef');
    for (let size = 0; size < whole.length; size++) {
      const header = parse(whole.slice(0, size));
      expect(header === undefined || header.payloadOffset + header.payloadSize === size).toBe(true);
      if (size <= 28) expect(header).toBeUndefined();
    }
  });
});

test('reads what werift-rtp writes', () => {
  const uint32 = fc.integer({ min: 0, max: 0xffffffff });
  const fields = fc.record({
    marker: fc.boolean(),
    payloadType: fc.nat(127),
    sequenceNumber: fc.nat(65535),
    timestamp: uint32,
    ssrc: uint32,
    csrc: fc.array(uint32, { maxLength: 14 }),
    twoByte: fc.boolean(),
    extensions: fc.array(fc.tuple(fc.integer({ min: 1, max: 14 }), fc.uint8Array({ minLength: 1, maxLength: 16 })), {
      maxLength: 6,
    }),
    payload: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    paddingSize: fc.nat(255),
  });
  fc.assert(
    fc.property(fields, (f) => {
      const theirs = new WeriftHeader({
        marker: f.marker,
        payloadType: f.payloadType,
        sequenceNumber: f.sequenceNumber,
        timestamp: f.timestamp,
        ssrc: f.ssrc,
        csrc: f.csrc,
        padding: f.paddingSize > 0,
        paddingSize: f.paddingSize,
        extensionProfile: f.twoByte ? 0x1000 : 0xbede,
        extensions: f.extensions.map(([id, data]) => ({ id, payload: Buffer.from(data) })),
      });
      const bytes = new RtpPacket(theirs, Buffer.from(f.payload)).serialize();
      const header = parse(bytes);
      expect(header).toMatchObject({
        marker: f.marker,
        payloadType: f.payloadType,
        sequenceNumber: f.sequenceNumber,
        timestamp: f.timestamp,
        ssrc: f.ssrc,
        csrcCount: f.csrc.length,
        payloadSize: f.payload.length,
        paddingSize: f.paddingSize,
      });
      const start = header?.payloadOffset ?? 0;
      expect(new Uint8Array(bytes.subarray(start, start + f.payload.length))).toEqual(f.payload);
    }),
    { seed: 20260105, numRuns: 500 },
  );
});
