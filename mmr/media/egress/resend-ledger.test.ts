import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_RESENDS, ResendLedger } from './resend-ledger.ts';

const START_US = 5_000_000_000;

test('a number is sent again three times at most, and not while a copy is on its way', () => {
  const ledger = new ResendLedger();
  for (let i = 0; i < MAX_RESENDS; i++) {
    const nowUs = START_US + i * 50_000;
    expect([ledger.isHeard(nowUs, 70_000), ledger.mayTake(70_000)]).toEqual([true, true]);
    ledger.take(nowUs, 70_000, 0);
    expect(ledger.isHeard(nowUs + 39_000, 70_000)).toBe(false);
  }
  expect(ledger.mayTake(70_000)).toBe(false);
  expect(ledger.mayTake(70_001)).toBe(true);
});

test('a copy that waits is on its way for longer', () => {
  const ledger = new ResendLedger();
  ledger.take(START_US, 7, 100_000);
  expect(ledger.isHeard(START_US + 130_000, 7)).toBe(false);
  expect(ledger.isHeard(START_US + 141_000, 7)).toBe(true);
});

test('all of the last 1024 numbers are known, in whatever order they are asked for', () => {
  const number = fc.integer({ min: 0, max: 1023 });
  const base = fc.oneof(fc.integer({ min: 0, max: 2 ** 40 }), fc.constant(2 ** 29 - 500), fc.constant(2 ** 32 - 500));
  fc.assert(
    fc.property(fc.array(number, { maxLength: 400 }), base, (asked, from) => {
      const ledger = new ResendLedger();
      const taken = new Map<number, number>();
      for (const offset of asked) {
        const before = taken.get(offset) ?? 0;
        expect(ledger.mayTake(from + offset)).toBe(before < MAX_RESENDS);
        if (before === MAX_RESENDS) continue;
        ledger.take(START_US, from + offset, 0);
        taken.set(offset, before + 1);
        expect(ledger.isHeard(START_US, from + offset)).toBe(false);
      }
    }),
  );
});
