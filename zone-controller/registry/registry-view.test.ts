import { describe, expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import { createLogger } from '../../common/log.ts';
import { ChangeCollector } from '../../test/etcd/collect-changes.ts';
import { Random } from '../../test/fuzz/random.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { MemoryStore } from './memory-store.ts';
import { keyOf, type RegistryChange, type RegistryEntry, type RegistryList, type WatchListener } from './registry.ts';
import { RegistryView } from './registry-view.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** Lists fail, and watches end with changes not yet reported, as the test says. */
class ShakyRegistry extends MemoryRegistry {
  failures = 0;
  readonly #listeners = new Set<{ readonly listener: WatchListener; isOver: boolean }>();

  override async list(prefix: string): Promise<RegistryList> {
    if (this.failures-- > 0) throw new ZonecastError('registryUnavailable', 'away');
    return super.list(prefix);
  }

  override watch(prefix: string, since: number, listener: WatchListener) {
    const entry = { listener, isOver: false };
    this.#listeners.add(entry);
    return super.watch(prefix, since, {
      changed: (change) => entry.isOver || listener.changed(change),
      ended: listener.ended,
    });
  }

  forget(): void {
    for (const entry of this.#listeners) {
      entry.isOver = true;
      entry.listener.ended(new ZonecastError('revisionCompacted', 'forgotten'));
    }
    this.#listeners.clear();
  }
}

describe('a view', () => {
  test('reports what is there, then what changes, and nothing once it is closed', async () => {
    const registry = new MemoryRegistry();
    await registry.put('/v/a', 'one');
    await registry.put('/other', 'x');
    const seen = new ChangeCollector();
    const view = new RegistryView({ registry, prefix: '/v/', changed: seen.changed, log });
    await view.listed;
    await registry.put('/v/b', 'two');
    await registry.delete('/v/a');
    await seen.has(3);
    expect(seen.changes.map((change) => [keyOf(change), change.type])).toEqual([
      ['/v/a', 'put'],
      ['/v/b', 'put'],
      ['/v/a', 'delete'],
    ]);
    expect([...view.entries.keys()]).toEqual(['/v/b']);
    view.close();
    await registry.put('/v/c', 'three');
    await registry.list('/v/');
    expect(seen.changes).toHaveLength(3);
  });

  test('comes up when the registry does', async () => {
    const registry = new ShakyRegistry();
    await registry.put('/v/a', 'one');
    registry.failures = 2;
    const seen = new ChangeCollector();
    const view = new RegistryView({ registry, prefix: '/v/', changed: seen.changed, log });
    await view.listed;
    expect(seen.values).toEqual(['one']);
    view.close();
  });

  test('ends up like the registry, with each state reported at most once, whatever is forgotten', async () => {
    const seed = Number(process.env.ETCD_SEED ?? Math.floor(Math.random() * 2 ** 32));
    const random = new Random(seed);
    for (let round = 0; round < 50; round++) {
      const store = new MemoryStore();
      const [registry, writing] = [new ShakyRegistry(store), new MemoryRegistry(store)];
      const told = new Map<string, RegistryEntry>();
      const changed = (change: RegistryChange): void => {
        const known = told.get(keyOf(change));
        const why = `ETCD_SEED=${seed} round ${round}`;
        if (change.type === 'delete') {
          expect(known, why).toBeDefined();
          told.delete(change.key);
        } else {
          expect(known?.revision ?? 0, why).toBeLessThan(change.entry.revision);
          told.set(change.entry.key, change.entry);
        }
      };
      const view = new RegistryView({ registry, prefix: '/v/', changed, log });
      for (let step = 0; step < 100; step++) {
        const key = `/v/${random.below(8)}`;
        const isWrite = random.below(3) > 0;
        await (isWrite ? writing.put(key, String(step)) : writing.delete(key));
        if (random.chance(10)) registry.forget();
      }
      const last = await writing.put('/v/last', '');
      while (told.get('/v/last')?.revision !== last) await Promise.resolve();
      const { entries } = await writing.list('/v/');
      expect([...told.values()].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual(entries);
      expect(new Map(view.entries)).toEqual(told);
      view.close();
    }
  });
});
