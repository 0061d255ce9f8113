import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_QUEUED_PACKETS, Priority } from './egress-gate.ts';
import { EGRESS_FLUSH_BYTES, EGRESS_RING_BYTES } from './egress-plan.ts';
import { PacerLab } from './pacer-test-lab.ts';

const { audio, repair, video } = Priority;
/** 1000 bytes each millisecond. */
const RATE = 8e6;

describe('a transport without congestion control', () => {
  test('is never held back nor numbered, whether the gate knows it or not', () => {
    const lab = new PacerLab();
    lab.gate.open(2);
    for (const handle of [1, 2, 70_000]) for (let i = 0; i < 500; i++) expect(lab.send(handle, 7)).toBe(true);
    expect(lab.take().every(({ number }) => number === undefined)).toBe(true);
    expect(lab.gate.busy).toBe(false);
  });

  test('of a handle that was closed', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 20; i++) lab.send(1, 7);
    lab.gate.close(1);
    expect(lab.gate.queuedBytes(1)).toBe(0);
    expect(lab.send(1, 7)).toBe(true);
    lab.take();
    lab.advance(100);
    expect(lab.take()).toEqual([]);
    expect(lab.gate.busy).toBe(false);
  });
});

describe('transport-wide numbers', () => {
  test('count what leaves, in the order of leaving, over wrap-around', () => {
    const lab = new PacerLab().open(1, Number.POSITIVE_INFINITY);
    const numbers: (number | undefined)[] = [];
    for (let i = 0; i < 70_000; i++) {
      expect(lab.send(1, 7, { patch: i % 10 === 3 ? 0 : 5 })).toBe(true);
      if (i % 1000 === 999) numbers.push(...lab.take().map(({ number }) => number));
    }
    const counted = numbers.filter((number) => number !== undefined);
    expect(counted).toEqual(Array.from({ length: 63_000 }, (_, i) => i & 0xffff));
    expect(numbers[3]).toBeUndefined();
    expect(lab.sent.map(({ number }) => number)).toEqual(counted);
  });

  test('are of each transport its own', () => {
    const lab = new PacerLab().open(1, Number.POSITIVE_INFINITY).open(200, Number.POSITIVE_INFINITY);
    for (let i = 0; i < 3; i++) for (const handle of [1, 200]) lab.send(handle, 7);
    expect(lab.take().map(({ handle, number }) => [handle, number])).toEqual([
      [1, 0],
      [200, 0],
      [1, 1],
      [200, 1],
      [1, 2],
      [200, 2],
    ]);
  });

  test('stand in the block, and what waited is numbered when it leaves', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 12; i++) lab.send(1, 7);
    lab.send(1, 8, { priority: audio });
    lab.advance(20);
    const left = lab.take();
    expect(left.map(({ ssrc }) => ssrc)).toEqual([7, 7, 7, 7, 7, 7, 8, 7, 7, 7, 7, 7, 7]);
    expect(left.map(({ number }) => number)).toEqual(left.map((_, i) => i));
    for (const { block, number, sequence } of left) {
      expect((block[5] as number) * 256 + (block[6] as number)).toBe(number);
      expect(block[7]).toBe(sequence & 0xff);
    }
  });

  test('a transport that is only paced (REMB) has none', () => {
    const lab = new PacerLab().open(1, RATE, false);
    for (let i = 0; i < 12; i++) lab.send(1, 7);
    lab.advance(20);
    expect(lab.take().map(({ number }) => number)).toEqual(new Array(12).fill(undefined));
    expect(lab.sent).toEqual([]);
  });
});

