import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distanceKm, type GeoPoint, geoPoint } from './geo-point.ts';

const SEED = 21;
const point = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});
const HALF_WAY_KM = Math.PI * 6_371.0088;

test.each([
  // Distances of great-circle calculators for the same radius.
  ['London – New York', { latitude: 51.5074, longitude: -0.1278 }, { latitude: 40.7128, longitude: -74.006 }, 5_570],
  [
    'Sydney – Santiago',
    { latitude: -33.8688, longitude: 151.2093 },
    { latitude: -33.4489, longitude: -70.6693 },
    11_340,
  ],
  ['a degree of the equator', { latitude: 0, longitude: 0 }, { latitude: 0, longitude: 1 }, 111.195],
  ['pole to pole', { latitude: 90, longitude: 7 }, { latitude: -90, longitude: 99 }, HALF_WAY_KM],
  ['over the date line', { latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 }, 111.195],
])('%s', (_, a: GeoPoint, b: GeoPoint, km) => {
  expect(Math.abs(distanceKm(a, b) - km)).toBeLessThan(km * 0.002);
});

test('is a distance', () => {
  fc.assert(
    fc.property(point, point, point, (a, b, c) => {
      const there = distanceKm(a, b);
      expect(distanceKm(a, a)).toBe(0);
      expect(there).toBeCloseTo(distanceKm(b, a), 6);
      expect(there).toBeGreaterThanOrEqual(0);
      expect(there).toBeLessThanOrEqual(HALF_WAY_KM + 1e-6);
      expect(distanceKm(a, c)).toBeLessThanOrEqual(there + distanceKm(b, c) + 1e-3);
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});

test('points off the Earth are refused', () => {
  for (const wrong of [
    { latitude: 91, longitude: 0 },
    { latitude: 0, longitude: -181 },
    { latitude: 0 },
    { latitude: Number.NaN, longitude: 0 },
  ]) {
    expect(geoPoint.safeParse(wrong).success).toBe(false);
  }
});
