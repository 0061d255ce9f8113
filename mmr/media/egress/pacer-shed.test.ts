import { describe, expect, test } from 'vitest';
import { MAX_QUEUED_PACKETS, Priority } from './egress-gate.ts';
import { PacerLab } from './pacer-test-lab.ts';

const { repair } = Priority;
/** 1000 bytes each millisecond. */
const RATE = 8e6;

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
