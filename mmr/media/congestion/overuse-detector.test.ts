import { expect, test } from 'vitest';
import { OveruseDetector, Usage } from './overuse-detector.ts';

test('a single trend above the threshold is not enough', () => {
  const detector = new OveruseDetector();
  detector.update(20, 30, 30_000);
  expect(detector.usage).toBe(Usage.normal);
  detector.update(21, 30, 60_000);
  expect(detector.usage).toBe(Usage.over);
});

test('nor is one that falls already', () => {
  const detector = new OveruseDetector();
  detector.update(20, 30, 30_000);
  detector.update(18, 30, 60_000);
  expect(detector.usage).toBe(Usage.normal);
});

test('the threshold goes up with the trend, and beside a rival stays there', () => {
  const [alone, beside] = [new OveruseDetector(), new OveruseDetector()];
  beside.besideRival = true;
  for (const detector of [alone, beside]) {
    for (let i = 1; i <= 100; i++) detector.update(25, 20, i * 20_000);
    expect(detector.threshold).toBeGreaterThan(15);
    for (let i = 101; i <= 200; i++) detector.update(0, 20, i * 20_000);
  }
  expect(alone.threshold).toBe(6);
  expect(beside.threshold).toBeGreaterThan(15);
});
