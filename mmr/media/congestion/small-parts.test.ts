/** The parts that fit on a page: demand, link capacity, REMB fallback, round trip, trendline. */
import { describe, expect, test } from 'vitest';
import { Demand } from './demand.ts';
import { LinkCapacity } from './link-capacity.ts';
import { PathMeter } from './path-meter.ts';
import { RembFallback } from './remb-fallback.ts';
import { RoundTrip } from './round-trip.ts';
import { Trendline } from './trendline.ts';

describe('demand', () => {
  test('sees that much less is sent than might be', () => {
    const demand = new Demand(0);
    for (let i = 1; i <= 30; i++) {
      demand.sentBytes += 6_250;
      demand.update(i * 100_000, 1e6);
    }
    expect(demand.sentBps).toBeCloseTo(500_000, -4);
    expect(demand.applicationLimited).toBe(true);
    demand.update(3_000_000, 6e5);
    expect(demand.ceilingBps).toBe(Number.POSITIVE_INFINITY);
    demand.wantedBps = 1e6;
    expect(demand.ceilingBps).toBe(1.25e6);
  });
});

describe('link capacity', () => {
  test('is known from the first overuse on, within bounds that get wider with its variance', () => {
    const capacity = new LinkCapacity();
    expect([capacity.known, capacity.lowerBps, capacity.upperBps]).toEqual([false, 0, Number.POSITIVE_INFINITY]);
    capacity.handleOveruse(500_000);
    const narrow = capacity.upperBps - capacity.lowerBps;
    expect(capacity.bps).toBe(500_000);
    for (let i = 0; i < 50; i++) capacity.handleOveruse(i % 2 === 0 ? 400_000 : 600_000);
    expect(capacity.upperBps - capacity.lowerBps).toBeGreaterThan(narrow);
    capacity.reset();
    expect(capacity.known).toBe(false);
  });
});

describe('REMB fallback', () => {
  test('is the last REMB for five seconds', () => {
    const remb = new RembFallback();
    expect(remb.bps(0)).toBeNaN();
    remb.handleRemb(1e6, 800_000);
    expect(remb.bps(5.9e6)).toBe(800_000);
    expect(remb.bps(6e6)).toBeNaN();
  });

  test.each([
    [0.2, 720_000],
    [0.05, 800_000],
    [0.01, 800_000],
  ])('after loss of %f of a report at 800 kb/s it is %i', (loss, bps) => {
    const remb = new RembFallback();
    remb.handleRemb(0, 800_000);
    remb.handleLoss(loss, 800_000);
    expect(remb.bps(1)).toBe(bps);
  });

  test('grows again by 5 % a report', () => {
    const remb = new RembFallback();
    remb.handleRemb(0, 800_000);
    remb.handleLoss(0.5, 800_000);
    remb.handleLoss(0, 600_000);
    expect(remb.bps(1)).toBeCloseTo(630_000);
  });
});

describe('round trip', () => {
  test('is a guess, then the least that feedback took, then what reports say', () => {
    const roundTrip = new RoundTrip();
    expect(roundTrip.ms).toBe(200);
    roundTrip.handleFeedback(150_000, 0);
    roundTrip.handleFeedback(300_000, 220_000);
    roundTrip.handleFeedback(500_000, 350_000);
    expect(roundTrip.ms).toBeCloseTo(82.6);
    roundTrip.set(Number.NaN);
    roundTrip.set(40);
    expect(roundTrip.ms).toBe(40);
  });
});

describe('trendline', () => {
  test.each([
    [2, 0.1],
    [0, 0],
    [-2, -0.1],
  ])('a delay that grows by %d ms each 20 ms has a slope of %f', (deltaMs, slope) => {
    const trend = new Trendline();
    for (let i = 0; i < 200; i++) trend.add(deltaMs, i * 20_000);
    expect(trend.slope).toBeCloseTo(slope, 2);
  });
});

test.each([
  [true, 'no surge: packets overtake each other there'],
  [false, 'a surge'],
])('a packet that comes after all (%s) amid waits that grow makes them %s', (late) => {
  const meter = new PathMeter();
  const waitsMs = [0, 60, 90, 100, 110];
  for (const [i, waitMs] of waitsMs.entries()) {
    const sentUs = i * 2000;
    if (i === 2) meter.add(1000, 1000 + 30_000, 1000, late);
    meter.add(sentUs, sentUs + waitMs * 1000, 1000, false);
  }
  meter.look(new Demand(0));
  expect(Number.isNaN(meter.view.surgeBps)).toBe(late);
});
