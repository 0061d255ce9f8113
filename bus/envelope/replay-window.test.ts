import { describe, expect, test } from 'vitest';
import { MAX_IDS_PER_GENERATION, ReplayWindow } from './replay-window.ts';
import { MAX_SKEW_MS } from './verifier.ts';

describe('the window of replays', () => {
  test.each([0, 1, MAX_SKEW_MS, 2 * MAX_SKEW_MS - 1])(
    'knows a message that came at %i ms for as long as it is fresh',
    (atMs) => {
      const window = new ReplayWindow();
      window.check('alpha', 'first', 0);
      expect(window.check('alpha', 'a', atMs)).toBeUndefined();
      for (let laterMs = 0; laterMs <= 2 * MAX_SKEW_MS; laterMs += 1_000) {
        expect(window.check('alpha', 'a', atMs + laterMs)).toBe('replayed');
        window.check('alpha', `other-${laterMs}`, atMs + laterMs);
      }
    },
  );

  test('forgets in the end', () => {
    const window = new ReplayWindow();
    expect(window.check('alpha', 'a', 0)).toBeUndefined();
    expect(window.check('alpha', 'b', 2 * MAX_SKEW_MS)).toBeUndefined();
    expect(window.check('alpha', 'a', 4 * MAX_SKEW_MS)).toBeUndefined();
  });

  test('is bounded for each zone, and for that one only', () => {
    const window = new ReplayWindow();
    for (let id = 0; id < MAX_IDS_PER_GENERATION; id++) expect(window.check('alpha', String(id), 0)).toBeUndefined();
    expect(window.check('alpha', 'more', 0)).toBe('tooMany');
    expect(window.check('alpha', '1', 0)).toBe('replayed');
    expect(window.check('beta', 'more', 0)).toBeUndefined();
    expect(window.check('alpha', 'more', 2 * MAX_SKEW_MS)).toBeUndefined();
  });
});
