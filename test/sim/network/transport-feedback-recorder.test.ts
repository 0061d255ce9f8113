import { expect, test } from 'vitest';
import { feedbackIntervalUs, TransportFeedbackRecorder } from './transport-feedback-recorder.ts';

test('a report tells of every number from the last report to the highest that arrived', () => {
  const recorder = new TransportFeedbackRecorder();
  recorder.record(1000, 65_534);
  recorder.record(2000, 1);
  expect(recorder.take(3000)).toEqual({
    baseSequence: 65_534,
    arrivalsUs: Float64Array.of(1000, Number.NaN, Number.NaN, 2000),
  });
  expect(recorder.take(4000)).toBeUndefined();
});

test('a packet that comes after it was called lost makes the next report start with it', () => {
  const recorder = new TransportFeedbackRecorder();
  recorder.record(1000, 10);
  recorder.record(2000, 12);
  recorder.take(3000);
  recorder.record(4000, 11);
  recorder.record(5000, 13);
  expect(recorder.take(6000)).toEqual({ baseSequence: 11, arrivalsUs: Float64Array.of(4000, 2000, 5000) });
});

test.each([
  [0, 250_000],
  [30_000, 250_000],
  [100_000, 108_800],
  [1_000_000, 50_000],
])('who sends %s b/s himself gives feedback each %s µs', (bps, us) => {
  expect(feedbackIntervalUs(bps)).toBeCloseTo(us, 3);
});
