import { describe, expect, test } from 'vitest';
import { PasscodeChecker } from './passcode-checker.ts';
import { hashSecret, matchesSecret, randomPasscode } from './secret.ts';

describe('secrets', () => {
  test('what is kept checks the secret and does not contain it', async () => {
    const passcode = randomPasscode();
    const kept = await hashSecret(passcode);
    expect(passcode).toMatch(/^[a-hj-km-np-z2-9]{8}$/);
    expect(JSON.stringify(kept)).not.toContain(passcode);
    expect(await matchesSecret(passcode, kept)).toBe(true);
    expect(await matchesSecret(`${passcode}x`, kept)).toBe(false);
    expect(await matchesSecret('', kept)).toBe(false);
    expect((await hashSecret(passcode)).hash).not.toBe(kept.hash);
  });
});

describe('passcode checker', () => {
  test('a right passcode is recalled for a minute, a wrong one is not', async () => {
    const kept = await hashSecret('right');
    const checker = new PasscodeChecker();
    expect(checker.recall(0, 'right', kept)).toBeUndefined();
    const [right, wrong] = [checker.check(0, 'right', kept), checker.check(0, 'wrong', kept)];
    expect(await checker.recall(0, 'right', kept)).toBe(true);
    expect(await Promise.all([right, wrong])).toEqual([true, false]);
    expect(await checker.recall(59_000, 'right', kept)).toBe(true);
    expect(checker.recall(59_000, 'wrong', kept)).toBeUndefined();
    expect(checker.recall(61_000, 'right', kept)).toBeUndefined();
    expect(checker.recall(0, 'right', await hashSecret('right'))).toBeUndefined();
  });

  test('more checks than can wait are refused with a delay, and the others are still answered', async () => {
    const kept = await hashSecret('right');
    const checker = new PasscodeChecker(async (guess) => guess === 'right');
    const guesses = Array.from({ length: 210 }, (_, index) => checker.check(0, `guess ${index}`, kept));
    const results = await Promise.allSettled(guesses);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ code: 'rateLimited', retryAfterMs: 5_000 });
    expect(await checker.check(0, 'right', kept)).toBe(true);
  });
});
