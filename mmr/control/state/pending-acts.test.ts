import { expect, test } from 'vitest';
import type { RouterId } from '../../../common/ids.ts';
import { MAX_ACTS_IN_FLIGHT } from './limits.ts';
import { ACT_TIMEOUT_MS, type Origin, type PendingAct, PendingActs } from './pending-acts.ts';
import { REFUSALS } from './refusal.ts';

const here: Origin = { done: () => undefined };
const below = (link: number): Origin => ({ child: 'c' as RouterId, link });
const act = (id: string, origin: Origin): PendingAct => ({ id, actor: 'operator', act: { type: 'lock' }, origin });

test('one that comes around in a ring keeps its origin; one that comes by another way gets its outcome there', () => {
  const pending = new PendingActs();
  expect(pending.add(0, act('1', here))).toBe('new');
  expect(pending.add(0, act('1', below(7)))).toBe('known');
  expect(pending.settle('1', true, undefined)).toEqual({ origin: here });
  pending.add(0, act('2', below(7)));
  expect(pending.add(0, act('2', below(8)))).toBe('known');
  expect(pending.settle('2', true, undefined)).toEqual({ origin: below(8) });
  expect(pending.settle('2', true, undefined)).toBeUndefined();
});

test('a refusal is told as it is, unless the act may have been done before by another router', () => {
  const refusal = REFUSALS.locked;
  const outcome = (sent: number, wasSent: boolean) => {
    const pending = new PendingActs();
    pending.add(0, act('1', here));
    for (let i = 0; i < sent; i++) pending.sent(0, '1');
    return pending.settle('1', wasSent, refusal)?.refusal;
  };
  expect([outcome(1, true), outcome(0, false)]).toEqual([refusal, refusal]);
  expect([outcome(2, true), outcome(1, false)]).toEqual([REFUSALS.unknown, REFUSALS.unknown]);
});

test('each has its time, on the whole way', () => {
  const pending = new PendingActs();
  pending.add(0, act('never sent', here));
  pending.add(1_000, act('short', below(1)), 500);
  pending.add(1_000, act('too long', below(1)), 1e9);
  expect(pending.sent(1_200.4, 'short')).toBe(300);
  expect(pending.nextTimeoutMs()).toBe(1_500);
  const over = (nowMs: number) => pending.expire(nowMs).map(({ act: { id }, refusal }) => [id, refusal]);
  expect(over(1_499)).toEqual([]);
  expect(over(1_500)).toEqual([['short', REFUSALS.unknown]]);
  expect(over(ACT_TIMEOUT_MS)).toEqual([['never sent', REFUSALS.away]]);
  expect(over(ACT_TIMEOUT_MS + 1_000)).toEqual([['too long', REFUSALS.away]]);
  expect(pending.nextTimeoutMs()).toBe(Number.POSITIVE_INFINITY);
});

test('only so many at once', () => {
  const pending = new PendingActs();
  for (let i = 0; i < MAX_ACTS_IN_FLIGHT; i++) pending.add(0, act(`${i}`, here));
  expect([pending.add(0, act('more', here)), pending.add(0, act('0', here))]).toEqual(['full', 'known']);
  pending.retain((origin) => origin !== here);
  expect(pending.add(0, act('more', here))).toBe('new');
});
