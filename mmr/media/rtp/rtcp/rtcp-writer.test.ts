import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RtcpPacketConverter } from 'werift-rtp';
import { fromHex } from '../from-hex.ts';
import { type RtcpVisitor, readRtcp } from './rtcp-reader.ts';
import { encodeCname, RtcpWriter } from './rtcp-writer.ts';
import { TransportFeedback } from './transport-feedback-writer.ts';

const OFFSET = 5;
const bytes = new Uint8Array(4096);
const writer = new RtcpWriter();

function write(fill: (writer: RtcpWriter) => void): Uint8Array {
  bytes.fill(0x5a);
  writer.begin(bytes, OFFSET);
  fill(writer);
  const size = writer.end();
  expect(bytes[OFFSET + size]).toBe(0x5a);
  return bytes.slice(OFFSET, OFFSET + size);
}

const SENDER_INFO = '00000001 aaaaaaaa bbbbbbbb cccccccc 00000010 00000400';

describe('bytes on the wire', () => {
  test.each<[string, (w: RtcpWriter) => void, string]>([
    ['nothing', () => {}, ''],
    ['SR', (w) => w.senderReport(1, 0xaaaaaaaa, 0xbbbbbbbb, 0xcccccccc, 16, 1024), `80c80006 ${SENDER_INFO}`],
    [
      'SR with a block',
      (w) => {
        w.senderReport(1, 0xaaaaaaaa, 0xbbbbbbbb, 0xcccccccc, 16, 1024);
        w.addReportBlock(2, 64, -1, 65541, 32, 0x12345678, 0x8000);
      },
      `81c8000c ${SENDER_INFO} 00000002 40ffffff 00010005 00000020 12345678 00008000`,
    ],
    ['RR', (w) => w.receiverReport(0xffffffff), '80c90001 ffffffff'],
    [
      'loss beyond its field is clamped',
      (w) => {
        w.receiverReport(1);
        w.addReportBlock(2, 0, 0x1000000, 0, 0, 0, 0);
        w.addReportBlock(2, 0, -0x1000000, 0, 0, 0, 0);
      },
      `82c9000d 00000001 00000002 007fffff ${'00'.repeat(16)} 00000002 00800000 ${'00'.repeat(16)}`,
    ],
    ['SDES, one zero byte ends it', (w) => w.sdes(1, encodeCname('a')), '81ca0002 00000001 01016100'],
    ['SDES, four zero bytes end it', (w) => w.sdes(1, encodeCname('ab')), '81ca0003 00000001 01026162 00000000'],
    ['SDES in UTF-8', (w) => w.sdes(1, encodeCname('é')), '81ca0003 00000001 0102c3a9 00000000'],
    ['SDES without a name', (w) => w.sdes(1, encodeCname('')), '81ca0002 00000001 01000000'],
    ['BYE', (w) => w.bye(7), '81cb0001 00000007'],
    ['PLI', (w) => w.pictureLossIndication(1, 2), '81ce0002 00000001 00000002'],
    ['FIR', (w) => w.fullIntraRequest(1, 2, 255), '84ce0004 00000001 00000000 00000002 ff000000'],
    ['NACK', (w) => w.nack(1, 2, 0xfffe, 0x8001), '81cd0003 00000001 00000002 fffe8001'],
    [
      'NACKs for the same stream share a packet',
      (w) => {
        w.nack(1, 2, 1, 0);
        w.nack(1, 2, 100, 0);
        w.nack(1, 3, 5, 0);
      },
      '81cd0004 00000001 00000002 00010000 00640000 81cd0003 00000001 00000003 00050000',
    ],
    [
      'a NACK does not join transport-wide feedback',
      (w) => {
        const feedback = new TransportFeedback();
        Object.assign(feedback, { senderSsrc: 1, mediaSsrc: 2, arrivalsUs: Float64Array.of(0), count: 1 });
        expect(w.transportFeedback(100, feedback)).toBe(24);
        w.nack(1, 2, 1, 0);
        Object.assign(feedback, { first: 0, count: 1 });
        expect(w.transportFeedback(100, feedback)).toBe(24);
        w.nack(1, 2, 2, 0);
      },
      `8fcd0005 00000001 00000002 00000001 00000000 20010000 81cd0003 00000001 00000002 00010000
       8fcd0005 00000001 00000002 00010001 00000001 20010000 81cd0003 00000001 00000002 00020000`,
    ],
  ])('%s', (_, fill, expected) => {
    expect(write(fill)).toEqual(fromHex(expected));
  });

  test('a CNAME longer than 255 bytes is cut', () => {
    const packet = write((w) => w.sdes(1, encodeCname('x'.repeat(300))));
    expect(packet[9]).toBe(255);
    expect(packet).toHaveLength(268);
    expect(packet.subarray(10 + 255)).toEqual(fromHex('000000'));
  });
});

