import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RtcpPacketConverter, RtcpTransportLayerFeedback, RunLengthChunk, TransportWideCC } from 'werift-rtp';
import { fromHex } from '../from-hex.ts';
import { readRtcp } from './rtcp-reader.ts';
import { TransportFeedback, writeTransportFeedback } from './transport-feedback-writer.ts';

const LOST = -1;
const OFFSET = 3;

function feedbackOf(arrivalsUs: number[], baseSequence = 0): TransportFeedback {
  const feedback = new TransportFeedback();
  feedback.senderSsrc = 1;
  feedback.mediaSsrc = 2;
  feedback.baseSequence = baseSequence;
  feedback.arrivalsUs = Float64Array.from(arrivalsUs);
  feedback.count = arrivalsUs.length;
  return feedback;
}

/** Writes packets until everything is reported. */
function writeAll(feedback: TransportFeedback, limitBytes = 1200): Uint8Array[] {
  const packets: Uint8Array[] = [];
  while (feedback.count > 0) {
    const bytes = new Uint8Array(OFFSET + limitBytes + 8).fill(0x5a);
    const size = writeTransportFeedback(bytes, OFFSET, limitBytes, feedback);
    expect(size).toBeGreaterThan(0);
    expect(size % 4).toBe(0);
    expect(size).toBeLessThanOrEqual(limitBytes);
    expect(bytes[OFFSET + size]).toBe(0x5a);
    packets.push(bytes.slice(OFFSET, OFFSET + size));
  }
  return packets;
}

interface Decoded {
  baseSequence: number;
  feedbackCount: number;
  /** Arrival per status in microseconds, −1 for lost ones. */
  arrivalsUs: number[];
}

/** Decodes by werift-rtp's reader, an implementation that shares nothing with the writer under test. */
function decode(packet: Uint8Array): Decoded {
  const [outer] = RtcpPacketConverter.deSerialize(Buffer.from(packet));
  const twcc = outer instanceof RtcpTransportLayerFeedback ? outer.feedback : undefined;
  if (!(twcc instanceof TransportWideCC)) throw new Error('werift-rtp cannot read the packet');
  const symbols = twcc.packetChunks
    .flatMap((chunk) =>
      chunk instanceof RunLengthChunk ? Array<number>(chunk.runLength).fill(chunk.packetStatus) : chunk.symbolList,
    )
    .slice(0, twcc.packetStatusCount);
  expect(symbols).toHaveLength(twcc.packetStatusCount);
  let next = 0;
  let nowUs = ((twcc.referenceTime << 8) >> 8) * 64_000;
  const arrivalsUs = symbols.map((symbol) => {
    if (symbol === 0) return LOST;
    nowUs += twcc.recvDeltas[next++]?.delta ?? Number.NaN;
    return nowUs;
  });
  expect(next).toBe(twcc.recvDeltas.length);
  return { baseSequence: twcc.baseSequenceNumber, feedbackCount: twcc.fbPktCount, arrivalsUs };
}

describe('bytes on the wire', () => {
  const HEADER = '00000001 00000002';
  const ms = (value: number) => value * 1000;
  test.each<[string, number[], string]>([
    ['one packet', [ms(65)], `8fcd0005 ${HEADER} 00000001 00000100 2001 0400`],
    ['a run of small deltas', [0, ms(1), ms(2)], `8fcd0006 ${HEADER} 00000003 00000000 2003 000404 000000`],
    ['a run of losses', [LOST, LOST, LOST], `8fcd0005 ${HEADER} 00000003 00000000 0003 0000`],
    ['a gap: one bit each', [0, LOST, ms(1)], `8fcd0005 ${HEADER} 00000003 00000000 a800 0004`],
    ['a large delta: two bits each', [0, ms(64), LOST], `8fcd0006 ${HEADER} 00000003 00000000 d800 000100 000000`],
    ['out of order: a negative delta', [ms(1), 0], `8fcd0006 ${HEADER} 00000002 00000000 d800 04fffc 000000`],
    ['largest small delta', [0, 63_750], `8fcd0005 ${HEADER} 00000002 00000000 2002 00ff`],
    ['smallest large delta', [0, 64_000], `8fcd0006 ${HEADER} 00000002 00000000 d800 000100 000000`],
    [
      'a run of large deltas',
      Array.from({ length: 9 }, (_, i) => ms(100 * i)),
      `8fcd000a ${HEADER} 00000009 00000000 daaa 4002 00 ${'0190'.repeat(8)} 000000`,
    ],
  ])('%s', (_, arrivals, expected) => {
    const [packet, ...others] = writeAll(feedbackOf(arrivals));
    expect(Buffer.from(packet ?? []).toString('hex')).toBe(Buffer.from(fromHex(expected)).toString('hex'));
    expect(others).toEqual([]);
  });
});

