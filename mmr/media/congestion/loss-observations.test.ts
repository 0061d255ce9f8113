import { expect, test } from 'vitest';
import { LossObservations, OBSERVATIONS } from './loss-observations.ts';

/** Packets of 1000 bytes each 10 ms, lost where `lost(i)`. */
function feed(observations: LossObservations, packets: number, lost: (i: number) => boolean): void {
  for (let i = 0; i < packets; i++) observations.add(i * 10_000, 1000, lost(i));
}

test('a stretch is a quarter of a second with its rate and loss', () => {
  const observations = new LossObservations();
  feed(observations, 101, (i) => i % 10 === 5);
  expect(observations.count).toBeGreaterThanOrEqual(3);
  expect(observations.rateBps[0]).toBeCloseTo(800_000, -4);
  expect((observations.lost[1] as number) / (observations.packets[1] as number)).toBeCloseTo(0.1, 1);
});

test('so many are kept', () => {
  const observations = new LossObservations();
  feed(observations, 2000, () => false);
  expect(observations.count).toBe(OBSERVATIONS);
  expect(observations.completed).toBeGreaterThan(OBSERVATIONS);
  observations.keepLatest(2);
  expect(observations.count).toBe(2);
});

test('an outage is left out, but told in the statistics', () => {
  const observations = new LossObservations();
  feed(observations, 200, (i) => i >= 50 && i < 65);
  expect([...observations.lost].every((lost) => lost === 0)).toBe(true);
  const regular = new LossObservations();
  feed(regular, 200, (i) => i % 3 === 0);
  expect(regular.fraction).toBeGreaterThan(0.2);
});

test('outages that follow one another are a limit, not outages', () => {
  const observations = new LossObservations();
  feed(observations, 400, (i) => i % 12 < 6);
  expect([...observations.lost].some((lost) => lost > 0)).toBe(true);
});
