import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Priority } from './egress-gate.ts';
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
