import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { LeasedKeys } from './leased-keys.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { MemoryStore } from './memory-store.ts';
import type { Lease } from './registry.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** A registry whose leases a test can end, as etcd's do when it was away. */
class OutageRegistry extends MemoryRegistry {
  readonly leases: Lease[] = [];

  override async lease(ttlSeconds: number): Promise<Lease> {
    const lease = await super.lease(ttlSeconds);
    this.leases.push(lease);
    return lease;
  }
}

let store: MemoryStore;
let registry: OutageRegistry;
let keys: LeasedKeys;
beforeEach(() => {
  store = new MemoryStore();
  registry = new OutageRegistry(store);
  keys = new LeasedKeys({ registry, ttlSeconds: 10, log });
  keys.start();
});
afterEach(() => keys.stop());

const stored = (): Record<string, string> =>
  Object.fromEntries(store.list('/').entries.map(({ key, value }) => [key, value]));

describe('leased keys', () => {
  test('are there from when they are wanted until they are dropped', async () => {
    keys.want('/a', '1');
    keys.want('/b', '1');
    await expect.poll(stored).toEqual({ '/a': '1', '/b': '1' });
    keys.want('/a', '2');
    keys.drop('/b');
    await expect.poll(stored).toEqual({ '/a': '2' });
    expect(keys.isAlive).toBe(true);
  });

  test('that are withdrawn are gone at once, also when this ends next', async () => {
    keys.want('/a', '1');
    keys.want('/b', '1');
    await expect.poll(stored).toEqual({ '/a': '1', '/b': '1' });
    const withdrawn = keys.withdraw('/a');
    keys.stop();
    await withdrawn;
    expect(stored()).toEqual({ '/b': '1' });
    await keys.withdraw('/never-there');
  });

  test('that another has put since are not withdrawn', async () => {
    keys.want('/a', '1');
    await expect.poll(stored).toEqual({ '/a': '1' });
    await registry.put('/a', 'of another');
    await keys.withdraw('/a');
    expect(stored()).toEqual({ '/a': 'of another' });
  });

  test('are put again when their lease is lost', async () => {
    keys.want('/a', '1');
    await expect.poll(stored).toEqual({ '/a': '1' });
    await registry.leases[0]?.revoke();
    await expect.poll(() => [stored(), registry.leases.length]).toEqual([{ '/a': '1' }, 2]);
  });

  test('that somebody has deleted are put again', async () => {
    keys.want('/a', '1');
    await expect.poll(stored).toEqual({ '/a': '1' });
    await registry.delete('/a');
    keys.deleted('/a');
    keys.deleted('/never-there');
    await expect.poll(stored).toEqual({ '/a': '1' });
  });

  test('that another controller owns by now are left to it', async () => {
    keys.want('/a', '1');
    await expect.poll(stored).toEqual({ '/a': '1' });
    const other = new LeasedKeys({ registry: new MemoryRegistry(store), ttlSeconds: 10, log });
    other.start();
    other.want('/a', 'other');
    await expect.poll(stored).toEqual({ '/a': 'other' });
    keys.drop('/a');
    keys.want('/b', '1');
    await expect.poll(stored).toEqual({ '/a': 'other', '/b': '1' });
    other.stop();
  });
});
