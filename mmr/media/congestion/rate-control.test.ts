import { describe, expect, test } from 'vitest';
import { pathView } from './congestion-test-lab.ts';
import { Usage } from './overuse-detector.ts';
import { RateControl } from './rate-control.ts';

function control(): RateControl {
  return new RateControl(1e6, 60_000, 5e6, 0);
}

describe('without overuse', () => {
  test('grows by 8 % a second while the capacity is unknown', () => {
    const rate = control();
    for (let ms = 50; ms <= 1000; ms += 50) rate.update(ms * 1000, pathView({ ackedBps: 5e6 }));
    expect(rate.bps).toBeCloseTo(1.08e6, -4);
  });

  test('not beyond one and a half of what arrives, and not at all while that is unknown', () => {
    const rate = control();
    rate.update(1e6, pathView({ ackedBps: 660_000 }));
    expect(rate.bps).toBe(1e6);
    rate.update(2e6, pathView({ ackedBps: Number.NaN }));
    expect(rate.bps).toBe(1e6);
  });

  test('grows by a packet in a response time where the path was found full', () => {
    const rate = control();
    rate.update(1e6, pathView({ usage: Usage.over }));
    const loweredBps = rate.bps;
    rate.update(2e6, pathView());
    rate.update(3e6, pathView());
    expect(rate.bps - loweredBps).toBeGreaterThan(4_000);
    expect(rate.bps - loweredBps).toBeLessThan(0.06 * loweredBps);
  });
});

describe('at overuse', () => {
  test('goes to 85 % of what arrives, once in a round trip', () => {
    const rate = control();
    rate.update(1e6, pathView({ usage: Usage.over, ackedBps: 800_000 }));
    expect(rate.bps).toBe(680_000);
    rate.update(1.02e6, pathView({ usage: Usage.over, ackedBps: 700_000 }));
    expect(rate.bps).toBe(680_000);
  });

  test('but at once when the path carries less than half', () => {
    const rate = control();
    rate.update(1e6, pathView({ usage: Usage.over, ackedBps: 800_000 }));
    rate.update(1.02e6, pathView({ usage: Usage.over, ackedBps: 200_000 }));
    expect(rate.bps).toBe(170_000);
  });

  test('a surge says what the path carries, whatever arrived before', () => {
    const rate = control();
    rate.update(1e6, pathView({ usage: Usage.over, surgeBps: 300_000, ackedBps: Number.NaN }));
    expect(rate.bps).toBe(255_000);
  });

  test('and is the latest word until enough has arrived since', () => {
    const rate = control();
    rate.update(1e6, pathView({ usage: Usage.over, surgeBps: 300_000, ackedBps: Number.NaN }));
    rate.update(1.3e6, pathView({ usage: Usage.over, ackedBps: Number.NaN }));
    expect(rate.bps).toBe(255_000);
    rate.update(1.6e6, pathView({ usage: Usage.over, ackedBps: 200_000, queueMs: 60, quickBps: 200_000 }));
    expect(rate.bps).toBe(170_000);
  });

  test('what arrives is no measure of the path while little is sent and no queue stands', () => {
    const rate = control();
    rate.update(1e6, pathView({ usage: Usage.over, ackedBps: 200_000, applicationLimited: true }));
    expect(rate.bps).toBe(850_000);
  });

  describe('with a pause in the half second over which was measured', () => {
    const paused = { usage: Usage.over, ackedBps: 380_000, quickBps: 700_000, sentBps: 600_000 } as const;

    test.each([0, 60])('goes by what arrives since, a queue of %d ms or none', (queueMs) => {
      const rate = control();
      rate.update(1e6, pathView({ ...paused, queueMs }));
      expect(rate.bps).toBe(0.85 * 700_000);
    });

    test('but falls in any case', () => {
      const rate = control();
      rate.update(1e6, pathView({ ...paused, quickBps: 3e6 }));
      expect(rate.bps).toBe(850_000);
    });

    test('and when all was sent that might be, less is what the path carries', () => {
      const rate = control();
      rate.update(1e6, pathView({ ...paused, sentBps: 950_000 }));
      expect(rate.bps).toBe(0.85 * 380_000);
    });
  });

  test('halves while nothing was measured yet', () => {
    const rate = control();
    rate.update(1e6, pathView({ usage: Usage.over, ackedBps: Number.NaN }));
    expect(rate.bps).toBeCloseTo(500_000);
  });
});

test('stays within its bounds', () => {
  const rate = control();
  rate.set(0, 1e9);
  expect(rate.bps).toBe(5e6);
  rate.limit(1);
  expect(rate.bps).toBe(60_000);
});
