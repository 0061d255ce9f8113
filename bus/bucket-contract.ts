/** What the buckets of every Bus must do; part of bus-contract.ts. */
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFailed, test } from 'vitest';
import { Random } from '../test/fuzz/random.ts';
import { ABSENT, type Bucket, type BucketSpec, type BucketWatch } from './bucket.ts';
import { Signer } from './envelope/signer.ts';
import { MAX_SKEW_MS } from './envelope/verifier.ts';
import { keySubject } from './subjects.ts';
import { becomes } from './testing/becomes.ts';
import { BucketCollector } from './testing/collectors.ts';
import { countUp } from './testing/count-up.ts';
import { STRANGERS, type TestBus, ZONES } from './testing/test-zones.ts';
import type { Transport } from './transport.ts';

export interface BucketsUnderTest {
  readonly open: (zone: string, instance?: string) => Promise<TestBus>;
  readonly openRaw: () => Promise<Transport>;
  readonly stopServer: () => Promise<void>;
  readonly startServer: () => Promise<void>;
}

const CONFLICT = { code: 'revisionConflict' };
const DAY_MS = 24 * 3600 * 1000;

interface Setup {
  readonly spec: BucketSpec;
  readonly alpha: TestBus;
  readonly beta: TestBus;
  readonly bucket: Bucket;
  readonly other: Bucket;
}

