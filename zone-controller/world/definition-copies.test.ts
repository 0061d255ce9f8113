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
    endMeeting: async () => {
      if (told === 'away') throw new ZonecastError('noResponder', 'away');
      told = told && { ...told, ended: true };
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

  test('are ended where they are at home, later if that cannot be told at once', async () => {
    await find();
    const before = told;
    told = 'away';
    expect(await copies.end(meeting)).toMatchObject({ ended: true });
    // Nobody comes in here meanwhile.
    expect(await find()).toMatchObject({ ended: true });
    told = before;
    // Other news of it does not undo that.
    await copies.told(meeting, definitionOf({ title: 'monthly', home: 'far', revision: 2 }));
    expect(await find()).toMatchObject({ title: 'weekly', ended: true });
    nowMs = 15_000;
    expect(await find()).toMatchObject({ ended: true });
    expect(told).toMatchObject({ ended: true });
    expect((await copy())?.endUntold).toBeUndefined();
  });

  test('that come again are not ended for ever', async () => {
    told = definitionOf({ personal: true, home: 'far' });
    await find();
    expect((await copies.end(meeting))?.ended).toBeUndefined();
    expect(told).not.toHaveProperty('ended');
  });

  test('are as their zone says by itself, if they are used here and that is no older', async () => {
    await copies.told(meeting, definitionOf({ title: 'unknown', home: 'far' }));
    expect(await copy()).toBeUndefined();
    await find();
    await copies.told(meeting, definitionOf({ title: 'monthly', home: 'far', revision: 3 }));
    await copies.told(meeting, definitionOf({ title: 'late', home: 'far', revision: 2 }));
    expect([(await copy())?.title, (await find())?.title, asked]).toEqual(['monthly', 'monthly', 1]);
  });

  test('go on counting since when they have been running here', async () => {
    await find();
    const { value, revision } = await records.definition(meeting);
    await records.putDefinition(meeting, { ...(value ?? definitionOf()), runningSinceMs: 1_000 }, revision);
    nowMs = 15_000;
    await find();
    expect((await copy())?.runningSinceMs).toBe(1_000);
    nowMs = 30_000;
    told = definitionOf({ home: 'far', runningSinceMs: 500 });
    await find();
    expect((await copy())?.runningSinceMs).toBe(500);
  });
});
