import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../common/config.ts';
import type { ZoneId } from '../common/ids.ts';
import { missingKeys, uncommented } from '../common/testing/sample-keys.ts';
import { globalConfigSchema, loadGlobalConfig } from './config.ts';
import { declaredPolicies } from './daemon/declarations.ts';

const SAMPLE = new URL('global-controller.sample.yaml', import.meta.url);
const text = readFileSync(SAMPLE, 'utf8');

test('the sample is valid, with and without what it leaves out, and names every key that exists', () => {
  const { zones, policies } = loadGlobalConfig(SAMPLE.pathname);
  expect(missingKeys(text, globalConfigSchema)).toEqual([]);
  expect(missingKeys(text.replace('#dialTimeoutMs:', '# dialTimeoutMs:'), globalConfigSchema)).toEqual([
    'nats.dialTimeoutMs',
  ]);
  expect(() => parseConfig(uncommented(text), globalConfigSchema, 'sample')).not.toThrow();
  expect(zones.clinic).toMatchObject({ cost: 0, urls: [] });
  expect(declaredPolicies(policies, new Set(Object.keys(zones) as ZoneId[]))).toHaveLength(2);
});

test.each([
  ['  eu-1:', '  eu-1:\n    speed: 3', 'zones.eu-1.speed: unknown key'],
  ['latitude: 50.1', 'latitude: 150.1', 'zones.eu-1.coordinates.latitude'],
  ['residency: local', 'residence: local', 'policies.zone.clinic.residence: unknown key'],
  ['copies: 3', 'copies: 2', 'copies'],
  ['  clinic:', `  ${'x'.repeat(49)}:`, 'zones.'],
])('%j as %j is refused', (good, bad, problem) => {
  expect(text).toContain(good);
  expect(() => parseConfig(text.replace(good, bad), globalConfigSchema, 'sample')).toThrow(problem);
});

test('policies that contradict each other are refused in words', () => {
  const zones = new Set(['eu', 'clinic'] as ZoneId[]);
  expect(() => declaredPolicies({ 'zone.clinic': { residency: 'local', overflow: 'any' } }, zones)).toThrow(
    'overflow has to be never',
  );
  expect(() => declaredPolicies({ 'zone.mars': {} }, zones)).toThrow('there is no zone mars');
  expect(() => declaredPolicies({ mars: {} }, zones)).toThrow('policies.mars is not default');
});