test('a thirty-second block starts another report of the same SSRC', () => {
  for (const blocks of [0, 1, 31, 32, 62, 63]) {
    const packet = write((w) => {
      w.senderReport(9, 0, 0, 0, 0, 0);
      for (let i = 0; i < blocks; i++) w.addReportBlock(i, 0, 0, 0, 0, 0, 0);
    });
    expect(packet.length).toBe(20 + 8 * Math.max(1, Math.ceil(blocks / 31)) + 24 * blocks);
    const seen: [number, number][] = [];
    const visitor = { senderReport() {}, reportBlock: (by: number, about: number) => seen.push([by, about]) };
    expect(readRtcp(packet, 0, packet.length, visitor as unknown as RtcpVisitor)).toBe(true);
    expect(seen).toEqual(Array.from({ length: blocks }, (_, i) => [9, i]));
  }
});

/** The packets of a compound one: werift-rtp reads NACK and SDES to the end of the datagram, whatever their length. */
function split(compound: Uint8Array): Buffer[] {
  const packets: Buffer[] = [];
  for (let rest = Buffer.from(compound); rest.length > 0; ) {
    const size = 4 * (rest.readUInt16BE(2) + 1);
    packets.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return packets;
}

test('werift-rtp reads a whole compound packet', () => {
  const uint32 = fc.integer({ min: 0, max: 0xffffffff });
  const block = fc.tuple(uint32, fc.nat(255), fc.nat(0x7fffff), uint32, uint32, uint32, uint32);
  fc.assert(
    fc.property(uint32, uint32, fc.array(block, { maxLength: 31 }), fc.nat(65535), (ssrc, media, blocks, pid) => {
      const packet = write((w) => {
        w.senderReport(ssrc, media, ssrc, media, ssrc, media);
        for (const numbers of blocks) w.addReportBlock(...numbers);
        w.pictureLossIndication(ssrc, media);
        w.nack(ssrc, media, pid, 1);
        w.fullIntraRequest(ssrc, media, pid & 0xff);
        w.sdes(ssrc, encodeCname('name'));
      });
      const [sr, pli, nack, fir, sdes] = split(packet).flatMap((one) => RtcpPacketConverter.deSerialize(one));
      expect(sr).toMatchObject({
        ssrc,
        senderInfo: { ntpTimestamp: (BigInt(media) << 32n) | BigInt(ssrc), rtpTimestamp: media, packetCount: ssrc },
        reports: blocks.map(([about, fractionLost, packetsLost, highestSequence, jitter, lsr, dlsr]) => ({
          ssrc: about,
          fractionLost,
          packetsLost,
          highestSequence,
          jitter,
          lsr,
          dlsr,
        })),
      });
      expect(sdes).toMatchObject({ chunks: [{ source: ssrc, items: [{ type: 1, text: 'name' }] }] });
      expect(pli).toMatchObject({ feedback: { senderSsrc: ssrc, mediaSsrc: media } });
      expect(nack).toMatchObject({ feedback: { senderSsrc: ssrc, mediaSourceSsrc: media, lost: [pid, pid + 1] } });
      expect(fir).toMatchObject({ feedback: { fir: [{ ssrc: media, sequenceNumber: pid & 0xff }] } });
    }),
    { seed: 20260105 },
  );
});