describe('ranges that need more than one packet', () => {
  test('a delta that does not fit starts a new packet with its own reference time', () => {
    // 8191.75 ms is the largest delta, −8192 ms the smallest.
    const feedback = feedbackOf([0, 8_191_750, 16_383_750, 8_191_750, 16_383_750, 8_191_500], 65534);
    const decoded = writeAll(feedback).map(decode);
    expect(decoded).toEqual([
      { baseSequence: 65534, feedbackCount: 0, arrivalsUs: [0, 8_191_750] },
      { baseSequence: 0, feedbackCount: 1, arrivalsUs: [16_383_750, 8_191_750] },
      { baseSequence: 2, feedbackCount: 2, arrivalsUs: [16_383_750] },
      { baseSequence: 3, feedbackCount: 3, arrivalsUs: [8_191_500] },
    ]);
  });

  test('an hour between two packets', () => {
    const decoded = writeAll(feedbackOf([1000, LOST, 3_600_001_000])).map(decode);
    expect(decoded.map((d) => d.arrivalsUs)).toEqual([[1000, LOST], [3_600_001_000]]);
  });

  test('the reference time wraps after its 24 bits', () => {
    const [packet] = writeAll(feedbackOf([64_000 * (2 ** 24 + 5)]));
    expect(decode(packet as Uint8Array).arrivalsUs).toEqual([320_000]);
  });

  test('a limit of bytes', () => {
    const arrivals = Array.from({ length: 1000 }, (_, i) => (i % 3 === 0 ? LOST : i * 70_000));
    const decoded = writeAll(feedbackOf(arrivals, 65000), 200).map(decode);
    expect(decoded.length).toBeGreaterThan(5);
    expect(decoded.flatMap((d) => d.arrivalsUs)).toEqual(arrivals);
    expect(decoded.map((d) => d.feedbackCount)).toEqual(decoded.map((_, i) => i));
  });

  test('more statuses than one packet counts', () => {
    const feedback = feedbackOf(Array<number>(70_000).fill(LOST));
    const decoded = writeAll(feedback, 20_000).map(decode);
    expect(decoded.map((d) => d.arrivalsUs.length)).toEqual([65535, 70_000 - 65535]);
  });

  test('a packet of losses alone keeps the latest reference time', () => {
    const feedback = feedbackOf([640_000]);
    writeAll(feedback);
    expect(feedback.referenceTime).toBe(10);
    feedback.count = 3;
    feedback.first = 0;
    feedback.arrivalsUs = Float64Array.of(LOST, Number.NaN, LOST);
    const [packet] = writeAll(feedback);
    expect(
      Buffer.from(packet ?? [])
        .subarray(16, 20)
        .toString('hex'),
    ).toBe('00000a01');
  });

  test('the feedback count wraps', () => {
    const feedback = feedbackOf([0]);
    feedback.feedbackCount = 255;
    writeAll(feedback);
    expect(feedback.feedbackCount).toBe(0);
  });
});

describe('nothing is written, nothing moves', () => {
  test.each([
    ['nothing to report', [], 1200],
    ['no room for the header', [0], 20],
    ['no room for one status', [0], 23],
    ['no room at all', [0], 0],
  ])('%s', (_, arrivals, limit) => {
    const feedback = feedbackOf(arrivals, 7);
    const bytes = new Uint8Array(64);
    expect(writeTransportFeedback(bytes, 0, limit, feedback)).toBe(0);
    expect(feedback).toMatchObject({ baseSequence: 7, first: 0, count: arrivals.length, feedbackCount: 0 });
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
});

test('every arrival comes back within half a delta unit, whatever the pattern', () => {
  // Steps as they happen: bursts, pacing, gaps, reordering, and pauses at the edge of a large delta.
  const step = fc.oneof(
    fc.constant(LOST),
    fc.integer({ min: 0, max: 2_000 }),
    fc.integer({ min: -30_000, max: 120_000 }),
    fc.integer({ min: 8_100_000, max: 8_300_000 }),
  );
  const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), step, fc.boolean()), { maxLength: 30 });
  fc.assert(
    fc.property(runs, fc.nat(65535), fc.integer({ min: 64, max: 1400 }), (pattern, base, limit) => {
      let nowUs = 10_000_000_000;
      const arrivals: number[] = [];
      for (const [length, delta, sprinkled] of pattern) {
        for (let i = 0; i < length; i++) {
          const lost = delta === LOST || (sprinkled && i % 4 === 1);
          if (!lost) nowUs += delta;
          arrivals.push(lost ? LOST : nowUs);
        }
      }
      const packets = writeAll(feedbackOf(arrivals, base), limit & ~3);
      let sequence = base;
      const back: number[] = [];
      for (const packet of packets) {
        const decoded = decode(packet);
        expect(decoded.baseSequence).toBe(sequence & 0xffff);
        sequence += decoded.arrivalsUs.length;
        back.push(...decoded.arrivalsUs);
        // Two-bit chunks and large deltas throughout.
        const statuses = decoded.arrivalsUs.length;
        expect(packet.length).toBeLessThanOrEqual(20 + 2 * Math.ceil(statuses / 7) + 2 * statuses + 3);
        const ranges: number[][] = [];
        const visitor = { transportFeedback: (...range: number[]) => ranges.push(range) };
        expect(readRtcp(packet, 0, packet.length, visitor as never)).toBe(true);
        expect(ranges).toEqual([[0, packet.length]]);
      }
      expect(back).toHaveLength(arrivals.length);
      for (const [i, arrivalUs] of arrivals.entries()) {
        const read = back[i] as number;
        if (arrivalUs === LOST) expect(read).toBe(LOST);
        else expect(Math.abs(read - arrivalUs)).toBeLessThanOrEqual(125);
      }
    }),
    { seed: 20260105, numRuns: 300 },
  );
});