export function testBucketContract({ open, openRaw, stopServer, startServer }: BucketsUnderTest): void {
  /** A new bucket, as alpha and beta see it. */
  async function setUp(writerOf: BucketSpec['writerOf'] = () => undefined): Promise<Setup> {
    const spec: BucketSpec = { name: `test-${randomUUID()}`, writerOf };
    const [alpha, beta] = [await open('alpha'), await open('beta')];
    const bucket = alpha.bus.bucket(spec);
    await bucket.provision({ replicas: 1, maxBytes: 4_000_000 });
    return { spec, alpha, beta, bucket, other: beta.bus.bucket(spec) };
  }

  async function watch(bucket: Bucket, prefix = ''): Promise<BucketCollector & { watch: BucketWatch }> {
    const collector = new BucketCollector();
    const watched = bucket.watch(prefix, collector);
    await collector.until(() => collector.completed > 0);
    return Object.assign(collector, { watch: watched });
  }

  describe('keys', () => {
    test('hold what was put, with who wrote it and growing revisions', async () => {
      const { bucket, other } = await setUp();
      expect(await bucket.get('a')).toBeUndefined();
      const first = await bucket.put('a', { one: [1] });
      const second = await bucket.put('b', null);
      expect(first).toBeGreaterThan(ABSENT);
      expect(second).toBeGreaterThan(first);
      const sender = { zone: 'alpha', instance: 'one' };
      const entry = { key: 'a', value: { one: [1] }, revision: first, sender, timeMs: expect.any(Number) };
      expect(await other.get('a')).toEqual(entry);
      expect(await other.get('b')).toMatchObject({ value: null, revision: second });
    });

    test('are listed by prefix, in order', async () => {
      const { bucket, other } = await setUp();
      for (const key of ['x.b', 'x.a', 'xa', 'x.a.c', 'y', 'x', 'x.-/=_.Z', 'x.gone']) await bucket.put(key, key);
      await bucket.delete('x.gone');
      const list = async (prefix: string) => (await other.list(prefix)).map(({ key }) => key);
      expect(await list('x.')).toEqual(['x.-/=_.Z', 'x.a', 'x.a.c', 'x.b']);
      expect(await list('x.a')).toEqual(['x.a', 'x.a.c']);
      expect(await list('')).toEqual(['x', 'x.-/=_.Z', 'x.a', 'x.a.c', 'x.b', 'xa', 'y']);
      expect(await list('nothing')).toEqual([]);
    });

    test('are listed when the bucket is empty, or what was last is deleted', async () => {
      const { bucket, other } = await setUp();
      expect(await other.list('')).toEqual([]);
      await bucket.put('a', 1);
      await bucket.delete('a');
      expect(await other.list('')).toEqual([]);
    });

    test('may be many', async () => {
      const { bucket, other } = await setUp();
      const keys = Array.from({ length: 500 }, (_, index) => `many.${String(index).padStart(4, '0')}`);
      await Promise.all(keys.map((key) => bucket.put(key, key.repeat(50))));
      const entries = await other.list('many.');
      expect(entries.map(({ key }) => key)).toEqual(keys);
      expect(entries.every(({ key, value }) => value === key.repeat(50))).toBe(true);
    });

    test.each(['', '.', 'a.', '.a', 'a..b', 'a b', 'a*', '>', 'ä', '$a', 'x'.repeat(161)])('are no %j', async (key) => {
      const { bucket } = await setUp();
      await expect(bucket.put(key, 1)).rejects.toThrow(RangeError);
      await expect(bucket.get(key)).rejects.toThrow(RangeError);
      await expect(bucket.delete(key)).rejects.toThrow(RangeError);
    });
  });

  describe('compare-and-swap', () => {
    test('writes only what is as expected', async () => {
      const { bucket, other } = await setUp();
      const first = await bucket.put('a', 'one', ABSENT);
      await expect(other.put('a', 'two', ABSENT)).rejects.toMatchObject(CONFLICT);
      await expect(other.put('a', 'two', first + 1)).rejects.toMatchObject(CONFLICT);
      const second = await other.put('a', 'two', first);
      await expect(bucket.put('a', 'three', first)).rejects.toMatchObject(CONFLICT);
      expect(await bucket.get('a')).toMatchObject({ value: 'two', revision: second });
      await expect(bucket.put('b', 'one', first)).rejects.toMatchObject(CONFLICT);
      expect(await bucket.get('b')).toBeUndefined();
    });

    test('deletes only what is as expected', async () => {
      const { bucket, other } = await setUp();
      const revision = await bucket.put('a', 'one');
      await expect(other.delete('a', revision + 1)).rejects.toMatchObject(CONFLICT);
      await expect(other.delete('a', ABSENT)).rejects.toMatchObject(CONFLICT);
      expect(await other.delete('a', revision)).toBe(true);
      expect(await bucket.get('a')).toBeUndefined();
      await expect(other.delete('a', revision)).rejects.toMatchObject(CONFLICT);
      expect(await other.delete('a', ABSENT)).toBe(false);
      expect(await other.delete('a')).toBe(false);
      expect(await bucket.put('a', 'two', ABSENT)).toBeGreaterThan(revision);
      expect(await other.delete('a')).toBe(true);
    });

    test('lets one of many win', async () => {
      const { bucket, other } = await setUp();
      for (const expected of [ABSENT, await bucket.put('b', 'start')]) {
        const key = expected === ABSENT ? 'a' : 'b';
        const writes = Array.from({ length: 40 }, (_, index) => (index % 2 ? bucket : other).put(key, index, expected));
        const results = await Promise.allSettled(writes);
        const winners = results.flatMap((result, index) => (result.status === 'fulfilled' ? [index] : []));
        expect(winners).toHaveLength(1);
        expect((await bucket.get(key))?.value).toBe(winners[0]);
        const losers = results.filter((result) => result.status === 'rejected');
        expect(losers.every(({ reason }) => reason.code === 'revisionConflict')).toBe(true);
      }
    });

    test('of many keys at once lets each win', async () => {
      const { bucket } = await setUp();
      const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
      const revisions = await Promise.all(keys.map((key) => bucket.put(key, 1, ABSENT)));
      await Promise.all(keys.map((key, index) => bucket.put(key, 2, revisions[index])));
      expect((await bucket.list('')).map(({ value }) => value)).toEqual(keys.map(() => 2));
    });

    test('loses no count of many that count at once', async () => {
      const { bucket, other } = await setUp();
      await Promise.all([bucket, other, bucket, other].map((each) => countUp(each, 'count', 25)));
      expect((await bucket.get('count'))?.value).toBe(100);
    });
  });

  describe('a purge of deletions', () => {
    const ALL = { olderThanMs: 0, atMost: 1_000 };

    test('takes away what is deleted and old enough, so many at a time, and nothing else', async () => {
      const { spec, bucket, other } = await setUp();
      const raw = (await openRaw()).store(spec.name);
      for (const key of ['a', 'b', 'c', 'kept', 'again']) await bucket.put(key, key);
      for (const key of ['a', 'b', 'c', 'again']) await bucket.delete(key);
      await bucket.put('again', 2);
      const before = await bucket.list('');
      expect(await other.purgeDeletions({ olderThanMs: 60_000, atMost: 10 })).toBe(0);
      expect(await raw.last('a')).toBeDefined();
      expect(await other.purgeDeletions({ olderThanMs: 0, atMost: 2 })).toBe(2);
      expect(await other.purgeDeletions(ALL)).toBe(1);
      expect(await other.purgeDeletions(ALL)).toBe(0);
      for (const key of ['a', 'b', 'c']) expect(await raw.last(key)).toBeUndefined();
      expect(await bucket.list('')).toEqual(before);
      expect(before.map(({ key }) => key)).toEqual(['again', 'kept']);
    });

    test('leaves a key that is written again after it was looked at', async () => {
      const { spec, bucket, other } = await setUp();
      const raw = (await openRaw()).store(spec.name);
      await bucket.put('a', 1);
      await bucket.delete('a');
      const marker = await raw.last('a');
      const revision = await bucket.put('a', 2);
      expect(await raw.purge('a', marker?.revision ?? 0)).toBe(false);
      expect(await other.get('a')).toMatchObject({ value: 2, revision });
    });

    test('by several at once, beside writers, loses no write and makes no conflict', async () => {
      const { spec, bucket, alpha, other } = await setUp();
      const seen = await watch(other);
      const last = new Map<string, number>();
      let isOver = false;
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        const mine = alpha.bus.bucket(spec);
        for (let round = 0; round < 40; round++) {
          const key = `k${writer}.${round % 3}`;
          await mine.put(key, round, ABSENT);
          if (round >= 37) last.set(key, round);
          else await mine.delete(key);
          await setImmediate(); // a bus in memory would let nobody else go on
        }
      });
      const purgers = [bucket, other].map(async (each) => {
        let purged = 0;
        while (!isOver) purged += await each.purgeDeletions(ALL);
        return purged;
      });
      await Promise.all(writers);
      isOver = true;
      expect((await Promise.all(purgers)).reduce((sum, each) => sum + each)).toBeGreaterThan(0);
      expect(new Map((await bucket.list('')).map(({ key, value }) => [key, value]))).toEqual(new Map([...last].sort()));
      await bucket.put('end', -1);
      await seen.until(() => seen.values.has('end'));
      seen.values.delete('end');
      expect(new Map([...seen.values].sort())).toEqual(new Map([...last].sort()));
    });

    test('changes nothing for a watch that was away, or is there', async () => {
      const { bucket, other, alpha, beta } = await setUp();
      for (const key of ['before', 'during', 'again', 'kept']) await bucket.put(key, 1);
      const seen = await watch(other);
      await bucket.delete('before');
      await seen.until(() => seen.changes.length === 5);
      expect(await bucket.purgeDeletions(ALL)).toBe(1);
      await stopServer();
      await Promise.all([becomes(alpha.bus, 'away'), becomes(beta.bus, 'away')]);
      await startServer();
      await Promise.all([alpha.bus.connected(), beta.bus.connected()]);
      await bucket.delete('during');
      await bucket.delete('again');
      // A server that was killed may have forgotten the purge: then it is three.
      expect(await bucket.purgeDeletions(ALL)).toBeGreaterThanOrEqual(2);
      expect(await bucket.put('again', 2, ABSENT)).toBeGreaterThan(ABSENT);
      await bucket.put('new', 3);
      await seen.until(() => seen.values.has('new') && !seen.values.has('during') && seen.values.get('again') === 2);
      expect(new Map([...seen.values].sort())).toEqual(
        new Map([
          ['again', 2],
          ['kept', 1],
          ['new', 3],
        ]),
      );
      expect(seen.story.filter((line) => line === '-before')).toHaveLength(1);
      expect(seen.completed).toBe(1);
    });

    test('leaves what is not validly signed as a deletion', async () => {
      const { spec, bucket } = await setUp(() => 'alpha');
      const raw = (await openRaw()).store(spec.name);
      await raw.append('a', stranger().wrap('deletion', keySubject(spec.name, 'a'), null), undefined, true);
      await raw.append('b', Buffer.from('forged'), undefined, true);
      expect(await bucket.purgeDeletions(ALL)).toBe(0);
      expect([await raw.last('a'), await raw.last('b')]).not.toContain(undefined);
    });
  });

  describe('watches', () => {
    test('report what is there, then that this is all, then what changes', async () => {
      const { bucket, other } = await setUp();
      for (const key of ['w.a', 'w.b', 'w.gone', 'other']) await bucket.put(key, key);
      await bucket.delete('w.gone');
      const collector = new BucketCollector();
      let before: string[] | undefined;
      const complete = collector.complete.bind(collector);
      other.watch('w.', {
        changed: (change) => collector.changed(change),
        complete: () => {
          before = [...collector.story];
          complete();
        },
      });
      await collector.until(() => collector.completed === 1);
      expect(before?.toSorted()).toEqual(['w.a="w.a"', 'w.b="w.b"']);
      const revision = await bucket.put('w.a', 2);
      await bucket.put('other', 2);
      await bucket.delete('w.b');
      await bucket.put('w.b', 3);
      await collector.until(() => collector.changes.length === 5);
      expect(collector.story.slice(2)).toEqual(['w.a=2', '-w.b', 'w.b=3']);
      expect(collector.changes[2]).toMatchObject({ entry: { revision, sender: { zone: 'alpha', instance: 'one' } } });
      expect(collector.completed).toBe(1);
    });

    test('of an empty bucket are complete at once', async () => {
      const { other, bucket } = await setUp();
      const seen = await watch(other);
      expect(seen.changes).toEqual([]);
      await bucket.put('a', 1);
      await seen.until(() => seen.changes.length === 1);
    });

    test('are silent when closed', async () => {
      const { bucket, other } = await setUp();
      const [closed, open] = [await watch(other), await watch(other)];
      closed.watch.close();
      await bucket.put('a', 1);
      await open.until(() => open.changes.length === 1);
      expect(closed.changes).toEqual([]);
    });

    test('come to the last value of every key that many write', async () => {
      const seed = Number(process.env.BUS_SEED ?? Math.floor(Math.random() * 2 ** 32));
      onTestFailed(() => void process.stderr.write(`BUS_SEED=${seed}\n`));
      const random = new Random(seed);
      const { bucket, other } = await setUp();
      const seen = await watch(other);
      const last = new Map<string, number>();
      for (let round = 0; round < 50; round++) {
        const keys = new Set(Array.from({ length: 8 }, () => `k${random.below(20)}`));
        await Promise.all(
          [...keys].map(async (key) => {
            if (random.chance(3)) {
              last.delete(key);
              await bucket.delete(key);
            } else {
              last.set(key, round);
              await bucket.put(key, round);
            }
          }),
        );
      }
      await bucket.put('end', -1);
      await seen.until(() => seen.values.has('end'));
      seen.values.delete('end');
      expect(new Map([...seen.values].sort())).toEqual(new Map([...last].sort()));
      const revisions = seen.changes.map((change) => (change.type === 'put' ? change.entry.revision : change.revision));
      expect(new Set(revisions).size).toBe(revisions.length);
    });

    test('go on after an outage with what changed, once', async () => {
      const { bucket, other, alpha, beta } = await setUp();
      for (const key of ['kept', 'changed', 'gone']) await bucket.put(key, 1);
      const seen = await watch(other);
      await bucket.put('changed', 2);
      await seen.until(() => seen.changes.length === 4);
      for (let time = 0; time < 2; time++) {
        await stopServer();
        await Promise.all([becomes(alpha.bus, 'away'), becomes(beta.bus, 'away')]);
        await startServer();
        await Promise.all([alpha.bus.connected(), beta.bus.connected()]);
      }
      await bucket.put('changed', 3);
      await bucket.delete('gone');
      await bucket.put('new', 4);
      await seen.until(() => seen.values.has('new'));
      expect(seen.story.slice(3)).toEqual(['changed=2', 'changed=3', '-gone', 'new=4']);
      expect(seen.completed).toBe(1);
    });
  });

  test('calls fail at once while the server is away', async () => {
    const { bucket, alpha } = await setUp();
    await stopServer();
    await becomes(alpha.bus, 'away');
    const away = { code: 'busUnavailable' };
    await expect(bucket.get('a')).rejects.toMatchObject(away);
    await expect(bucket.put('a', 1)).rejects.toMatchObject(away);
    await expect(bucket.delete('a')).rejects.toMatchObject(away);
    await startServer();
    await alpha.bus.connected();
    await bucket.put('a', 1);
  });

  describe('what is not validly signed', () => {
    const signer = (offsetMs = 0) => new Signer(ZONES.identity('alpha'), () => Date.now() + offsetMs);

    test.each<[string, (bucket: string) => Uint8Array]>([
      ['malformed', () => Buffer.from('\u0001hello')],
      ['unknownVersion', () => Buffer.from('{"zone":"alpha"}')],
      ['misaddressed', (bucket) => signer().wrap('value', keySubject(bucket, 'b'), 1)],
      ['misaddressed', () => signer().wrap('value', keySubject('elsewhere', 'a'), 1)],
      ['wrongKind', (bucket) => signer().wrap('message', keySubject(bucket, 'a'), 1)],
      ['stale', (bucket) => signer(DAY_MS).wrap('value', keySubject(bucket, 'a'), 1)],
      ['notTheirs', (bucket) => new Signer(ZONES.identity('beta'), Date.now).wrap('value', keySubject(bucket, 'a'), 1)],
      ['wrongSignature', (bucket) => stranger().wrap('value', keySubject(bucket, 'a'), 1)],
      ['wrongSignature', (bucket) => stranger().wrap('deletion', keySubject(bucket, 'a'), 1)],
    ])('%s: is not got, listed or watched, and can be replaced', async (reason, forge) => {
      const { spec, bucket, other, beta } = await setUp(() => 'alpha');
      const raw = await openRaw();
      await bucket.put('a', 'true');
      const seen = await watch(other);
      const fresh = beta.bus.bucket(spec);
      await raw.store(spec.name).append('a', forge(spec.name), undefined, false);
      await expect(fresh.get('a')).rejects.toMatchObject({ code: 'badRecord' });
      expect(await fresh.list('')).toEqual([]);
      await expect(bucket.put('a', 'new', ABSENT)).rejects.toMatchObject(CONFLICT);
      await bucket.put('a', 'true again');
      await seen.until(() => seen.changes.length === 2);
      expect(seen.story).toEqual(['a="true"', 'a="true again"']);
      expect([...beta.counters.droppedByReason.keys()]).toEqual([reason]);
      expect(beta.counters.droppedByReason.get(reason as 'stale')).toBe(3);
    });

    test('can be deleted', async () => {
      const { spec, bucket, other } = await setUp();
      const raw = await openRaw();
      await raw.store(spec.name).append('a', Buffer.from('forged'), undefined, false);
      expect(await other.delete('a')).toBe(true);
      expect(await bucket.get('a')).toBeUndefined();
    });

    test('an old value in place of a new one is not taken by who knew the new one', async () => {
      const { spec, other, beta, bucket } = await setUp();
      const raw = await openRaw();
      const old = signer(-MAX_SKEW_MS - 5_000).wrap('value', keySubject(spec.name, 'a'), 'old');
      await raw.store(spec.name).append('a', old, undefined, false);
      const seen = await watch(other);
      await bucket.put('a', 'new');
      await seen.until(() => seen.changes.length === 2);
      await raw.store(spec.name).append('a', old, undefined, false);
      await bucket.put('b', 'last');
      await seen.until(() => seen.values.has('b'));
      expect(seen.story).toEqual(['a="old"', 'a="new"', 'b="last"']);
      expect(beta.counters.droppedByReason).toEqual(new Map([['rolledBack', 1]]));
    });
  });

  function stranger(): Signer {
    return new Signer(STRANGERS.identity('alpha'), Date.now);
  }
}