describe('pacing', () => {
  test('a burst leaves at the rate, in intervals of 5 ms, in its order', () => {
    const lab = new PacerLab().open(1, RATE);
    const startUs = lab.nowUs;
    for (let i = 0; i < 40; i++) lab.send(1, 7);
    lab.advance(60);
    const left = lab.take();
    expect(left.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    const perInterval = Map.groupBy(left, ({ nowUs }) => (nowUs - startUs) / 1000);
    expect([...perInterval].map(([ms, packets]) => [ms, packets.length])).toEqual([
      [0, 6],
      ...[5, 10, 15, 20, 25, 30].map((ms) => [ms, 5]),
      [35, 4],
    ]);
    expect(lab.gate.busy).toBe(false);
  });

  test('a late call is made up for', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 60; i++) lab.send(1, 7);
    lab.advance(48, 12);
    expect(lab.take()).toHaveLength(6 + 48);
  });

  test('below the rate nothing waits', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 100; i++) {
      expect(lab.send(1, 7)).toBe(true);
      lab.nowUs += 1000;
    }
  });

  test('audio never waits, repairs go before video, and all count against the rate', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 10; i++) lab.send(1, 7);
    expect(lab.send(1, 9, { priority: repair })).toBe(false);
    for (let i = 0; i < 3; i++) expect(lab.send(1, 8, { priority: audio })).toBe(true);
    lab.take();
    lab.advance(5);
    // 6 + 3 have left at the start: 9 ms of the rate, so there is room for one and what begins before 10 ms.
    expect(lab.take().map(({ ssrc }) => ssrc)).toEqual([9, 7]);
    lab.advance(10);
    expect(lab.take().map(({ ssrc }) => ssrc)).toEqual([7, 7, 7]);
  });

  test('a flood of audio holds video back for half a second at most', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 5000; i++) lab.send(1, 8, { priority: audio });
    lab.send(1, 7);
    lab.take();
    lab.advance(505);
    expect(lab.take()).toHaveLength(1);
  });

  test('a new rate holds at once', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 60; i++) lab.send(1, 7);
    lab.advance(10);
    expect(lab.take()).toHaveLength(16);
    expect(lab.gate.queueDelayUs(1)).toBe(44_000);
    lab.gate.setRate(1, RATE / 10);
    lab.advance(50);
    expect(lab.take().length).toBeCloseTo(5, -0.5);
    lab.gate.setRate(1, Number.POSITIVE_INFINITY);
    lab.advance(5);
    expect(lab.take()).toHaveLength(44 - 5);
  });

  test('with a long lead a picture leaves at once; what waits leaves half a lead at a time', () => {
    const lab = new PacerLab().open(1, RATE);
    lab.gate.setRate(1, RATE, 40_000);
    const startUs = lab.nowUs;
    for (let i = 0; i < 100; i++) lab.send(1, 7);
    lab.advance(120);
    const left = lab.take();
    const perInterval = Map.groupBy(left, ({ nowUs }) => (nowUs - startUs) / 1000);
    expect([...perInterval].map(([ms, packets]) => [ms, packets.length])).toEqual([
      [0, 41],
      [25, 25],
      [50, 25],
      [75, 9],
    ]);
    expect(left.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test('a probe does not leave ahead of its rate, whatever the lead', () => {
    const lab = new PacerLab().open(1, RATE);
    lab.gate.setRate(1, RATE, 40_000);
    lab.gate.startProbe(lab.nowUs, 1, 0, 2 * RATE, 40_000);
    lab.gate.setRate(1, RATE, 40_000);
    for (let i = 0; i < 50; i++) lab.send(1, 7);
    lab.advance(15);
    const probed = lab.sent.filter(({ cluster }) => cluster === 0);
    expect(
      Math.max(
        ...Map.groupBy(probed, ({ nowUs }) => nowUs)
          .values()
          .map(({ length }) => length),
      ),
    ).toBeLessThan(13);
    // Then the lead is as it was set.
    lab.advance(10);
    expect(lab.take()).toHaveLength(50);
  });

  test("each receiver's packets of one interval stand together", () => {
    const lab = new PacerLab();
    for (const handle of [1, 2, 3]) lab.open(handle, RATE);
    for (let i = 0; i < 20; i++) for (const handle of [1, 2, 3]) lab.send(handle, 10 + handle);
    lab.take();
    lab.advance(5);
    expect(lab.take().map(({ handle }) => handle)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
  });

  test('for any load: nothing is lost, order within a priority holds, the rate holds over any time', () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 12 }),
      packets: fc.array(
        fc.record({ size: fc.integer({ min: 60, max: 1250 }), priority: fc.constantFrom(repair, video) }),
        {
          maxLength: 20,
        },
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 300_000, max: 20_000_000 }), (steps, rate) => {
        const lab = new PacerLab().open(1, rate);
        let pushed = 0;
        for (const { waitMs, packets } of steps) {
          for (const { size, priority } of packets) {
            lab.send(1, priority, { sizeBytes: size, priority, timestamp: 1 });
            pushed++;
          }
          lab.advance(waitMs, 1);
        }
        lab.advance(20_000);
        const left = lab.take();
        expect(left.length + lab.gate.dropped).toBe(pushed);
        for (const ssrc of [repair, video]) {
          const sequences = left.filter((packet) => packet.ssrc === ssrc).map(({ sequence }) => sequence);
          expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
        }
        // No stretch carries more than its share, the burst of 5 ms and one packet more.
        const { sent } = lab;
        for (let from = 0; from < sent.length; from += 7) {
          let bytes = 0;
          for (let to = from; to < sent.length; to++) {
            bytes += sent[to]?.sizeBytes ?? 0;
            const shareBytes = (((sent[to]?.nowUs ?? 0) - (sent[from]?.nowUs ?? 0) + 5000) * rate) / 8e6;
            expect(bytes).toBeLessThanOrEqual(shareBytes + 1250 + 1);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a full queue', () => {
  /** Pictures of ten packets, alternating between the streams. */
  function fill(lab: PacerLab, ssrcs: readonly number[], pictures: number, from = 0): void {
    for (let picture = from; picture < from + pictures; picture++) {
      for (const ssrc of ssrcs) for (let i = 0; i < 10; i++) lab.send(1, ssrc, { timestamp: picture });
    }
  }

  test('beyond a second: the stream of the largest rank gives up, and is told once', () => {
    const lab = new PacerLab().open(1, RATE / 10);
    lab.ranks.set(7, 1);
    lab.ranks.set(8, 2);
    fill(lab, [7, 8], 5);
    expect(lab.gate.dropped).toBe(0);
    fill(lab, [7, 8], 2);
    expect(lab.gate.dropped).toBeGreaterThan(40);
    lab.advance(5);
    expect(lab.shed).toEqual([8]);
    lab.advance(3000);
    expect(lab.shed).toEqual([8]);
    const left = lab.take();
    expect(left.filter(({ ssrc }) => ssrc === 7)).toHaveLength(70);
    // Numbers have no holes for what never left, and RTP's numbers that were not used are told.
    expect(left.map(({ number }) => number)).toEqual(left.map((_, i) => i));
    const used = left.filter(({ ssrc }) => ssrc === 8).length;
    expect(lab.unused).toEqual([[69, 70 - used]]);
  });

  test('two streams of one receiver that give up before the next call are both told, each with its numbers', () => {
    const lab = new PacerLab().open(1, RATE / 10);
    lab.ranks.set(8, 1);
    fill(lab, [7, 8], 7);
    const first = lab.gate.dropped;
    // What is left is of one stream, and more of it fills the queue again.
    for (let picture = 7; lab.gate.dropped === first; picture++) fill(lab, [7], 1, picture);
    for (const ssrc of [7, 8]) expect(lab.send(1, ssrc, { timestamp: 99 })).toBe(false);
    const left = lab.take();
    lab.advance(5);
    expect(lab.shed).toEqual([8, 7]);
    const used = (ssrc: number) => left.filter((packet) => packet.ssrc === ssrc).length;
    const [of8, of7] = lab.unused as [[number, number], [number, number]];
    expect([of8[1], of7[1]]).toEqual([of8[0] + 1 - used(8), of7[0] + 1 - used(7)]);
    expect(lab.gate.dropped).toBe(of8[1] + of7[1]);
    // Nothing of either has left since, and from now on both pass again.
    expect(lab.take()).toEqual([]);
    for (const ssrc of [7, 8]) lab.send(1, ssrc);
    lab.advance(200);
    expect(lab.take().map(({ ssrc }) => ssrc)).toEqual([7, 8]);
    expect(lab.shed).toEqual([8, 7]);
  });

  test('numbers are unused only from the last that left on: a late packet among the dropped ones does not count', () => {
    const lab = new PacerLab().open(1, RATE / 10);
    for (let i = 0; i < 60; i++) lab.send(1, 7, { timestamp: i });
    lab.send(1, 7, { timestamp: 5, sequence: 0 });
    lab.send(1, 7, { timestamp: 7, sequence: 62 });
    for (let i = 0; i < 80; i++) lab.send(1, 7, { timestamp: 100 + i, sequence: 63 + i });
    lab.advance(5);
    expect(lab.shed).toEqual([7]);
    expect(lab.unused).toEqual([[142, 142 - 61]]);
  });

  test('of equal ranks, the one with more bytes', () => {
    const lab = new PacerLab().open(1, RATE / 10);
    fill(lab, [7, 8, 8], 6);
    lab.advance(5);
    expect(lab.shed).toEqual([8]);
  });

  test('one picture that is too large for the rate is sent whole', () => {
    const lab = new PacerLab().open(1, RATE / 10);
    for (let i = 0; i < 150; i++) lab.send(1, 7, { timestamp: 5 });
    lab.advance(2000);
    expect(lab.take()).toHaveLength(150);
    expect(lab.shed).toEqual([]);
  });

  test('but not beyond two seconds', () => {
    const lab = new PacerLab().open(1, RATE / 10);
    for (let i = 0; i < 250; i++) lab.send(1, 7, { timestamp: 5 });
    lab.advance(5);
    expect(lab.shed).toEqual([7]);
  });

  test('repairs alone are bounded by their number', () => {
    const lab = new PacerLab().open(1, RATE * 10);
    for (let i = 0; i < 3 * MAX_QUEUED_PACKETS; i++) lab.send(1, 7, { priority: repair, sizeBytes: 100 });
    expect(lab.gate.dropped).toBeGreaterThan(0);
    expect(lab.gate.queuedBytes(1)).toBe(MAX_QUEUED_PACKETS * 100);
  });

  test('what waited for two seconds is given up', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 100; i++) lab.send(1, 7);
    lab.gate.setRate(1, 1000);
    lab.advance(2010);
    lab.gate.setRate(1, RATE);
    lab.advance(1000);
    expect(lab.gate.dropped).toBeGreaterThan(85);
    expect(lab.gate.busy).toBe(false);
  });

  test('all transports together share a bounded pool', () => {
    const lab = new PacerLab(1000);
    for (let handle = 1; handle <= 50; handle++) {
      lab.open(handle, RATE);
      for (let i = 0; i < 40; i++) lab.send(handle, 7, { timestamp: i });
      lab.flush();
    }
    expect(lab.gate.dropped).toBeGreaterThanOrEqual(50 * 34 - 1000);
    lab.advance(200);
    expect(lab.take().length + lab.gate.dropped).toBe(50 * 40);
    // Whoever lost packets knows it.
    expect(lab.shed.length).toBeGreaterThanOrEqual(50 - 1000 / 34);
  });
});

describe('a stream whose owner is about to begin with something else', () => {
  test('is dropped with its waiting repairs; nobody else is, and its numbers may be used again', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 10; i++) for (const ssrc of [7, 8]) lab.send(1, ssrc);
    for (const ssrc of [70, 80]) lab.send(1, ssrc, { priority: repair });
    const { last, count } = lab.gate.abandon(1, 7, 70);
    const left = new Map<number, number>();
    lab.advance(30);
    for (const { ssrc } of lab.take()) left.set(ssrc, (left.get(ssrc) ?? 0) + 1);
    expect([...left]).toEqual([
      [7, 3],
      [8, 10],
      [80, 1],
    ]);
    expect([last, count]).toEqual([9, 7]);
    expect(lab.gate.dropped).toBe(8);
    expect(lab.shed).toEqual([]);
  });

  test('had just been given up: it is not told any more, and what follows passes', () => {
    const lab = new PacerLab().open(1, RATE / 10);
    for (let i = 0; i < 150; i++) lab.send(1, 7, { timestamp: i });
    expect(lab.gate.dropped).toBeGreaterThan(0);
    const { last, count } = lab.gate.abandon(1, 7, 7);
    const used = lab.take().length;
    expect([last, count]).toEqual([149, 150 - used]);
    lab.send(1, 7);
    lab.advance(1000);
    expect(lab.take()).toHaveLength(1);
    expect(lab.shed).toEqual([]);
  });

  test('of which nothing waits', () => {
    const lab = new PacerLab().open(1, RATE);
    lab.send(1, 7);
    expect(lab.gate.abandon(1, 7, 70).count).toBe(0);
    expect(lab.take()).toHaveLength(1);
  });
});

