import { expect, test } from 'vitest';
import { MAX_STANDING_MS, MAX_UNSENT_BYTES, SendWindow } from './send-window.ts';

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
