import { describe, expect, test } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { TestEtcd } from '../../test/etcd/test-etcd.ts';
import { Random } from '../../test/fuzz/random.ts';
import { TcpProxy } from '../../test/processes/tcp-proxy.ts';
import { campaign, type Leadership } from './election.ts';
import { EtcdRegistry } from './etcd-registry.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { MemoryStore } from './memory-store.ts';
import type { Registry } from './registry.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const KEY = '/zonecast/zones/z/leader';

function options(registry: Registry, candidate: string) {
  return { registry, key: KEY, candidate, ttlSeconds: 2, log };
}

describe('an election', () => {
  test('has one winner; the next leads when that one resigns', async () => {
    const store = new MemoryStore();
    const first = await campaign(options(new MemoryRegistry(store), 'one'));
    const waiting = campaign(options(new MemoryRegistry(store), 'two'));
    expect(first.isLeader).toBe(true);
    expect(JSON.parse((await new MemoryRegistry(store).get(KEY))?.value ?? '')).toMatchObject({ controller: 'one' });
    await first.resign();
    await first.lost;
    expect(first.isLeader).toBe(false);
    const second = await waiting;
    expect(second.term).toBeGreaterThan(first.term);
    expect(second.isLeader).toBe(true);
    await second.resign();
  });

  test('is lost when somebody deletes the key', async () => {
    const registry = new MemoryRegistry();
    const first = await campaign(options(registry, 'one'));
    await registry.delete(KEY);
    await first.lost;
    expect(first.isLeader).toBe(false);
    await (await campaign(options(registry, 'two'))).resign();
  });

  test('can be left before it is won, without a trace', async () => {
    const store = new MemoryStore();
    const registry = new MemoryRegistry(store);
    const first = await campaign(options(registry, 'one'));
    const leaving = new AbortController();
    const second = campaign(options(new MemoryRegistry(store), 'two'), leaving.signal);
    leaving.abort(new Error('leaving'));
    await expect(second).rejects.toThrow('leaving');
    await first.resign();
    expect(await registry.get(KEY)).toBeUndefined();
  });

  test('never has two leaders, whoever comes and goes', async () => {
    const seed = Number(process.env.ETCD_SEED ?? Math.floor(Math.random() * 2 ** 32));
    const random = new Random(seed);
    const store = new MemoryStore();
    const elected: Leadership[] = [];
    const lives = Array.from({ length: 5 }, async (_, index) => {
      for (let turn = 0; turn < 10; turn++) {
        const leader = await campaign(options(new MemoryRegistry(store), `controller-${index}`));
        expect(
          elected.filter(({ isLeader }) => isLeader),
          `ETCD_SEED=${seed}`,
        ).toEqual([]);
        expect(leader.term).toBeGreaterThan(elected.at(-1)?.term ?? 0);
        elected.push(leader);
        await (random.chance(2) ? leader.resign() : new MemoryRegistry(store).delete(KEY).then(() => leader.lost));
      }
    });
    await Promise.all(lives);
    expect(elected).toHaveLength(50);
  });

  test('on etcd: a leader that is cut off knows that it is none before the next one is', async () => {
    const etcd = await TestEtcd.start();
    const proxy = await TcpProxy.start(etcd.members[0]?.endpoint ?? '');
    const cutOff = new EtcdRegistry(etcd.settings({ endpoints: [proxy.endpoint], requestTimeoutMs: 1_000 }), log);
    const connected = new EtcdRegistry(etcd.settings(), log);
    const first = await campaign(options(cutOff, 'one'));
    const waiting = campaign(options(connected, 'two'));
    proxy.freeze();
    const second = await waiting;
    expect(first.isLeader).toBe(false);
    expect(second.term).toBeGreaterThan(first.term);
    await first.lost;
    proxy.mend();
    const again = campaign(options(cutOff, 'one'));
    await second.resign();
    expect((await again).term).toBeGreaterThan(second.term);
    await (await again).resign();
    for (const registry of [cutOff, connected]) await registry.close();
    proxy.close();
    await etcd.stop();
  });
});