describe('header blocks', () => {
  test('that are empty cannot be overwritten', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 8; i++) lab.send(1, 7, { block: false, patch: 0 });
    lab.send(1, 8);
    lab.advance(30);
    expect(lab.take()).toHaveLength(9);
  });

  test('of the part that ends with the flush are kept', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 20; i++) lab.send(1, 7, { inRing: false });
    lab.flush();
    lab.plan.side.fill(0xff, 0, EGRESS_FLUSH_BYTES);
    lab.advance(30);
    expect(lab.take().map(({ block }) => block[7])).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('that the ring has overwritten take their packets along', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 20; i++) lab.send(1, 7);
    lab.flush();
    for (let written = 0; written <= EGRESS_RING_BYTES; written += 1024) {
      lab.plan.openBlock(1024);
      lab.plan.closeBlock(1024);
    }
    lab.advance(30);
    expect(lab.take()).toHaveLength(6);
    expect(lab.gate.overwritten).toBe(14);
  });

  test('ring: blocks are whole, and alive exactly until the ring has gone round', () => {
    const { plan } = new PacerLab();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        plan.clear();
        const blocks: { mark: number; from: number; end: number }[] = [];
        for (const size of sizes) {
          if (!plan.hasRoom(0, size)) plan.clear();
          const from = plan.openBlock(size);
          plan.closeBlock(size);
          expect(from).toBeGreaterThanOrEqual(EGRESS_FLUSH_BYTES);
          expect(from + size).toBeLessThanOrEqual(EGRESS_FLUSH_BYTES + EGRESS_RING_BYTES);
          // Whoever is still called alive does not overlap with the new one.
          for (const block of blocks.filter(({ mark }) => plan.hasBlock(mark))) {
            expect(block.end <= from || block.from >= from + size).toBe(true);
          }
          const mark = plan.blockMark(from);
          expect(plan.hasBlock(mark)).toBe(true);
          blocks.push({ mark, from, end: from + size });
        }
      }),
    );
  });
});

