import { describe, expect, test } from 'vitest';
import { count, duration, milliseconds, parseDurationMs, percent, perSecond } from './units.ts';

describe('units', () => {
  test.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1h2m3s', 3_723_000],
    ['0s', 0],
    ['', undefined],
    ['10', undefined],
    ['10 m', undefined],
    ['-5m', undefined],
    ['5m1h', undefined],
  ])('%j is %j ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  test.each([
    [0, '0 s'],
    [-3_000, '0 s'],
    [999, '1 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [590_000, '9 min 50 s'],
    [3_600_000, '1 h'],
    [3_601_000, '1 h'],
    [93_784_000, '1 d 2 h'],
  ])('%j ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  test.each([
    [perSecond(0), '0 /s'],
    [perSecond(999.4), '999 /s'],
    [perSecond(999.5), '1.0 k/s'],
    [perSecond(12_345), '12.3 k/s'],
    [perSecond(1_234_567), '1.2 M/s'],
    [percent(0.005), '1 %'],
    [percent(1.234), '123 %'],
    [milliseconds(0.04), '0.0 ms'],
    [milliseconds(9.94), '9.9 ms'],
    [milliseconds(12.6), '13 ms'],
    [count(1, 'meeting'), '1 meeting'],
    [count(0, 'meeting'), '0 meetings'],
    [count(2, 'person', 'people'), '2 people'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });
});
