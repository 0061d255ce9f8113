import { describe, expect, test } from 'vitest';
import { PacerLab } from './pacer-test-lab.ts';

/** 1000 bytes each millisecond. */
const RATE = 8e6;

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
