import { beforeEach, describe, expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { type MeetingDefinition, ZoneRecords } from '../registry/records.ts';
import { DefinitionCopies } from './definition-copies.ts';
import { definitionOf } from './membership-lab.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const meeting = '12345678903' as MeetingId;
let records: ZoneRecords;
let nowMs: number;
let told: MeetingDefinition | undefined | 'away';
let asked: number;
let copies: DefinitionCopies;

beforeEach(() => {
  records = new ZoneRecords(new MemoryRegistry(), 'own' as ZoneId, log);
  [nowMs, asked, told] = [0, 0, definitionOf({ title: 'weekly', home: 'far' })];
  const world = {
    definitionOf: async () => {
      asked++;
      if (told === 'away') throw new ZonecastError('busUnavailable', 'away');
      return told;
    },
  };
  copies = new DefinitionCopies({ world, records, lifeMs: 60_000, now: () => nowMs, log });
});
const copy = async () => (await records.definition(meeting)).value;
const find = async () => copies.find(meeting, await copy());

describe('meetings of other zones', () => {
  test('are kept here for those who come later, for as long as any that is used', async () => {
    expect(await find()).toMatchObject({ title: 'weekly', home: 'far' });
    const kept = await copy();
    expect(kept).toMatchObject({ title: 'weekly', home: 'far' });
    expect((kept?.expiresMs ?? 0) - Date.now()).toBeGreaterThan(50_000);
    told = 'away';
    nowMs = 14_999;
    expect([(await find())?.title, asked]).toEqual(['weekly', 1]);
    nowMs = 60_000;
    expect([(await find())?.title, asked]).toEqual(['weekly', 2]);
  });

  test('are looked at again now and then', async () => {
    await find();
    nowMs = 15_000;
    told = definitionOf({ title: 'weekly', home: 'far', ended: true });
    expect(await find()).toMatchObject({ ended: true });
    expect(await copy()).toMatchObject({ ended: true });
    nowMs = 30_000;
    told = undefined;
    expect([await find(), await copy()]).toEqual([undefined, undefined]);
  });

  test('cannot be joined while nothing is known of them and nobody can be asked', async () => {
    told = 'away';
    await expect(find()).rejects.toMatchObject({ code: 'busUnavailable' });
    told = undefined;
    expect(await find()).toBeUndefined();
  });
});
