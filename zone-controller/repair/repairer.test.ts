import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { MemoryStore } from '../registry/memory-store.ts';
import { ZoneRecords } from '../registry/records.ts';
import { ABSENT } from '../registry/registry.ts';
import { placement, RepairLab, textOf } from './repair-lab.ts';
import { Repairer, type RepairerOptions } from './repairer.ts';

const M = 'm' as MeetingId;

/** The lab's world, and a registry that has its placement. */
async function repairs(lab: RepairLab, record: ReturnType<typeof placement>, changes: Partial<RepairerOptions> = {}) {
  const registry = new MemoryRegistry(new MemoryStore());
  const records = new ZoneRecords(registry, 'z' as ZoneId, pino({ level: 'silent' }));
  await records.putPlacement(M, record, ABSENT);
  lab.place('m', record);
  const placed: string[] = [];
  const reserved: unknown[] = [];
  const repairer = new Repairer({
    records,
    isLeader: () => true,
    world: () => lab.world(),
    placed: (_, next) => placed.push(textOf(next)),
    closeIfEmpty: async () => undefined,
    reserve: (items) => reserved.push(...items),
    log: pino({ level: 'silent' }),
    ...changes,
  });
  const current = async () => {
    const { value } = await records.placement(M);
    return value && `${value.epoch}.${value.version} ${textOf(value)}`;
  };
  return { repairer, records, registry, placed, reserved, current };
}

function drained(): RepairLab {
  const lab = new RepairLab();
  lab.report({ 'm a/0': 5 });
  lab.drain('a');
  return lab;
}

test('what is planned is written, promised and told', async () => {
  const { repairer, current, placed, reserved } = await repairs(drained(), placement('a/0'));
  await repairer.run();
  expect(await current()).toBe('1.2 -a/0 b/0<0');
  expect(placed).toEqual(['-a/0 b/0<0']);
  expect(reserved).toMatchObject([{ router: 'b', worker: 0, demand: { participants: 5 } }]);
});

test('nothing is written by who does not lead, or does not any more', async () => {
  let asked = 0;
  const none = await repairs(drained(), placement('a/0'), { isLeader: () => false });
  await none.repairer.run();
  expect(await none.current()).toBe('1.1 a/0');
  // It still led when it planned, and when it began to act.
  const late = await repairs(drained(), placement('a/0'), { isLeader: () => ++asked <= 2 });
  await late.repairer.run();
  expect(asked).toBe(3);
  expect(await late.current()).toBe('1.1 a/0');
});

test('a plan that was made for another placement than there is changes nothing', async () => {
  const { repairer, records, current, placed, reserved } = await repairs(drained(), placement('a/0'));
  const { revision } = await records.placement(M);
  await records.putPlacement(M, placement('a/0 c/0<0', 1, 2), revision);
  await repairer.run();
  expect(await current()).toBe('1.2 a/0 c/0<0');
  expect([placed, reserved]).toEqual([[], []]);
});

test('a place is not given up while the registry has a record of its router', async () => {
  const lab = new RepairLab();
  const { repairer, records, registry, current } = await repairs(lab, placement('a/0 b/0<0'));
  lab.lose('a');
  lab.pass(5_000);
  await registry.put(records.routerKey('a' as RouterId), '{}');
  await repairer.run();
  expect(await current()).toBe('1.1 a/0 b/0<0');
  await registry.delete(records.routerKey('a' as RouterId));
  await repairer.run();
  expect(await current()).toBe('2.2 b/0');
});

test('a meeting ends on its router first, which may refuse; one that was closed before is released all the same', async () => {
  const empty = (): RepairLab => {
    const lab = new RepairLab();
    lab.pass(700_000);
    return lab;
  };
  const failing = async (code: 'revisionConflict' | 'staleEpoch' | 'noRouter') => {
    const lab = empty();
    const closeIfEmpty = () => Promise.reject(new ZonecastError(code, 'no'));
    const { repairer, current } = await repairs(lab, placement('a/0'), { closeIfEmpty });
    lab.pass(700_000);
    lab.report({});
    await repairer.run();
    return current();
  };
  expect(await failing('revisionConflict')).toBe('1.1 a/0');
  expect(await failing('noRouter')).toBe('1.1 a/0');
  expect(await failing('staleEpoch')).toBe('1.2 nowhere');
});

test('while the registry is away nothing more is tried; afterwards it is planned again', async () => {
  const lab = drained();
  const { repairer, records, current } = await repairs(lab, placement('a/0'));
  lab.place('n', placement('a/0'));
  lab.report({ 'm a/0': 5, 'n a/0': 5 });
  const { placement: read } = records;
  let reads = 0;
  records.placement = () => {
    reads++;
    return Promise.reject(new ZonecastError('registryUnavailable', 'away'));
  };
  await repairer.run();
  expect(reads).toBe(1);
  records.placement = read;
  await repairer.run();
  expect(await current()).toBe('1.2 -a/0 b/0<0');
});
