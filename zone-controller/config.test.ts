import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../common/config.ts';
import { missingKeys, uncommented } from '../common/testing/sample-keys.ts';
import { loadZoneConfig, zoneConfigSchema } from './config.ts';
import { DEFAULT_LIMITS } from './limits/zone-limits.ts';
import { DEFAULT_POLICY } from './placement/placement-policy.ts';

const SAMPLE = new URL('zone-controller.sample.yaml', import.meta.url);
const text = readFileSync(SAMPLE, 'utf8');

test('the sample is valid, with and without what it leaves out, and names every key that exists', () => {
  expect(loadZoneConfig(SAMPLE.pathname).http.publicUrl).toBe('https://meet.example.org');
  expect(missingKeys(text, zoneConfigSchema)).toEqual([]);
  expect(missingKeys(text.replace('#join:', '# join:'), zoneConfigSchema)).toEqual([
    'limits.join.burst',
    'limits.join.perSecond',
  ]);
  expect(() => parseConfig(uncommented(text), zoneConfigSchema, 'sample')).not.toThrow();
});

test("the sample's limits are the defaults", () => {
  const { limits } = parseConfig(uncommented(text), zoneConfigSchema, 'sample');
  for (const [key, value] of Object.entries(limits)) {
    const known = DEFAULT_LIMITS[key as keyof typeof limits];
    if (typeof value === 'number' || typeof known === 'number') expect(value).toBe(known);
    else {
      expect(value?.burst).toBe(known.burst);
      expect(value?.perSecond).toBeCloseTo(known.perSecond, 3);
    }
  }
});

describe('placement', () => {
  const withPlacement = (lines: string) => () =>
    parseConfig(text.replace('  whenFull: refuse', lines), zoneConfigSchema, 'sample').placement;

  test('is the default, whether the sample leaves it out or says it', () => {
    expect(parseConfig(text, zoneConfigSchema, 'sample').placement).toEqual(DEFAULT_POLICY);
    expect(parseConfig(uncommented(text), zoneConfigSchema, 'sample').placement).toEqual(DEFAULT_POLICY);
  });

  test('can be another', () => {
    const policy = withPlacement('  whenFull: audioOnly\n  trunkReserve: 0.3\n  near: [room]')();
    expect(policy).toEqual({ ...DEFAULT_POLICY, whenFull: 'audioOnly', trunkReserve: 0.3, near: ['room'] });
  });

  test.each([
    ['whenFull: queue', 'placement.whenFull'],
    ['trunkReserve: 0.6', 'placement.trunkReserve'],
    ['expectedPeople: 0', 'placement.expectedPeople'],
    ['maxPlaces: 257', 'placement.maxPlaces'],
    ['reportStaleMs: 500', 'placement.reportStaleMs'],
    ['joinRate: { burst: 10 }', 'placement.joinRate.perSecond'],
    ['shrinkBelow: 0.8', 'placement.shrinkBelow'],
    ['rebalanceGap: 0.75', 'placement.rebalanceGap'],
    ['headroom: 0.2', 'placement.headroom: unknown key'],
  ])('%s is refused', (line, message) => {
    expect(withPlacement(`  ${line}`)).toThrow(message);
  });
});
