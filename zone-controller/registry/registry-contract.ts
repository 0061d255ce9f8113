/** What every Registry must do, as tests: each implementation's own test file calls this. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChangeCollector } from '../../test/etcd/collect-changes.ts';
import { ABSENT, keyOf, MAX_REVISIONS_BEHIND, type Registry, revisionOf } from './registry.ts';

export interface RegistryUnderTest {
  /** Forgets all keys. */
  readonly clear: () => Promise<void>;
  /** A client of the same keys as the others. */
  readonly connect: () => Promise<Registry>;
}

const CONFLICT = { code: 'revisionConflict' };

export function testRegistryContract(name: string, { clear, connect }: RegistryUnderTest): void {
  describe(`registry contract: ${name}`, () => {
    let registry: Registry;
    let other: Registry;
    beforeEach(async () => {
      await clear();
      registry = await connect();
      other = await connect();
    });
    afterEach(async () => {
      await registry.close();
      await other.close();
    });

    describe('keys', () => {
      test('gets what was put, with growing revisions', async () => {
        expect(await registry.get('/a')).toBeUndefined();
        const first = await registry.put('/a', 'one');
        const second = await registry.put('/b', 'two');
        expect(second).toBeGreaterThan(first);
        expect(first).toBeGreaterThan(ABSENT);
        expect(await other.get('/a')).toEqual({ key: '/a', value: 'one', revision: first });
      });

      test.each(['', 'naïve 😀 \u0000 \uFFFD \n', 'x'.repeat(100_000)])('keeps the value %#', async (value) => {
        await registry.put('/ключ', value);
        expect((await other.get('/ключ'))?.value).toBe(value);
      });

      test('lists a prefix in order of bytes, and at which revision', async () => {
        const keys = ['/x', '/x/', '/x/B', '/x/a', '/x/c/d', '/x/é', '/x/\uFF5E', '/x/😀', '/x0', '/y'];
        for (const key of keys.toReversed()) await registry.put(key, key);
        const revision = await registry.put('/z', '');
        expect((await other.list('/x/')).entries.map(({ key }) => key)).toEqual(keys.slice(1, 8));
        expect((await other.list('/x/é')).entries.map(({ key }) => key)).toEqual(['/x/é']);
        expect((await other.list('')).entries).toHaveLength(keys.length + 1);
        expect(await other.list('/nothing')).toEqual({ entries: [], revision });
      });

      test('lists many', async () => {
        const keys = Array.from({ length: 2_500 }, (_, index) => `/many/${String(index).padStart(5, '0')}`);
        await inBatches(keys, (key) => registry.put(key, key.repeat(100)));
        const { entries } = await other.list('/many/');
        expect(entries.map(({ key }) => key)).toEqual(keys);
        expect(entries.every(({ key, value }) => value === key.repeat(100))).toBe(true);
      });
    });

    describe('compare-and-swap', () => {
      test('writes only what is as expected', async () => {
        const first = await registry.put('/a', 'one', ABSENT);
        await expect(other.put('/a', 'two', ABSENT)).rejects.toMatchObject(CONFLICT);
        await expect(other.put('/a', 'two', first + 1)).rejects.toMatchObject(CONFLICT);
        const second = await other.put('/a', 'two', first);
        await expect(registry.put('/a', 'three', first)).rejects.toMatchObject(CONFLICT);
        expect(await registry.get('/a')).toEqual({ key: '/a', value: 'two', revision: second });
        await expect(registry.put('/b', 'one', first)).rejects.toMatchObject(CONFLICT);
        expect(await registry.get('/b')).toBeUndefined();
      });

      test('deletes only what is as expected', async () => {
        const revision = await registry.put('/a', 'one');
        await expect(other.delete('/a', revision + 1)).rejects.toMatchObject(CONFLICT);
        await expect(other.delete('/a', ABSENT)).rejects.toMatchObject(CONFLICT);
        expect(await other.delete('/a', revision)).toBe(true);
        await expect(other.delete('/a', revision)).rejects.toMatchObject(CONFLICT);
        expect(await other.delete('/a', ABSENT)).toBe(false);
        expect(await other.delete('/a')).toBe(false);
        expect(await registry.put('/a', 'two', ABSENT)).toBeGreaterThan(revision);
        expect(await registry.delete('/a')).toBe(true);
      });

      test('of many who swap at once, one succeeds', async () => {
        let revision = await registry.put('/a', '0');
        for (let round = 1; round <= 10; round++) {
          const swaps = Array.from({ length: 20 }, (_, index) =>
            (index % 2 === 0 ? registry : other).put('/a', `${round} ${index}`, revision),
          );
          const results = await Promise.allSettled(swaps);
          const winners = results.filter((result) => result.status === 'fulfilled');
          expect(winners).toHaveLength(1);
          revision = winners[0]?.value ?? 0;
          expect((await other.get('/a'))?.revision).toBe(revision);
        }
      });
    });

    describe('watches', () => {
      test('report every change of a prefix once, in order', async () => {
        const watched = new ChangeCollector();
        const since = await registry.put('/w/before', '');
        other.watch('/w/', since, watched);
        const first = await registry.put('/w/a', 'one');
        await registry.put('/other', 'x');
        const second = await registry.put('/w/a', 'two');
        await registry.delete('/w/a');
        expect(await watched.has(3)).toEqual([
          { type: 'put', entry: { key: '/w/a', value: 'one', revision: first } },
          { type: 'put', entry: { key: '/w/a', value: 'two', revision: second } },
          { type: 'delete', key: '/w/a', revision: second + 1 },
        ]);
      });

      test('begin in the past: nothing between list and watch is missed or reported twice', async () => {
        await registry.put('/w/a', 'one');
        await registry.put('/w/b', 'two');
        const { revision } = await other.list('/w/');
        await registry.put('/w/c', 'three');
        const watched = new ChangeCollector();
        other.watch('/w/', revision, watched);
        await registry.put('/w/d', 'four');
        expect((await watched.has(2)).map(keyOf)).toEqual(['/w/c', '/w/d']);
      });

      test('report what many write at once, in order of revisions', async () => {
        const { revision } = await other.list('');
        const watched = new ChangeCollector();
        other.watch('/w/', revision, watched);
        const keys = Array.from({ length: 1_000 }, (_, index) => `/w/${index}`);
        await inBatches(keys, (key) => registry.put(key, ''));
        const changes = await watched.has(1_000);
        expect(changes.map(revisionOf)).toEqual(keys.map((_, index) => revision + 1 + index));
        expect(new Set(changes.map(keyOf)).size).toBe(1_000);
      });

      test('end when what they missed is forgotten', async () => {
        const { revision } = await registry.list('');
        const numbers = Array.from({ length: MAX_REVISIONS_BEHIND + 1 }, (_, index) => String(index));
        await inBatches(numbers, (value) => registry.put('/w/a', value));
        const watched = new ChangeCollector();
        other.watch('/w/', revision, watched);
        expect(await watched.end).toMatchObject({ code: 'revisionCompacted' });
      });

      test('are silent when closed', async () => {
        const { revision } = await registry.list('');
        const [closed, open] = [new ChangeCollector(), new ChangeCollector()];
        other.watch('/w/', revision, closed).close();
        other.watch('/w/', revision, open);
        await registry.put('/w/a', 'one');
        await open.has(1);
        expect(closed.changes).toEqual([]);
      });
    });

    describe('leases', () => {
      test('end with all their keys when they are revoked', async () => {
        const { revision } = await registry.list('');
        const lease = await other.lease(10);
        await lease.put('/l/b', 'one');
        const second = await lease.put('/l/a', 'two', ABSENT);
        expect(await registry.get('/l/a')).toEqual({ key: '/l/a', value: 'two', revision: second });
        expect(lease.isAlive).toBe(true);
        const watched = new ChangeCollector();
        registry.watch('/l/', revision, watched);
        await lease.revoke();
        await lease.lost;
        expect(lease.isAlive).toBe(false);
        expect((await watched.has(4)).slice(2)).toEqual([
          { type: 'delete', key: '/l/a', revision: second + 1 },
          { type: 'delete', key: '/l/b', revision: second + 1 },
        ]);
        await expect(lease.put('/l/c', '')).rejects.toMatchObject({ code: 'leaseLost' });
        await lease.revoke();
      });

      test('compare and swap', async () => {
        const [mine, theirs] = [await registry.lease(10), await other.lease(10)];
        const first = await mine.put('/l/a', 'mine', ABSENT);
        await expect(theirs.put('/l/a', 'theirs', ABSENT)).rejects.toMatchObject(CONFLICT);
        await theirs.put('/l/a', 'theirs', first);
        await mine.revoke();
        expect((await registry.get('/l/a'))?.value).toBe('theirs');
        await theirs.revoke();
        expect(await registry.get('/l/a')).toBeUndefined();
        await registry.put('/l/a', 'free', ABSENT);
      });

      test('leave alone what was put again without them', async () => {
        const lease = await other.lease(10);
        await lease.put('/l/a', 'one');
        await lease.put('/l/b', 'one');
        await registry.put('/l/a', 'two');
        await lease.revoke();
        expect((await registry.list('/l/')).entries).toMatchObject([{ key: '/l/a', value: 'two' }]);
      });

      test('expire when their holder is gone, and not while it is there', async () => {
        const { revision } = await registry.list('');
        const kept = await registry.lease(2);
        await kept.put('/l/kept', '');
        const gone = await other.lease(5);
        await gone.put('/l/gone', '');
        const watched = new ChangeCollector();
        registry.watch('/l/', revision, watched);
        await other.close();
        expect((await watched.has(3))[2]).toMatchObject({ type: 'delete', key: '/l/gone' });
        expect(kept.isAlive).toBe(true);
        expect(await registry.get('/l/kept')).toBeDefined();
      });
    });
  });
}

/** As many at once as a busy controller may write. */
async function inBatches(values: readonly string[], write: (value: string) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < values.length; start += 200) {
    await Promise.all(values.slice(start, start + 200).map(write));
  }
}
