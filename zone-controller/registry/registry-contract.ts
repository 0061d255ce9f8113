/** What every Registry must do, as tests: each implementation's own test file calls this. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ABSENT, type Registry, type RegistryChange } from './registry.ts';

/** `open` gives an empty registry each time. */
export function testRegistryContract(name: string, open: () => Promise<Registry>): void {
  describe(`registry contract: ${name}`, () => {
    let registry: Registry;
    beforeEach(async () => {
      registry = await open();
    });
    afterEach(() => registry.close());

    test('gets what was put, with growing revisions', async () => {
      expect(await registry.get('/a')).toBeUndefined();
      const first = await registry.put('/a', 'one');
      const second = await registry.put('/b', 'two');
      expect(second).toBeGreaterThan(first);
      expect(first).toBeGreaterThan(ABSENT);
      expect(await registry.get('/a')).toEqual({ key: '/a', value: 'one', revision: first });
    });

    test('lists a prefix in order of keys', async () => {
      for (const key of ['/x/b', '/y', '/x/a', '/x/c/d', '/xx']) await registry.put(key, key);
      expect((await registry.list('/x/')).map(({ key }) => key)).toEqual(['/x/a', '/x/b', '/x/c/d']);
      expect(await registry.list('/nothing')).toEqual([]);
    });

    test('compares and swaps', async () => {
      const first = await registry.put('/a', 'one', ABSENT);
      const conflict = { code: 'revisionConflict' };
      await expect(registry.put('/a', 'two', ABSENT)).rejects.toMatchObject(conflict);
      await expect(registry.put('/a', 'two', first + 1)).rejects.toMatchObject(conflict);
      await expect(registry.delete('/a', first + 1)).rejects.toMatchObject(conflict);
      const second = await registry.put('/a', 'two', first);
      await expect(registry.put('/a', 'three', first)).rejects.toMatchObject(conflict);
      expect((await registry.get('/a'))?.value).toBe('two');
      expect(await registry.delete('/a', second)).toBe(true);
      expect(await registry.delete('/a')).toBe(false);
      await registry.put('/a', 'four', ABSENT);
    });

    test('of many who swap at once, one succeeds', async () => {
      const revision = await registry.put('/a', '0');
      const swaps = Array.from({ length: 20 }, (_, index) => registry.put('/a', String(index), revision));
      const results = await Promise.allSettled(swaps);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('watches a prefix: every change once, in order', async () => {
      const watched = collect(3);
      const watch = registry.watch('/w/', watched.listener);
      const first = await registry.put('/w/a', 'one');
      await registry.put('/other', 'x');
      const second = await registry.put('/w/a', 'two');
      await registry.delete('/w/a');
      const changes = await watched.done;
      expect(changes.slice(0, 2)).toEqual([
        { type: 'put', entry: { key: '/w/a', value: 'one', revision: first } },
        { type: 'put', entry: { key: '/w/a', value: 'two', revision: second } },
      ]);
      expect(changes[2]).toMatchObject({ type: 'delete', key: '/w/a' });
      watch.close();
    });

    test('watches from a revision on: nothing between list and watch is missed', async () => {
      await registry.put('/w/a', 'one');
      const since = await registry.put('/w/b', 'two');
      await registry.put('/w/c', 'three');
      const watched = collect(2);
      const watch = registry.watch('/w/', watched.listener, since);
      await registry.put('/w/d', 'four');
      const keys = (await watched.done).map((change) => (change.type === 'put' ? change.entry.key : change.key));
      expect(keys).toEqual(['/w/c', '/w/d']);
      watch.close();
    });

    test('a closed watch is silent', async () => {
      const closed: RegistryChange[] = [];
      registry.watch('/w/', (change) => closed.push(change)).close();
      const watched = collect(1);
      const watch = registry.watch('/w/', watched.listener);
      await registry.put('/w/a', 'one');
      await watched.done;
      expect(closed).toEqual([]);
      watch.close();
    });
  });
}

function collect(count: number) {
  const changes: RegistryChange[] = [];
  const { promise: done, resolve } = Promise.withResolvers<RegistryChange[]>();
  const listener = (change: RegistryChange): void => {
    if (changes.push(change) === count) resolve(changes);
  };
  return { listener, done };
}
