import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RtcpPacketConverter, RtcpTransportLayerFeedback, RunLengthChunk, TransportWideCC } from 'werift-rtp';
import { fromHex } from '../from-hex.ts';
import { MAX_FEEDBACK_STATUSES, readTransportFeedback, TransportFeedbackReport } from './transport-feedback-reader.ts';
import { TransportFeedback, writeTransportFeedback } from './transport-feedback-writer.ts';

const HEADER = '00000001 00000002';
const CLOCK_US = 2 ** 24 * 64_000;

/** Reads from the middle of a larger array; undefined when refused. */
function read(packet: Uint8Array): TransportFeedbackReport | undefined {
  const bytes = new Uint8Array(packet.length + 10).fill(0xff);
  bytes.set(packet, 5);
  const report = new TransportFeedbackReport();
  return readTransportFeedback(bytes, 5, packet.length, report) ? report : undefined;
}

const arrivals = (report: TransportFeedbackReport | undefined): number[] =>
  Array.from(report?.arrivalUs.subarray(0, report.count) ?? []);

const LOST = Number.NaN;

describe('bytes on the wire', () => {
  test.each<[string, string, number[]]>([
    ['one packet', `8fcd0005 ${HEADER} 00000001 00000100 2001 0400`, [65_000]],
    ['a run of small deltas', `8fcd0006 ${HEADER} 00000003 00000000 2003 000404 000000`, [0, 1000, 2000]],
    [
      'a run of losses, then one',
      `8fcd0006 ${HEADER} 00000004 00000100 0003 2001 0400 0000`,
      [LOST, LOST, LOST, 64_000 + 1000],
    ],
    ['one-bit vector', `8fcd0005 ${HEADER} 00000003 00000000 a800 0101`, [250, LOST, 500]],
    ['two-bit vector with a negative delta', `8fcd0006 ${HEADER} 00000002 00000000 d800 04 fffe 000000`, [1000, 500]],
    ['more symbols and bytes than counted', `8fcd0006 ${HEADER} 00000001 00000000 bfff 01 02030405ff`, [250]],
    [
      'before the zero of the clock',
      `8fcd0006 ${HEADER} 00000002 00000000 d800 04 fff0 000000`,
      [1000, CLOCK_US - 3000],
    ],
    ['across the end of the clock', `8fcd0006 ${HEADER} 00000002 ffffff00 d800 00 0100 000000`, [CLOCK_US - 64_000, 0]],
  ])('%s', (_, hex, expected) => {
    expect(arrivals(read(fromHex(hex)))).toEqual(expected);
  });

  test('numbers and counters', () => {
    const report = read(fromHex(`8fcd0006 ${HEADER} fffe0003 000001ab a800 0101 00000000`));
    expect(report).toMatchObject({ baseSequence: 0xfffe, feedbackCount: 0xab, count: 3, received: 2 });
    expect(report?.arrivalUs[0]).toBe(64_250);
  });
});

describe('hostile', () => {
  test.each<[string, string]>([
    ['cut before the chunks', `8fcd0004 ${HEADER} 00000001 000001`],
    ['no statuses', `8fcd0005 ${HEADER} 00000000 00000100 2001 0400`],
    ['no chunk', `8fcd0004 ${HEADER} 00000001 00000100`],
    ['half a chunk', `8fcd0004 ${HEADER} 00000001 00000100 20`],
    ['chunks missing', `8fcd0005 ${HEADER} 00000020 00000100 2001 0400`],
    ['a run of nothing, then the end', `8fcd0005 ${HEADER} 00000001 00000100 2000`],
    ['delta missing', `8fcd0005 ${HEADER} 00000001 00000100 2001`],
    ['half a large delta', `8fcd0005 ${HEADER} 00000001 00000100 4001 04`],
    ['reserved symbol in a run', `8fcd0005 ${HEADER} 00000001 00000100 6001 0400`],
    ['reserved symbol in a vector', `8fcd0005 ${HEADER} 00000001 00000100 f000 0400`],
    ['65535 losses in 16 bytes', `8fcd0008 ${HEADER} 0000ffff 00000100 1fff1fff1fff1fff1fff1fff1fff1fff0007`],
  ])('%s: refused', (_, hex) => {
    expect(read(fromHex(hex))).toBeUndefined();
  });

  test('what is refused changes nothing', () => {
    const report = new TransportFeedbackReport();
    const good = fromHex(`8fcd0006 ${HEADER} 00050003 000001ab a800 0101 00000000`);
    expect(readTransportFeedback(good, 0, good.length, report)).toBe(true);
    const bad = fromHex(`8fcd0005 ${HEADER} 00090001 00000100 2001`);
    expect(readTransportFeedback(bad, 0, bad.length, report)).toBe(false);
    expect(report).toMatchObject({ baseSequence: 5, count: 3, received: 2 });
    expect(report.arrivalUs[0]).toBe(64_250);
  });

  test('the largest count that is read', () => {
    const runs = `${'1fff'}0001`;
    expect(read(fromHex(`8fcd0008 ${HEADER} 00002000 00000100 ${runs}`))?.count).toBe(MAX_FEEDBACK_STATUSES);
    expect(read(fromHex(`8fcd0008 ${HEADER} 00002001 00000100 ${runs}`))).toBeUndefined();
  });
});

