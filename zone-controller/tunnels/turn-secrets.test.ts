import { describe, expect, test } from 'vitest';
import { Credentials } from '../../http-tunnel/turn/core/credentials.ts';
import { CREDENTIAL_MS, turnCredential, turnSecrets } from './turn-secrets.ts';

const HOUR_MS = 3_600_000;
const START_MS = 486_111 * HOUR_MS;
const seed = new Uint8Array(32).fill(1);

/** Whether a tunnel that was told the secrets of its time takes the credential then. */
function isTaken(madeMs: number, atMs: number, ofSeed = seed): boolean {
  const { username, credential } = turnCredential(seed, 'ada', madeMs);
  const tunnel = new Credentials('zone-1', () => atMs / 1000);
  tunnel.replaceSecrets(turnSecrets(ofSeed, atMs));
  return tunnel.users(username).some(({ participant, password }) => participant === 'ada' && password === credential);
}

describe('TURN credentials', () => {
  test.each([0, 1, 30 * 60_000, HOUR_MS - 1])('made %i ms after the full hour are taken for an hour', (afterMs) => {
    const madeMs = START_MS + afterMs;
    for (const atMs of [madeMs, madeMs + HOUR_MS / 2, madeMs + CREDENTIAL_MS - 1_000]) {
      expect([atMs - madeMs, isTaken(madeMs, atMs)]).toEqual([atMs - madeMs, true]);
    }
    expect(isTaken(madeMs, madeMs + CREDENTIAL_MS + 1_000)).toBe(false);
  });

  test('are taken by a tunnel whose clock is behind, over the full hour', () => {
    expect(isTaken(START_MS, START_MS - 20_000)).toBe(true);
  });

  test('of another zone are not taken', () => {
    expect(isTaken(START_MS, START_MS, new Uint8Array(32).fill(2))).toBe(false);
  });

  test('say in the name when they end', () => {
    const { username } = turnCredential(seed, 'ada', START_MS + 1);
    expect(username).toBe(`${(START_MS + HOUR_MS) / 1000}:ada`);
  });
});
