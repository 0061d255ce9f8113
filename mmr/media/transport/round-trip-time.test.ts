import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ntpHigh, ntpLow, ntpMiddle, toNtpUnits } from './ntp-time.ts';
import { RoundTripTime } from './round-trip-time.ts';

/** A report that arrives `rttMs` (and the peer's own delay) after our sender report of `sentUs`. */
function sample(roundTrip: RoundTripTime, sentUs: number, rttMs: number, delayMs = 0): void {
  const nowUs = sentUs + (rttMs + delayMs) * 1000;
  roundTrip.handleReport(nowUs, ntpMiddle(sentUs), toNtpUnits(delayMs * 1000));
}

describe('round-trip time', () => {
  test('the first sample counts in full, later ones by an eighth', () => {
    const roundTrip = new RoundTripTime();
    sample(roundTrip, 5e9, 100, 250);
    expect(roundTrip.ms).toBeCloseTo(100, 1);
    sample(roundTrip, 6e9, 180, 700);
    expect(roundTrip.ms).toBeCloseTo(110, 1);
  });

  test('across the wrap-around of the 16 bits of seconds', () => {
    const roundTrip = new RoundTripTime();
    sample(roundTrip, 65_536e6 - 20_000, 60);
    expect(roundTrip.ms).toBeCloseTo(60, 1);
  });

  test('LSR 0 means that the peer has seen no report, whatever the clock says', () => {
    const roundTrip = new RoundTripTime();
    roundTrip.handleReport(65_536e6 + 40_000, 0, 0);
    expect(roundTrip.ms).toBeUndefined();
  });

  test('property: any honest report within 30 s is measured to within rounding', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1e6, max: 1e12 }),
        fc.double({ min: 0, max: 29_000, noNaN: true }),
        fc.double({ min: 0, max: 10_000, noNaN: true }),
        (sentUs, rttMs, delayMs) => {
          fc.pre(ntpMiddle(sentUs) !== 0);
          const roundTrip = new RoundTripTime();
          sample(roundTrip, sentUs, rttMs, delayMs);
          expect(Math.abs((roundTrip.ms ?? Number.NaN) - rttMs)).toBeLessThan(0.05);
        },
      ),
      { seed: 6298, numRuns: 500 },
    );
  });

  test('property: whatever the peer claims, it stays between 0 and 30 s', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)), { maxLength: 50 }), (reports) => {
        const roundTrip = new RoundTripTime();
        for (const [lsr, dlsr] of reports) roundTrip.handleReport(123_456_789_000, lsr, dlsr);
        if (roundTrip.ms === undefined) return;
        expect(roundTrip.ms).toBeGreaterThanOrEqual(0);
        expect(roundTrip.ms).toBeLessThanOrEqual(30_000);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

test.each([
  { us: 0, high: 0, low: 0, middle: 0 },
  { us: 1_500_000, high: 1, low: 0x80000000, middle: 0x18000 },
  { us: 65_536e6, high: 0x10000, low: 0, middle: 0 },
  { us: 65_537.25e6, high: 0x10001, low: 0x40000000, middle: 0x14000 },
])('NTP time of $us µs', ({ us, high, low, middle }) => {
  expect([ntpHigh(us), ntpLow(us), ntpMiddle(us)]).toEqual([high, low, middle]);
});

test.each([
  [-5, 0],
  [0, 0],
  [1_000_000, 65_536],
  [1e15, 0xffffffff],
])('%i µs are %i units of 1/65536 s', (us, units) => {
  expect(toNtpUnits(us)).toBe(units);
});
