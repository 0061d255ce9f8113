import { expect, test } from 'vitest';
import {
  EVEN_AFTER_MS,
  LATE_MS,
  MAX_STANDING_MS,
  MAX_UNSENT_BYTES,
  SendWindow,
  VIDEO_STANDING_MS,
} from './send-window.ts';

test('what the kernel has not taken is bounded', () => {
  const window = new SendWindow();
  expect(window.isOpen(0, MAX_UNSENT_BYTES - 1)).toBe(true);
  expect(window.isOpen(0, MAX_UNSENT_BYTES)).toBe(false);
});

test('a client that acknowledges gets no more than is under way for a moment, whatever its round trip', () => {
  const window = new SendWindow();
  window.handleSent(0, 10_000);
  window.handleAcknowledged(300, 10_000);
  // The network stands still from here on.
  let sent = 0;
  for (let nowMs = 1000; nowMs < 5000; nowMs += 10) {
    if (!window.isOpen(nowMs, 0)) continue;
    window.handleSent(nowMs, 1000);
    sent += 1000;
  }
  expect(sent).toBeLessThanOrEqual((300 + MAX_STANDING_MS) * 100);
  expect(sent).toBeGreaterThan(20_000);
  window.handleAcknowledged(5000, 10_000 + sent);
  expect(window.isOpen(5000, 0)).toBe(true);
  expect(window.unacknowledgedBytes).toBe(0);
});

test('a client that never acknowledges is held by the kernel alone; lies change nothing', () => {
  const window = new SendWindow();
  window.handleSent(0, 50_000);
  expect(window.isOpen(60_000, 0)).toBe(true);
  window.handleAcknowledged(1, 50_001);
  expect(window.unacknowledgedBytes).toBe(50_000);
  window.handleAcknowledged(2, 20_000);
  window.handleAcknowledged(3, 10_000);
  expect(window.unacknowledgedBytes).toBe(30_000);
  expect(window.isOpen(60_000, 0)).toBe(false);
});

test('pictures stop before sound does', () => {
  const window = new SendWindow();
  window.handleSent(0, 10_000);
  window.handleAcknowledged(50, 10_000);
  window.handleSent(1_000, 10_000);
  expect(window.isOpenForVideo(1_000 + 49 + VIDEO_STANDING_MS, 0)).toBe(true);
  expect(window.isOpenForVideo(1_000 + 50 + VIDEO_STANDING_MS, 0)).toBe(false);
  expect(window.isOpen(1_000 + 50 + VIDEO_STANDING_MS, 0)).toBe(true);
  expect(window.isOpen(1_000 + 50 + MAX_STANDING_MS, 0)).toBe(false);
});

test('the quickest acknowledgement is that of the last 10 to 20 s: a way that has become longer is not taken for a full one', () => {
  const window = new SendWindow();
  const send = (nowMs: number, roundTripMs: number) => {
    window.handleSent(nowMs, 10_000);
    window.handleAcknowledged(nowMs + roundTripMs, window.sentBytes);
  };
  send(0, 30);
  for (let ms = 1_000; ms <= 25_000; ms += 1_000) send(ms, 350);
  window.handleSent(30_000, 10_000);
  expect(window.isOpenForVideo(30_340, 0)).toBe(true);
});

test('a way is even when nothing was late for a while', () => {
  const window = new SendWindow();
  expect(window.isEven(0)).toBe(true);
  window.handleSent(0, 1_000);
  window.handleAcknowledged(50, 1_000);
  expect(window.isEven(50)).toBe(true);
  window.handleSent(100, 1_000);
  window.handleSent(200, 1_000);
  // The first of the two was late, and came with the second.
  window.handleAcknowledged(150 + LATE_MS, 3_000);
  expect(window.isEven(151 + LATE_MS)).toBe(false);
  expect(window.isEven(150 + LATE_MS + EVEN_AFTER_MS)).toBe(true);
});
