import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { DIRECTORY_BUCKET, directoryKey, POLICIES_BUCKET } from '../buckets.ts';
import { digestOf, readDigest } from '../world/world-digest.ts';
import { recordOf } from '../zones/zone-directory-lab.ts';
import { declaredPolicies, writeDeclarations } from './declarations.ts';
import { WorldLab } from './world-lab.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const BETA = 'beta' as ZoneId;
let lab: WorldLab;

beforeEach(async () => {
  lab = new WorldLab();
  await lab.begin(['alpha', 'beta'], 2);
});
afterEach(() => lab.close());

test('what is declared is written once, however often and by whomever; changes make a new revision', async () => {
  const zones = new Map([[BETA, recordOf({ name: 'Oslo' })]]);
  const declare = (rules: Parameters<typeof declaredPolicies>[0]) =>
    Promise.all(
      lab.controllers.map(({ bus }) =>
        writeDeclarations(bus, { zones, policies: declaredPolicies(rules, new Set([BETA])) }, log).catch(String),
      ),
    );
  await declare({ 'zone.beta': { overflow: 'never' } });
  const bus = lab.controllers[0]?.bus;
  const revisions = async () => [
    (await bus?.bucket(DIRECTORY_BUCKET).get(directoryKey(BETA)))?.revision,
    (await bus?.bucket(POLICIES_BUCKET).get('zone.beta'))?.revision,
  ];
  const before = await revisions();
  expect(await declare({ 'zone.beta': { overflow: 'never' } })).toEqual([undefined, undefined]);
  expect(await revisions()).toEqual(before);
  await declare({ 'zone.beta': {} });
  await lab.settle();
  for (const { mirror } of lab.controllers) {
    expect(mirror.directory.zone(BETA, 0)?.record.name).toBe('Oslo');
    expect(mirror.policies.all().map(({ policy }) => policy)).toEqual([{ revision: 2 }]);
  }
});

test('what operators have drained stays so unless the declaration says something of it', async () => {
  const bus = lab.controllers[0]?.bus;
  if (bus === undefined) throw new Error('no controller');
  await lab.record('beta', { drained: true });
  const { drained: _, ...silent } = recordOf();
  const declare = (zone: typeof silent & { drained?: boolean }) =>
    writeDeclarations(bus, { zones: new Map([[BETA, zone]]), policies: [] }, log);
  const isDrained = async () => (await bus.bucket(DIRECTORY_BUCKET).get(directoryKey(BETA)))?.value;
  await declare(silent);
  expect(await isDrained()).toMatchObject({ drained: true });
  await declare({ ...silent, drained: false });
  expect(await isDrained()).toMatchObject({ drained: false });
});

test('zones hear of all zones what ranking needs', () => {
  const zones = lab.controllers[0]?.mirror.planningWorld().zones.values() ?? [];
  const digest = digestOf(zones);
  expect(readDigest(JSON.parse(JSON.stringify(digest)))).toEqual(digest);
  expect(digest.zones).toMatchObject([
    { zone: 'alpha', standing: 'well', drained: false, status: { routersReady: 2 } },
    { zone: 'beta', standing: 'well' },
  ]);
  for (const wrong of [
    null,
    {},
    { zones: [{ zone: 'a b' }] },
    { zones: Array.from({ length: 1_001 }, () => digest.zones[0]) },
  ]) {
    expect(readDigest(wrong)).toBeUndefined();
  }
});
