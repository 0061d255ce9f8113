import { describe, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { type TunnelRecord, ZoneRecords } from '../registry/records.ts';
import { LostTunnels } from './lost-tunnels.ts';
import { TunnelDirectory, type TunnelDirectoryOptions } from './tunnel-directory.ts';

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

async function directoryOf(
  tunnels: Readonly<Record<string, Partial<TunnelRecord>>>,
  options: Partial<TunnelDirectoryOptions> = {},
) {
  const registry = new MemoryRegistry();
  const records = new ZoneRecords(registry, 'z' as ZoneId, createLogger({ name: 'test', level: 'silent' }));
  const lease = await registry.lease(10);
  const put = async (name: string, more: Partial<TunnelRecord>) => {
    const { key, value } = records.tunnelEntry(name, recordOf(name, more));
    await lease.put(key, value);
  };
  for (const [name, more] of Object.entries(tunnels)) await put(name, more);
  const told: string[] = [];
  const all = Promise.withResolvers<void>();
  const directory: TunnelDirectory = new TunnelDirectory({
    records,
    random: randomOf(SEED),
    changed: () => directory.all.size === Object.keys(tunnels).length && all.resolve(),
    unrecorded: (tunnel) => told.push(tunnel),
    ...options,
  });
  directory.start();
  if (Object.keys(tunnels).length > 0) await all.promise;
  return { directory, lease, put, told };
}

const namesOf = (drawn: ReadonlyMap<string, TunnelRecord>) => [...drawn.keys()];

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
    expect([directory.counts, directory.urls.length]).toEqual([{ open: 2, draining: 1, lost: 0 }, 3]);
    directory.close();
  });

  test('are none that operators want drained, whatever it says itself', async () => {
    const drained = new Set<string>();
    const { directory } = await directoryOf({ a: {}, b: {} }, { isDrained: (tunnel) => drained.has(tunnel) });
    const versions = [directory.version];
    for (const change of [() => drained.add('b'), () => drained.delete('b')]) {
      change();
      directory.drainChanged();
      versions.push(directory.version);
      expect(namesOf(directory.draw(3)).includes('b')).toBe(!drained.has('b'));
      expect(directory.counts.draining).toBe(drained.size);
    }
    const from = versions[0] ?? 0;
    expect(versions).toEqual([from, from + 1, from + 2]);
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

  test('are those of before as far as they take people, and others in place of the rest', async () => {
    const { directory } = await directoryOf({ a: {}, b: { draining: true }, c: {}, d: { load: 1 } });
    for (let round = 0; round < 20; round++) {
      expect(namesOf(directory.draw(2, ['d', 'b', 'gone']))).toEqual(['d', expect.stringMatching('a|c')]);
      expect(namesOf(directory.draw(2, ['d', 'c', 'a']))).toEqual(['d', 'c']);
    }
    directory.close();
  });

  test('are others when one comes, goes, is drained or elsewhere, and not when one is busy', async () => {
    const { directory, lease, put } = await directoryOf({ a: {}, b: {} });
    const versions = [directory.version];
    const changes = [{ load: 0.5 }, { draining: true }, { load: 0.7, draining: true }, {}, { urls: ['https://b'] }];
    for (const each of changes) {
      await put('b', each);
      versions.push(directory.version);
    }
    await put('c', { draining: true });
    versions.push(directory.version);
    await lease.revoke();
    await Promise.resolve();
    const from = versions[0] ?? 0;
    expect(versions.map((version) => version - from)).toEqual([0, 0, 1, 1, 2, 3, 3]);
    expect(directory.version).toBeGreaterThan(from + 3);
    directory.close();
  });

  test('are none when they are gone', async () => {
    const { directory, lease, told } = await directoryOf({ a: {}, b: {} });
    await lease.revoke();
    await Promise.resolve();
    expect([namesOf(directory.draw(3)), told]).toEqual([[], ['a', 'b']]);
    directory.close();
  });
});

describe('a tunnel that is gone', () => {
  test('without a word is lost for ten minutes; one that said it stops is not', async () => {
    let nowMs = 0;
    const { directory, lease } = await directoryOf({ a: {}, b: { draining: true } }, { now: () => nowMs });
    await lease.revoke();
    await Promise.resolve();
    expect([[...directory.lost], directory.counts]).toEqual([
      [['a', recordOf('a')]],
      { open: 0, draining: 0, lost: 1 },
    ]);
    nowMs = 599_999;
    expect(directory.lost.size).toBe(1);
    nowMs = 600_000;
    expect(directory.lost.size).toBe(0);
    directory.close();
  });
});

test('what is remembered of lost tunnels has an end, and a tunnel that comes back is not lost', () => {
  const lost = new LostTunnels();
  for (let count = 0; count <= 1_000; count++) lost.note(`t${count}`, recordOf('t'), count);
  expect([lost.at(1_000).size, lost.at(1_000).has('t0'), lost.at(1_000).has('t1')]).toEqual([1_000, false, true]);
  lost.forget('t1');
  expect(lost.at(1_000).has('t1')).toBe(false);
});
