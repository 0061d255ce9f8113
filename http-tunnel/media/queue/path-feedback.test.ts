import { expect, test } from 'vitest';
import { readRtcp } from '../../../client/tunnel/rtp/rtcp-reader.ts';
import { FEEDBACK_INTERVAL_MS, PathFeedback } from './path-feedback.ts';

function read(packets: readonly Buffer[]) {
  return packets
    .flatMap((packet) => readRtcp(packet) ?? [])
    .flatMap((message) => (message.type === 'transportFeedback' ? message.feedback : []));
}

test('what has left is told once, with what never did, over the wrap of numbers', () => {
  const feedback = new PathFeedback();
  expect(feedback.dueMs).toBe(Number.POSITIVE_INFINITY);
  feedback.record(1_000, 1_000, 7, 65_534);
  feedback.record(1_010, 1_010, 7, 1);
  expect(feedback.dueMs).toBeLessThanOrEqual(1_010);
  expect(read(feedback.take(1_010))).toEqual([
    { count: 0, base: 65_534, arrivalsMs: [1_000, undefined, undefined, 1_010] },
  ]);
  expect(feedback.take(1_020)).toEqual([]);
  feedback.record(1_025, 1_025, 7, 2);
  expect(feedback.dueMs).toBe(1_020 + FEEDBACK_INTERVAL_MS);
  expect(read(feedback.take(1_070))).toEqual([{ count: 1, base: 2, arrivalsMs: [1_025] }]);
});

test('a short wait is the carrier’s way of taking, a long one is late by the rest', () => {
  const feedback = new PathFeedback();
  feedback.record(1_100, 1_000, 7, 1);
  feedback.record(1_400, 1_010, 7, 2);
  expect(read(feedback.take(1_400))).toEqual([{ count: 0, base: 1, arrivalsMs: [1_000, 1_250] }]);
});
