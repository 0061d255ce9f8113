import { describe, expect, test } from 'vitest';
import { LoneSender } from './congestion-test-lab.ts';
import { DEFAULT_ESTIMATOR_OPTIONS, SendSideEstimator } from './send-side-estimator.ts';

describe('a lone sender', () => {
  test('finds 2 Mb/s within two seconds, and stays near', () => {
    const sender = new LoneSender(2e6).run(2);
    expect(sender.estimator.targetBps).toBeGreaterThan(1.5e6);
    for (let second = 0; second < 20; second++) {
      sender.run(1);
      expect(sender.estimator.targetBps).toBeGreaterThan(1.3e6);
      expect(sender.estimator.targetBps).toBeLessThan(2.6e6);
    }
  });

  test('is down within 300 ms of a cliff, and does not send faster than that until the queue has gone', () => {
    const sender = new LoneSender(5e6).run(10);
    sender.capacityBps = 300e3;
    sender.run(0.3);
    expect(sender.estimator.targetBps).toBeLessThan(330e3);
    expect(sender.estimator.pacingBps).toBeLessThanOrEqual(330e3);
    sender.run(20);
    expect(sender.estimator.queueDelayMs).toBeLessThan(60);
    expect(sender.estimator.targetBps).toBeGreaterThan(200e3);
  });

  test('may send bursts faster than its target while the path is at rest', () => {
    const { estimator } = new LoneSender(2e6).run(1);
    expect(estimator.pacingBps).toBe(estimator.targetBps * 1.5);
  });

  test('goes back to the rate from before when feedback returns after a silence', () => {
    const sender = new LoneSender(2e6).run(5);
    const beforeBps = sender.estimator.targetBps;
    sender.feedback = false;
    sender.run(3);
    expect(sender.estimator.snapshot().limit).toBe('silence');
    expect(sender.estimator.targetBps).toBeLessThan(beforeBps / 8);
    sender.feedback = true;
    sender.run(1);
    expect(sender.estimator.targetBps).toBeGreaterThan(beforeBps / 2.1);
  });

  test('asks for no more than its receiver could use', () => {
    const sender = new LoneSender(20e6);
    sender.estimator.setDemand(0, 1e6, 0);
    sender.run(5);
    expect(sender.estimator.targetBps).toBe(1.25e6);
    expect(sender.estimator.snapshot().limit).toBe('demand');
  });
});

describe('without transport-wide feedback', () => {
  test('the receiver’s own estimate counts, lowered by the loss he reports', () => {
    const estimator = new SendSideEstimator(DEFAULT_ESTIMATOR_OPTIONS, 0);
    estimator.handleRemb(0, 900_000);
    expect([estimator.targetBps, estimator.snapshot().limit]).toEqual([900_000, 'remb']);
    estimator.handleReceiverLoss(1e6, 0.2);
    expect(estimator.targetBps).toBe(810_000);
  });

  test('a REMB is kept within the bounds', () => {
    const estimator = new SendSideEstimator(DEFAULT_ESTIMATOR_OPTIONS, 0);
    estimator.handleRemb(0, 1e12);
    expect(estimator.targetBps).toBe(DEFAULT_ESTIMATOR_OPTIONS.maxBps);
    estimator.handleRemb(0, 0);
    expect(estimator.targetBps).toBe(DEFAULT_ESTIMATOR_OPTIONS.minBps);
  });
});

describe('feedback that is made up', () => {
  test('about packets that were never sent changes nothing', () => {
    const estimator = new SendSideEstimator(DEFAULT_ESTIMATOR_OPTIONS, 0);
    estimator.handleFeedback(1, { baseSequence: 5, count: 3, arrivalUs: Float64Array.of(1, 2, 3) });
    expect(estimator.snapshot().ackedBps).toBeNaN();
    expect(estimator.targetBps).toBe(DEFAULT_ESTIMATOR_OPTIONS.startBps);
  });

  test('cannot lift the estimate beyond the maximum, whatever it says', () => {
    const estimator = new SendSideEstimator(DEFAULT_ESTIMATOR_OPTIONS, 0);
    for (let i = 0; i < 5000; i++) {
      estimator.takeProbe(i * 1000);
      estimator.handleSent(i * 1000, i & 0xffff, 1200, estimator.snapshot().probes - 1);
      const arrivalUs = Float64Array.of((i * 7919) % 100_000);
      estimator.handleFeedback(i * 1000, { baseSequence: i & 0xffff, count: 1, arrivalUs });
      expect(estimator.targetBps).toBeLessThanOrEqual(DEFAULT_ESTIMATOR_OPTIONS.maxBps);
      expect(estimator.targetBps).toBeGreaterThanOrEqual(DEFAULT_ESTIMATOR_OPTIONS.minBps);
    }
  });
});
