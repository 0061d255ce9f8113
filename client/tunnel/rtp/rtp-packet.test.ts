/** Packets written here are read by the router's own parsers, and the other way round. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteRange, findExtension } from '../../../mmr/media/rtp/header-extensions.ts';
import { parseRtpHeader, RtpHeader } from '../../../mmr/media/rtp/rtp-header.ts';
import { isRtcp, readRtp, writeRtp } from './rtp-packet.ts';

const packets = fc.record({
  payloadType: fc.integer({ min: 0, max: 127 }),
  marker: fc.boolean(),
  sequenceNumber: fc.integer({ min: 0, max: 0xffff }),
  timestamp: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  ssrc: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  extensions: fc
    .array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.uint8Array({ minLength: 1, maxLength: 40 })), { maxLength: 4 })
    // 15 is no id of the one-byte form, and browsers never offer it.
    .map((entries) => new Map(entries.filter(([id]) => id !== 15))),
  payload: fc.uint8Array({ minLength: 1, maxLength: 50 }),
});

test('what is written is what the router reads', () => {
  fc.assert(
    fc.property(packets, (packet) => {
      const bytes = writeRtp(packet, packet.payload);
      const header = new RtpHeader();
      expect(parseRtpHeader(bytes, 0, bytes.length, header)).toBe(true);
      const { payloadType, marker, sequenceNumber, timestamp, ssrc } = packet;
      expect(header).toMatchObject({ payloadType, marker, sequenceNumber, timestamp, ssrc });
      expect(bytes.slice(header.payloadOffset)).toEqual(packet.payload);
      const range = new ByteRange();
      for (const [id, value] of packet.extensions) {
        expect(findExtension(bytes, header, id, range)).toBe(true);
        expect(bytes.slice(range.offset, range.offset + range.size)).toEqual(value);
      }
    }),
    { seed: 20261122, numRuns: 500 },
  );
});

test('what is written is read again', () => {
  fc.assert(
    fc.property(packets, (packet) => {
      expect(readRtp(writeRtp(packet, packet.payload))).toEqual(packet);
    }),
    { seed: 20261122, numRuns: 500 },
  );
});

test('what is no packet is refused, and nothing throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const packet = readRtp(bytes);
      if (packet !== undefined) expect(packet.payload.length).toBeLessThanOrEqual(bytes.length - 12);
    }),
    { seed: 20261122, numRuns: 3000 },
  );
  expect(readRtp(Uint8Array.of(0x80, 96, 0, 1))).toBeUndefined();
  expect(readRtp(new Uint8Array(20))).toBeUndefined();
});

test('padding is taken off; a packet of padding alone has an empty payload', () => {
  const header = [0xa0, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
  expect(readRtp(Uint8Array.from([...header, 7, 8, 0, 2]))?.payload).toEqual(Uint8Array.of(7, 8));
  expect(readRtp(Uint8Array.from([...header, 0, 0, 3]))?.payload).toEqual(new Uint8Array(0));
  expect(readRtp(Uint8Array.from([...header, 0, 0, 9]))).toBeUndefined();
});

test('RTCP is told from RTP by its packet type', () => {
  expect(isRtcp(Uint8Array.of(0x80, 200))).toBe(true);
  expect(isRtcp(Uint8Array.of(0x8f, 205))).toBe(true);
  expect(isRtcp(Uint8Array.of(0x80, 0x80 | 96))).toBe(false);
  expect(isRtcp(Uint8Array.of(0x80, 111))).toBe(false);
});
