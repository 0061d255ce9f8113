/** What is written here is read by the router's own parsers, and what the router writes is read here. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRtcp as readAsRouter } from '../../../mmr/media/rtp/rtcp/rtcp-reader.ts';
import { encodeCname, RtcpWriter } from '../../../mmr/media/rtp/rtcp/rtcp-writer.ts';
import {
  readTransportFeedback as readFeedbackAsRouter,
  TransportFeedbackReport,
} from '../../../mmr/media/rtp/rtcp/transport-feedback-reader.ts';
import { TransportFeedback as RouterFeedback } from '../../../mmr/media/rtp/rtcp/transport-feedback-writer.ts';
import { fromNtp, middleOf, toNtp } from './ntp-time.ts';
import { type ReportBlock, readRtcp } from './rtcp-reader.ts';
import { compound, writeDescription, writePictureLoss, writeReceiverReport, writeSenderReport } from './rtcp-writer.ts';
import { writeTransportFeedback } from './transport-feedback.ts';

const BLOCK: ReportBlock = {
  ssrc: 0xfedcba98,
  fractionLost: 64,
  cumulativeLost: -3,
  highestSequence: 0x1ffff,
  jitter: 77,
  lastReport: 0x80000001,
  delay: 65_536,
};
const INFO = { ntp: { high: 0xeb000000, low: 0x80000000 }, timestamp: 0xffffffff, packets: 3, bytes: 400 };

/** What the router hears, as a list of words. */
function heardByRouter(bytes: Uint8Array): unknown[] {
  const heard: unknown[] = [];
  const note =
    (name: string) =>
    (...values: number[]) =>
      void heard.push([name, ...values]);
  const isWell = readAsRouter(bytes, 0, bytes.length, {
    senderReport: note('senderReport'),
    reportBlock: note('block'),
    bye: note('bye'),
    nack: note('nack'),
    pictureLossIndication: note('pli'),
    fullIntraRequest: note('fir'),
    remb: note('remb'),
    transportFeedback: note('feedback'),
  });
  expect(isWell).toBe(true);
  return heard;
}

describe('the router reads what we write', () => {
  const block = [BLOCK.ssrc, 64, -3, 0x1ffff, 77, 0x80000001, 65_536];

  test('a sender report with a block, and a name', () => {
    const bytes = compound([writeSenderReport(5, INFO, [BLOCK]), writeDescription(5, 'somebody')]);
    expect(heardByRouter(bytes)).toEqual([
      ['senderReport', 5, 0xeb000000, 0x80000000, 0xffffffff, 3, 400],
      ['block', 5, ...block],
    ]);
  });

  test('a receiver report and a picture loss indication', () => {
    const bytes = compound([writeReceiverReport(5, [BLOCK, BLOCK]), writePictureLoss(5, 4_000_000_000)]);
    expect(heardByRouter(bytes)).toEqual([
      ['block', 5, ...block],
      ['block', 5, ...block],
      ['pli', 4_000_000_000],
    ]);
  });

  test.each([0, 1, 2, 3, 4, 5, 300])('a name of %i characters', (length) => {
    expect(heardByRouter(writeDescription(1, 'x'.repeat(length)))).toEqual([]);
  });
});

