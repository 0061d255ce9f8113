import { describe, expect, test } from 'vitest';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { ZoneRecords } from './records.ts';
import { testRegistryContract } from './registry-contract.ts';

testRegistryContract('memory', async () => new MemoryRegistry());

test('a watch from a time that is forgotten is refused', async () => {
  const registry = new MemoryRegistry();
  for (let count = 0; count < 10_001; count++) await registry.put('/a', '');
  expect(() => registry.watch('/', () => undefined, 1)).toThrow('forgotten');
});

describe('zone records', () => {
  const meeting = '12345678901' as MeetingId;
  const log = createLogger({ name: 'test', level: 'silent' });

  test.each(['not JSON', '{}', '{"epoch":"1","router":null}', '{"epoch":0,"router":"r"}', 'null'])(
    'the malformed placement %j is ignored and never overwritten by accident',
    async (text) => {
      const registry = new MemoryRegistry();
      const records = new ZoneRecords(registry, 'z' as ZoneId, log);
      const revision = await registry.put(`/zonecast/zones/z/placements/${meeting}`, text);
      expect(await records.placement(meeting)).toEqual({ value: undefined, revision });
      expect(records.malformed).toBe(1);
      await expect(records.putPlacement(meeting, { epoch: 1, router: null }, 0)).rejects.toMatchObject({
        code: 'revisionConflict',
      });
    },
  );
});
