import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../common/config.ts';
import { missingKeys, uncommented } from '../common/testing/sample-keys.ts';
import { loadZoneConfig, zoneConfigSchema } from './config.ts';
import { DEFAULT_LIMITS } from './limits/zone-limits.ts';

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