describe('we read what the router writes', () => {
  const written = (write: (writer: RtcpWriter) => void): Uint8Array => {
    const bytes = new Uint8Array(1500);
    const writer = new RtcpWriter();
    writer.begin(bytes, 0);
    write(writer);
    return bytes.slice(0, writer.end());
  };

  test('reports, names and requests for key frames', () => {
    const bytes = written((writer) => {
      writer.senderReport(9, INFO.ntp.high, INFO.ntp.low, INFO.timestamp, 3, 400);
      writer.addReportBlock(BLOCK.ssrc, 64, -3, 0x1ffff, 77, 0x80000001, 65_536);
      writer.sdes(9, encodeCname('router'));
      writer.pictureLossIndication(9, 1234);
    });
    expect(readRtcp(bytes)).toEqual([
      { type: 'senderReport', ssrc: 9, ntp: INFO.ntp, timestamp: INFO.timestamp, blocks: [BLOCK] },
      { type: 'keyFrame', ssrc: 1234 },
    ]);
  });

  test('REMB and FIR', () => {
    const remb = [0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4d, 0x42, 1, 0x0b, 0xff, 0xff, 0, 0, 0, 7];
    expect(readRtcp(Uint8Array.from(remb))).toEqual([{ type: 'remb', bitrateBps: 0x3ffff * 4 }]);
    const fir = [0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 42, 1, 0, 0, 0];
    expect(readRtcp(Uint8Array.from(fir))).toEqual([{ type: 'keyFrame', ssrc: 42 }]);
  });

  test('transport-wide feedback', () => {
    const feedback = new RouterFeedback();
    feedback.baseSequence = 65_530;
    feedback.feedbackCount = 200;
    feedback.arrivalsUs = Float64Array.from([128_000, -1, 129_250, 120_000, -1, -1, -1, -1, -1, -1, -1, -1, 400_000]);
    feedback.count = feedback.arrivalsUs.length;
    const arrivalsMs = [...feedback.arrivalsUs].map((us) => (us < 0 ? undefined : us / 1000));
    const bytes = written((writer) => writer.transportFeedback(1180, feedback));
    expect(readRtcp(bytes)).toEqual([
      { type: 'transportFeedback', feedback: { count: 200, base: 65_530, arrivalsMs } },
    ]);
  });

  test('nothing throws, whatever comes', () => {
    const bytes = written((writer) => {
      writer.senderReport(9, 1, 2, 3, 4, 5);
      writer.addReportBlock(1, 2, 3, 4, 5, 6, 7);
      writer.pictureLossIndication(9, 1);
    });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, size) => {
        const broken = bytes.slice();
        broken[at] = value;
        readRtcp(broken.subarray(0, size));
      }),
      { seed: 20261122, numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (inside) => {
        const words = Math.ceil(inside.length / 4);
        const head = [0x8f, 205, 0, 2 + words, 0, 0, 0, 1, 0, 0, 0, 2];
        const packet = new Uint8Array(12 + 4 * words);
        packet.set([...head, ...inside]);
        readRtcp(packet);
      }),
      { seed: 20261122, numRuns: 3000 },
    );
  });
});

test('the router reads our transport-wide feedback: all arrivals to 250 µs, all losses', () => {
  const gaps = fc.oneof(
    fc.double({ min: 0, max: 60, noNaN: true }),
    fc.double({ min: -20, max: 9_000, noNaN: true }),
    fc.constant(undefined),
  );
  fc.assert(
    fc.property(fc.array(gaps, { minLength: 1, maxLength: 700 }), fc.nat(0xffff), (steps, base) => {
      let atMs = 1_000_000;
      const arrivalsMs = steps.map((step) => {
        if (step === undefined) return undefined;
        atMs += step;
        return atMs;
      });
      const packets = writeTransportFeedback(1, 2, { count: 250, base, arrivalsMs });
      const heard: number[] = [];
      const report = new TransportFeedbackReport();
      for (const [i, packet] of packets.entries()) {
        expect(readFeedbackAsRouter(packet, 0, packet.length, report)).toBe(true);
        expect(report.feedbackCount).toBe((250 + i) & 0xff);
        expect(report.baseSequence).toBe((base + heard.length) & 0xffff);
        expect(packet.length).toBe(4 * (((packet[2] ?? 0) << 8) + (packet[3] ?? 0) + 1));
        heard.push(...report.arrivalUs.subarray(0, report.count));
      }
      expect(heard.length).toBe(arrivalsMs.length);
      for (const [i, arrivalMs] of arrivalsMs.entries()) {
        if (arrivalMs === undefined) expect(heard[i]).toBeNaN();
        else expect(Math.abs((heard[i] ?? 0) / 1000 - arrivalMs)).toBeLessThanOrEqual(0.1251);
      }
    }),
    { seed: 20261122, numRuns: 300 },
  );
});

test('NTP times go there and back', () => {
  const unixMs = 1_795_321_980_123.25;
  expect(fromNtp(toNtp(unixMs))).toBeCloseTo(unixMs, 3);
  expect(middleOf({ high: 0x12345678, low: 0x9abcdef0 })).toBe(0x56789abc);
});
