import { expect, test } from 'vitest';
import { answeredProbes, currentProbe, PROBE_PERIOD_MS } from './probe-credential.ts';

const SEED = Buffer.alloc(32, 7);
const NOW_MS = 1_790_000_000_000;

test('is the same for all who have the seed, and another one with another seed or later', () => {
  const now = currentProbe(SEED, NOW_MS);
  expect(currentProbe(Buffer.from(SEED), NOW_MS)).toEqual(now);
  expect(currentProbe(Buffer.alloc(32, 8), NOW_MS).password).not.toBe(now.password);
  expect(currentProbe(SEED, NOW_MS + PROBE_PERIOD_MS)).not.toEqual(now);
});

test('can stand in an SDP (RFC 8839 section 5.4)', () => {
  const { ufrag, password } = currentProbe(SEED, NOW_MS);
  expect(ufrag).toMatch(/^probe\/[0-9a-z]{4,250}$/);
  expect(password).toMatch(/^[A-Za-z0-9+/]{32}$/);
});

test('what a client is told is answered for ten minutes more, and by routers whose controller is ten minutes off', () => {
  const told = currentProbe(SEED, NOW_MS);
  for (const aheadMs of [-PROBE_PERIOD_MS, 0, PROBE_PERIOD_MS]) {
    expect(answeredProbes(SEED, NOW_MS + aheadMs)).toContainEqual(told);
  }
  for (const aheadMs of [-2 * PROBE_PERIOD_MS, 2 * PROBE_PERIOD_MS]) {
    expect(answeredProbes(SEED, NOW_MS + aheadMs)).not.toContainEqual(told);
  }
});
