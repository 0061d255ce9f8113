/** One member of etcd that is killed, away, or behind a network that fails. */
import { afterEach, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { ChangeCollector } from '../../test/etcd/collect-changes.ts';
import { CountingWriter } from '../../test/etcd/counting-writer.ts';
import type { EtcdProcess } from '../../test/etcd/etcd-process.ts';
import { TestEtcd } from '../../test/etcd/test-etcd.ts';
import { Random } from '../../test/fuzz/random.ts';
import { TcpProxy } from '../../test/processes/tcp-proxy.ts';
import type { EtcdSettings } from './etcd-config.ts';
import { EtcdRegistry } from './etcd-registry.ts';
import { keyOf, revisionOf } from './registry.ts';
import { RegistryView } from './registry-view.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const UNAVAILABLE = { code: 'registryUnavailable' };
/** What is promised after etcd's return. */
const RECOVERY_MS = 5_000;

let etcd: TestEtcd;
let member: EtcdProcess;
let proxy: TcpProxy;
const opened: EtcdRegistry[] = [];

beforeEach(async () => {
  etcd = await TestEtcd.start();
  member = etcd.members[0] as EtcdProcess; // one is started
  proxy = await TcpProxy.start(member.endpoint);
});
afterEach(async () => {
  for (const registry of opened.splice(0)) await registry.close();
  proxy.close();
  await etcd.stop();
});

function open(overrides: Partial<EtcdSettings> = {}): EtcdRegistry {
  const registry = new EtcdRegistry(etcd.settings(overrides), log);
  opened.push(registry);
  return registry;
}

function openThroughProxy(overrides: Partial<EtcdSettings> = {}): EtcdRegistry {
  return open({ endpoints: [proxy.endpoint], dialTimeoutMs: 1_000, ...overrides });
}

describe('a watch', () => {
  test('misses and doubles nothing while etcd is killed and started again', async () => {
    const seed = Number(process.env.ETCD_SEED ?? Math.floor(Math.random() * 2 ** 32));
    onTestFailed(() => void process.stderr.write(`ETCD_SEED=${seed}\n`));
    const random = new Random(seed);
    const [writing, watching] = [open(), open()];
    const seen = new ChangeCollector();
    watching.watch('/count', (await watching.list('/count')).revision, seen);
    const writer = new CountingWriter(writing, '/count');
    for (let kill = 0; kill < 3; kill++) {
      await seen.has(seen.changes.length + 1 + random.below(300));
      await member.kill();
      await member.start();
    }
    await seen.has(seen.changes.length + 50);
    await writer.stop();
    const { entries } = await writing.list('/count');
    const last = Number(entries[0]?.value);
    await seen.has(last);
    expect(seen.values.map(Number)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    const history = new Map(seen.changes.map((change, index) => [revisionOf(change), index + 1]));
    for (const [revision, number] of writer.acknowledged) expect(history.get(revision)).toBe(number);
  });

  test('goes on in the middle of a long replay', async () => {
    const writing = open();
    const { revision } = await writing.list('');
    const numbers = Array.from({ length: 3_000 }, (_, index) => index);
    for (let start = 0; start < numbers.length; start += 200) {
      await Promise.all(numbers.slice(start, start + 200).map(() => writing.put('/w/a', 'x'.repeat(1_000))));
    }
    const seen = new ChangeCollector();
    const report = seen.changed;
    openThroughProxy().watch('/w/', revision, {
      ...seen,
      changed: (change) => {
        report(change);
        if (seen.changes.length === 1_000) proxy.mend();
      },
    });
    await seen.has(3_000);
    expect(seen.changes.map(revisionOf)).toEqual(numbers.map((number) => revision + 1 + number));
  });

  test('goes on after a network that was silent', async () => {
    const writing = open();
    const watching = openThroughProxy();
    const { revision } = await watching.list('/w/');
    const seen = new ChangeCollector();
    watching.watch('/w/', revision, seen);
    await writing.put('/w/a', 'one');
    await seen.has(1);
    proxy.freeze();
    await writing.put('/w/a', 'two');
    await expect(watching.put('/w/b', '')).rejects.toMatchObject(UNAVAILABLE);
    proxy.mend();
    await writing.put('/w/a', 'three');
    expect(await seen.has(3)).toHaveLength(3);
    expect(seen.values).toEqual(['one', 'two', 'three']);
  });

  test('ends when a compaction took what it missed, even if that is one deletion', async () => {
    const direct = open();
    const watching = openThroughProxy();
    const since = await direct.put('/w/a', 'one');
    const seen = new ChangeCollector();
    watching.watch('/w/', since, seen);
    await direct.put('/w/a', 'two');
    await seen.has(1);
    proxy.cut();
    await direct.delete('/w/a');
    const { revision } = await direct.list('/w/');
    await etcd.client().kv.compact({ revision, physical: true });
    proxy.mend();
    expect(await seen.end).toMatchObject({ code: 'revisionCompacted' });
    expect(seen.changes).toHaveLength(1);
  });

  test('ends when etcd has lost its data', async () => {
    const registry = openThroughProxy();
    for (let count = 0; count < 20; count++) await registry.put('/w/a', '');
    const seen = new ChangeCollector();
    const { revision } = await registry.list('/w/');
    const fresh = await TestEtcd.start();
    const another = await TcpProxy.start(fresh.members[0]?.endpoint ?? '');
    const onFresh = open({ endpoints: [another.endpoint] });
    onFresh.watch('/w/', revision, seen);
    expect(await seen.end).toMatchObject({ code: 'revisionCompacted' });
    another.close();
    await fresh.stop();
  });
});

test('a view lists again after a compaction and reports each difference once', async () => {
  const direct = open();
  for (const key of ['/v/kept', '/v/changed', '/v/deleted', '/v/anew']) await direct.put(key, 'old');
  const seen = new ChangeCollector();
  const options = { registry: openThroughProxy(), prefix: '/v/', changed: seen.changed, log };
  const view = new RegistryView(options);
  await view.listed;
  expect(seen.changes.splice(0).map(keyOf)).toEqual(['/v/anew', '/v/changed', '/v/deleted', '/v/kept']);
  proxy.cut();
  for (const value of ['newer', 'newest']) await direct.put('/v/changed', value);
  for (const key of ['/v/deleted', '/v/anew']) await direct.delete(key);
  await direct.put('/v/anew', 'new');
  const { revision } = await direct.list('/v/');
  await etcd.client().kv.compact({ revision });
  proxy.mend();
  await seen.has(3);
  await direct.put('/v/last', '');
  await seen.has(4);
  expect(seen.changes.map((change) => [keyOf(change), change.type])).toEqual([
    ['/v/deleted', 'delete'],
    ['/v/anew', 'put'],
    ['/v/changed', 'put'],
    ['/v/last', 'put'],
  ]);
  expect(seen.values).toEqual(['deleted', 'new', 'newest', '']);
  expect(view.relists).toBe(1);
  view.close();
});

describe('without etcd', () => {
  test('a lease is lost when its time is over, and everything is back soon after etcd is', async () => {
    const registry = open({ dialTimeoutMs: 500, requestTimeoutMs: 1_000 });
    const lease = await registry.lease(2);
    const since = await lease.put('/l/a', 'one');
    const seen = new ChangeCollector();
    registry.watch('/l/', since, seen);
    const killedMs = performance.now();
    await member.kill();
    await expect(registry.get('/l/a')).rejects.toMatchObject(UNAVAILABLE);
    await lease.lost;
    expect(performance.now() - killedMs).toBeLessThanOrEqual(2_500);
    expect(lease.isAlive).toBe(false);
    await expect(lease.put('/l/b', '')).rejects.toMatchObject({ code: 'leaseLost' });
    // Nobody waits for what is known to be away.
    const askedMs = performance.now();
    await expect(registry.put('/l/a', '')).rejects.toMatchObject(UNAVAILABLE);
    expect(performance.now() - askedMs).toBeLessThan(500);

    await member.start();
    const backMs = performance.now();
    const writer = new CountingWriter(registry, '/l/count');
    await writer.next;
    await writer.stop();
    await (await registry.lease(2)).put('/l/c', 'two');
    await seen.has(writer.acknowledged.size + 1);
    expect(performance.now() - backMs).toBeLessThan(RECOVERY_MS);
    // The old lease's key goes when etcd finds its time over, which starts anew with etcd.
    for (let count = 1; !seen.changes.some((change) => change.type === 'delete'); count++) await seen.has(count);
    expect(await registry.get('/l/a')).toBeUndefined();
  });

  test('a short absence costs no lease', async () => {
    const registry = open();
    const lease = await registry.lease(10);
    await lease.put('/l/a', 'one');
    await member.kill();
    await member.start();
    const writer = new CountingWriter(registry, '/count');
    await writer.next;
    await writer.stop();
    await lease.put('/l/b', 'two');
    expect(lease.isAlive).toBe(true);
    expect((await registry.list('/l/')).entries).toHaveLength(2);
  });

  test('every call ends by its deadline', async () => {
    const registry = openThroughProxy({ dialTimeoutMs: 60_000, requestTimeoutMs: 500 });
    await registry.put('/a', '');
    const lease = await registry.lease(60);
    proxy.freeze();
    const startMs = performance.now();
    const calls = [
      registry.get('/a'),
      registry.list('/'),
      registry.put('/a', ''),
      registry.put('/a', '', 1),
      registry.delete('/a'),
      registry.lease(5),
      lease.put('/b', ''),
      lease.revoke(),
    ];
    for (const { status, reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[]) {
      expect({ status, code: reason.code }).toEqual({ status: 'rejected', code: 'registryUnavailable' });
    }
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
