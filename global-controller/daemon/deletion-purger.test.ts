import { expect, test } from 'vitest';
import { BusCounters } from '../../bus/bus-observer.ts';
import { MemoryHub } from '../../bus/memory/memory-hub.ts';
import { MemoryTransport } from '../../bus/memory/memory-transport.ts';
import { SignedBus } from '../../bus/signed-bus.ts';
import { ZONES } from '../../bus/testing/test-zones.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { presenceBucket, TREES_BUCKET } from '../buckets.ts';
import { DELETIONS_KEPT_MS, DeletionPurger } from './deletion-purger.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const PRESENCE = presenceBucket('alpha' as ZoneId);
const BUCKETS = [PRESENCE, TREES_BUCKET];

class Lab {
  nowMs = 1_800_000_000_000;
  readonly hub = new MemoryHub();

  open(zone: string, instance = 'one'): SignedBus {
    return new SignedBus({
      transport: new MemoryTransport(this.hub),
      identity: ZONES.identity(zone, instance),
      keyRing: ZONES.keyRing,
      observer: new BusCounters(),
      log,
      nowMs: () => this.nowMs,
    });
  }

  purger(bus: SignedBus, maxPurged?: number): DeletionPurger {
    const most = maxPurged === undefined ? {} : { maxPurged };
    return new DeletionPurger({ bus, buckets: () => BUCKETS, random: () => 0.5, log, ...most });
  }

  /** A meeting that begins and ends. */
  async meet(key: string): Promise<void> {
    const [zone, global] = [this.open('alpha'), this.open('global')];
    await zone.bucket(PRESENCE).put(key, 1);
    await global.bucket(TREES_BUCKET).put(key, 1);
    await zone.bucket(PRESENCE).delete(key);
    await global.bucket(TREES_BUCKET).delete(key);
  }

  isKept(key: string): boolean[] {
    return BUCKETS.map(({ name }) => this.hub.bucket(name).last(key) !== undefined);
  }
}

test('what was deleted long ago is purged, of the zones too, and by several at once only once', async () => {
  const lab = new Lab();
  await lab.meet('old');
  lab.nowMs += DELETIONS_KEPT_MS / 2;
  await lab.meet('young');
  await lab.open('global').bucket(TREES_BUCKET).put('lives', 1);
  lab.nowMs += DELETIONS_KEPT_MS / 2;
  const purgers = [lab.purger(lab.open('global')), lab.purger(lab.open('global', 'two'))];
  expect(await Promise.all(purgers.map((purger) => purger.run()))).toEqual([false, false]);
  expect(lab.isKept('old')).toEqual([false, false]);
  expect(lab.isKept('young')).toEqual([true, true]);
  expect(lab.isKept('lives')).toEqual([false, true]);
  const counts = purgers.map(({ counts }) => counts);
  expect(counts.reduce((sum, { purged }) => sum + purged, 0)).toBe(2);
  expect(counts.map(({ failures }) => failures)).toEqual([0, 0]);
});

test('a round takes so many of a bucket, and says that there are more', async () => {
  const lab = new Lab();
  for (let meeting = 0; meeting < 5; meeting++) await lab.meet(`m${meeting}`);
  lab.nowMs += DELETIONS_KEPT_MS;
  const purger = lab.purger(lab.open('global'), 2);
  expect([await purger.run(), await purger.run(), await purger.run()]).toEqual([true, true, false]);
  expect(purger.counts).toEqual({ purged: 10, failures: 0 });
});

test('a bucket that fails is counted, and the others are purged', async () => {
  const lab = new Lab();
  await lab.meet('a');
  lab.nowMs += DELETIONS_KEPT_MS;
  const bus = lab.open('global');
  lab.hub.bucket(PRESENCE.name).purge = () => {
    throw new ZonecastError('unauthorized', 'The server does not allow this.');
  };
  const purger = lab.purger(bus);
  expect(await purger.run()).toBe(false);
  expect(purger.counts).toEqual({ purged: 1, failures: 1 });
  expect(lab.isKept('a')).toEqual([true, false]);
});

test('while the bus is away a round does nothing, and comes again soon', async () => {
  const lab = new Lab();
  lab.hub.setUp(false);
  const purger = lab.purger(lab.open('global'));
  expect(await purger.run()).toBe(true);
  expect(purger.counts).toEqual({ purged: 0, failures: 0 });
});
