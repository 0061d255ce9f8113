import { describe, expect, test } from 'vitest';
import { LayerRates } from './layer-rates.ts';

/** 30 fps: T0 on every second frame with 1000 bytes, T1 on the others with 500; from `startUs` for `seconds`. */
function run(startUs: number, seconds: number): LayerRates {
  const rates = new LayerRates();
  for (let i = 0; i < seconds * 30; i++) {
    const temporal = i % 2;
    rates.handle(startUs + (i * 1e6) / 30, 0, temporal, temporal === 0 ? 1000 : 500, true);
  }
  return rates;
}

describe('rates', () => {
  test.each([0, 1, 65_000, 131_071])('are of the last second, up to and with the layer (start %i µs)', (startUs) => {
    const rates = run(startUs, 5);
    const nowUs = startUs + 5e6;
    expect(rates.bitrateBps(nowUs, 0, 0) / (15 * 8000)).toBeCloseTo(1, 0.9);
    expect(rates.bitrateBps(nowUs, 0, 1) / (15 * 12_000)).toBeCloseTo(1, 0.9);
    expect(rates.framesPerSecond(nowUs, 0, 0)).toBeGreaterThan(13);
    expect(rates.framesPerSecond(nowUs, 0, 1)).toBeLessThan(33);
  });

  test('of a new stream are not too low', () => {
    const rates = run(7e6, 0.3);
    expect(rates.bitrateBps(7.3e6, 0, 1)).toBeGreaterThan(0.8 * 15 * 12_000);
  });

  test('fall to nothing within little more than a second of silence', () => {
    const rates = run(0, 2);
    expect(rates.bitrateBps(3.2e6, 3, 3)).toBe(0);
    expect(rates.framesPerSecond(3.2e6, 3, 3)).toBe(0);
  });

  test('of spatial layers add up, frames of one picture do not', () => {
    const rates = new LayerRates();
    for (let i = 0; i < 30; i++) {
      for (const spatial of [0, 1, 2]) rates.handle((i * 1e6) / 30, spatial, 0, 100, true);
    }
    expect(rates.bitrateBps(1e6, 2, 0) / rates.bitrateBps(1e6, 0, 0)).toBeCloseTo(3);
    expect(rates.framesPerSecond(1e6, 2, 0)).toBeCloseTo(rates.framesPerSecond(1e6, 0, 0));
  });
});
