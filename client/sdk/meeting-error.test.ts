import { describe, expect, test } from 'vitest';
import { MeetingError, type MeetingErrorCode } from './meeting-error.ts';

describe('errors in plain words', () => {
  test.each([
    [undefined, 'Too many attempts. Wait a moment and try again.'],
    [300, 'Too many attempts. Try again in a second.'],
    [4200, 'Too many attempts. Try again in 5 seconds.'],
  ])('a rate limit of %j ms', (retryAfterMs, words) => {
    expect(new MeetingError('rateLimited', 'RESOURCE_EXHAUSTED', retryAfterMs).message).toBe(words);
  });

  test('never shows what the server said to a log', () => {
    const error = new MeetingError('internal', 'TypeError: x is undefined');
    expect(error.message).not.toContain('TypeError');
    expect(error.detail).toContain('TypeError');
  });

  test('a code of a newer server has words, too', () => {
    const code = 'constructor' as MeetingErrorCode; // none that we know
    expect(new MeetingError(code).message).toBe('Something went wrong on the server. Try again in a little while.');
  });

  test('what a new attempt cannot mend is final', () => {
    expect(new MeetingError('wrongPasscode').isFinal).toBe(true);
    expect(new MeetingError('noRouter').isFinal).toBe(false);
    expect(new MeetingError('rateLimited').isFinal).toBe(false);
  });
});