describe('probes', () => {
  test('media that waits leaves at the rate of the probe, and is marked', () => {
    const lab = new PacerLab().open(1, RATE / 10);
    for (let i = 0; i < 40; i++) lab.send(1, 7, { timestamp: 1 });
    lab.take();
    lab.gate.startProbe(lab.nowUs, 1, 3, RATE, 15_000);
    lab.advance(15);
    // 15 of the probe, and one that the media's own rate allows behind it.
    expect(lab.take()).toHaveLength(16);
    expect(lab.sent.map(({ cluster }) => cluster)).toEqual([-1, ...new Array(15).fill(3), -1]);
    // Then the rate is as before.
    lab.advance(100);
    expect(lab.take().length).toBeCloseTo(10, -1);
    expect(lab.gate.padded).toBe(0);
  });

  test('without media, padding fills up: RTP that an RTX receiver discards', () => {
    const lab = new PacerLab().open(1, RATE);
    lab.gate.startProbe(lab.nowUs, 1, 4, RATE, 10_000);
    lab.advance(20);
    const left = lab.take();
    const bytes = lab.sent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(bytes).toBeGreaterThanOrEqual(10_000);
    expect(bytes).toBeLessThan(10_400);
    expect(left.every(({ ssrc, sizeBytes }) => ssrc === 0x9999 && sizeBytes === 12 + 8 + 255)).toBe(true);
    expect(left.map(({ number }) => number)).toEqual(left.map((_, i) => i));
    expect(new Set(lab.sent.map(({ cluster }) => cluster))).toEqual(new Set([4]));
    expect(lab.gate.padded).toBe(left.length);
    // Spread over 10 ms, not in one burst.
    expect(new Set(left.map(({ nowUs }) => nowUs)).size).toBeGreaterThanOrEqual(2);
    expect(lab.gate.busy).toBe(false);
  });

  test('media that comes during the probe takes the place of padding', () => {
    const lab = new PacerLab().open(1, RATE);
    lab.gate.startProbe(lab.nowUs, 1, 4, RATE, 10_000);
    for (let i = 0; i < 8; i++) lab.send(1, 7);
    lab.advance(20);
    expect(lab.take().filter(({ ssrc }) => ssrc === 7)).toHaveLength(8);
    expect(lab.gate.padded).toBeLessThanOrEqual(7);
  });

  test('without a stream for padding the probe ends with the media', () => {
    const lab = new PacerLab().open(1, RATE);
    lab.paddingStream = undefined;
    lab.gate.startProbe(lab.nowUs, 1, 4, RATE, 10_000);
    lab.advance(20);
    expect(lab.take()).toEqual([]);
    expect(lab.gate.busy).toBe(false);
    lab.send(1, 7);
    expect(lab.sent.map(({ cluster }) => cluster)).toEqual([-1]);
  });
});