/** werift-rtp's reading of the same bytes; undefined where it lacks a delta or a symbol. */
function weriftReads(packet: Uint8Array): number[] | undefined {
  const [outer] = RtcpPacketConverter.deSerialize(Buffer.from(packet));
  const twcc = outer instanceof RtcpTransportLayerFeedback ? outer.feedback : undefined;
  if (!(twcc instanceof TransportWideCC)) throw new Error('werift-rtp cannot read the packet');
  const symbols = twcc.packetChunks.flatMap((chunk) =>
    chunk instanceof RunLengthChunk ? Array<number>(chunk.runLength).fill(chunk.packetStatus) : chunk.symbolList,
  );
  let next = 0;
  let nowUs = twcc.referenceTime * 64_000;
  return symbols.slice(0, twcc.packetStatusCount).map((symbol) => {
    if (symbol === 0) return LOST;
    nowUs += twcc.recvDeltas[next++]?.delta ?? LOST;
    return (nowUs + CLOCK_US) % CLOCK_US;
  });
}

/** Arrivals with losses, reordering and long pauses, as far as one packet can carry them. */
const arrivalsUs = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 3000 }) },
      { weight: 1, arbitrary: fc.integer({ min: -200_000, max: 900_000 }) },
      { weight: 2, arbitrary: fc.constant(-1e9) },
    ),
    { minLength: 1, maxLength: 400 },
  )
  .map((steps) => {
    let nowUs = 50_000_000;
    return steps.map((step) => {
      if (step === -1e9) return -1;
      nowUs += step;
      return Math.max(0, nowUs);
    });
  });

describe('agrees with', () => {
  test('our own writer, to the unit of 250 µs', () => {
    fc.assert(
      fc.property(arrivalsUs, fc.nat(0xffff), (times, baseSequence) => {
        const feedback = new TransportFeedback();
        feedback.baseSequence = baseSequence;
        feedback.arrivalsUs = Float64Array.from(times);
        feedback.count = times.length;
        let first = 0;
        while (feedback.count > 0) {
          const bytes = new Uint8Array(1200);
          const report = read(bytes.subarray(0, writeTransportFeedback(bytes, 0, 1180, feedback)));
          expect(report?.baseSequence).toBe((baseSequence + first) & 0xffff);
          for (const arrivalUs of arrivals(report)) {
            const time = times[first++] as number;
            if (time < 0) expect(arrivalUs).toBeNaN();
            else expect(Math.abs(arrivalUs - time)).toBeLessThanOrEqual(125);
          }
        }
        expect(first).toBe(times.length);
      }),
    );
  });

  test('werift-rtp', () => {
    fc.assert(
      fc.property(arrivalsUs, (times) => {
        const feedback = new TransportFeedback();
        feedback.arrivalsUs = Float64Array.from(times);
        feedback.count = times.length;
        const bytes = new Uint8Array(4096);
        const packet = bytes.slice(0, writeTransportFeedback(bytes, 0, 4096, feedback));
        expect(arrivals(read(packet))).toEqual(weriftReads(packet));
      }),
    );
  });

  test('werift-rtp about chunks that our writer does not write', () => {
    const chunk = fc.oneof(
      fc.record({ run: fc.integer({ min: 1, max: 20 }), symbol: fc.integer({ min: 0, max: 2 }) }),
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 7, maxLength: 7 }),
      fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 14, maxLength: 14 }),
    );
    fc.assert(
      fc.property(
        fc.array(chunk, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat(0xffff)),
        (chunks, deltas) => {
          const words = chunks.map((it) => {
            if (!Array.isArray(it)) return (it.symbol << 13) | it.run;
            const bits = it.length === 7 ? 2 : 1;
            return it.reduce(
              (word, symbol, i) => word | (symbol << (14 - bits * (i + 1))),
              bits === 2 ? 0xc000 : 0x8000,
            );
          });
          const symbols = chunks.flatMap((it) => (Array.isArray(it) ? it : Array<number>(it.run).fill(it.symbol)));
          const body = symbols.flatMap((symbol) => {
            const delta = symbol === 0 ? 0 : (deltas.next().value ?? 0);
            return symbol === 0 ? [] : symbol === 1 ? [delta & 0xff] : [delta >>> 8, delta & 0xff];
          });
          const bytes = [0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 7, 0, symbols.length, 0, 4, 0, 9];
          for (const word of words) bytes.push(word >>> 8, word & 0xff);
          bytes.push(...body);
          while (bytes.length % 4 !== 0) bytes.push(0);
          bytes[3] = bytes.length / 4 - 1;
          const packet = Uint8Array.from(bytes);
          expect(arrivals(read(packet))).toEqual(weriftReads(packet));
        },
      ),
    );
  });
});
