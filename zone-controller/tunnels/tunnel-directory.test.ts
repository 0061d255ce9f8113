import { describe, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { type TunnelRecord, ZoneRecords } from '../registry/records.ts';
import { TunnelDirectory } from './tunnel-directory.ts';

const SEED = 11;

/** Lehmer's generator (Park and Miller, 1988): the same numbers in each run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
}

function recordOf(name: string, more: Partial<TunnelRecord> = {}): TunnelRecord {
  return {
    urls: [`https://${name}.example`],
    turnUrls: [],
    load: 0,
    draining: false,
    release: '1',
    controller: 'zc-1',
    ...more,
  };
}

async function directoryOf(tunnels: Readonly<Record<string, Partial<TunnelRecord>>>) {
  const registry = new MemoryRegistry();
  const records = new ZoneRecords(registry, 'z' as ZoneId, createLogger({ name: 'test', level: 'silent' }));
  const lease = await registry.lease(10);
  for (const [name, more] of Object.entries(tunnels)) {
    const { key, value } = records.tunnelEntry(name, recordOf(name, more));
    await lease.put(key, value);
  }
  const told: string[] = [];
  const all = Promise.withResolvers<void>();
  const directory: TunnelDirectory = new TunnelDirectory({
    records,
    random: randomOf(SEED),
    changed: () => directory.all.size === Object.keys(tunnels).length && all.resolve(),
    unrecorded: (tunnel) => told.push(tunnel),
  });
  directory.start();
  if (Object.keys(tunnels).length > 0) await all.promise;
  return { directory, lease, told };
}

const namesOf = (records: readonly TunnelRecord[]) => records.map(({ urls }) => new URL(urls[0] ?? '').hostname[0]);

describe('tunnels that a client is told of', () => {
  test('are some of all, each once, and not the same ones for everybody', async () => {
    const { directory } = await directoryOf({ a: {}, b: {}, c: {}, d: {}, e: {} });
    const draws = Array.from({ length: 200 }, () => namesOf(directory.draw(3)));
    for (const names of draws) expect(new Set(names).size).toBe(3);
    const first = Map.groupBy(draws, ([name]) => name);
    for (const name of 'abcde') expect(first.get(name)?.length).toBeGreaterThan(20);
    directory.close();
  });

  test('are all when there are few, and never one that is being drained', async () => {
    const { directory } = await directoryOf({ a: {}, b: { draining: true }, c: {} });
    for (let round = 0; round < 20; round++) expect(namesOf(directory.draw(3)).toSorted()).toEqual(['a', 'c']);
    expect([directory.counts, directory.urls.length]).toEqual([{ open: 2, draining: 1 }, 3]);
    directory.close();
  });

  test('are those with room, mostly', async () => {
    const { directory } = await directoryOf({ a: { load: 0.9 }, b: { load: 0 }, c: { load: 1 } });
    const firsts = Array.from({ length: 1_000 }, () => namesOf(directory.draw(1))[0]);
    const share = (name: string) => firsts.filter((each) => each === name).length / 1_000;
    // Weights 0.1, 1 and 0.05.
    expect(share('b')).toBeGreaterThan(0.8);
    expect(share('a')).toBeGreaterThan(0.03);
    expect(share('c')).toBeGreaterThan(0.01);
    directory.close();
  });

  test('are none when they are gone', async () => {
    const { directory, lease, told } = await directoryOf({ a: {}, b: {} });
    await lease.revoke();
    await Promise.resolve();
    expect([directory.draw(3), told]).toEqual([[], ['a', 'b']]);
    directory.close();
  });
});
