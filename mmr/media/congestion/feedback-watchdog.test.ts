import { expect, test } from 'vitest';
import { FeedbackWatchdog } from './feedback-watchdog.ts';

test('waits half a second and two round trips, then steps each half second', () => {
  const dog = new FeedbackWatchdog();
  dog.handleSent(0);
  dog.handleFeedback(1e6, true, 100);
  expect(dog.nextTimeoutUs()).toBe(1.7e6);
  expect(dog.takeStep(1.6e6, 1e6)).toBe(false);
  expect(dog.takeStep(1.7e6, 1e6)).toBe(true);
  expect(dog.takeStep(1.8e6, 5e5)).toBe(false);
  expect(dog.takeStep(2.2e6, 5e5)).toBe(true);
  expect(dog.beforeBps).toBe(1e6);
  dog.handleFeedback(3e6, true, 100);
  expect(dog.silent).toBe(false);
});

test('waits for nothing when all was reported, or nothing sent', () => {
  const dog = new FeedbackWatchdog();
  expect(dog.nextTimeoutUs()).toBe(Number.POSITIVE_INFINITY);
  dog.handleSent(0);
  dog.handleFeedback(1e6, false, 100);
  expect(dog.nextTimeoutUs()).toBe(Number.POSITIVE_INFINITY);
});
