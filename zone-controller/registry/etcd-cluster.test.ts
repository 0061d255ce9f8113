/** Three members of etcd, of which some fail while two controllers write and a third one watches. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { ChangeCollector } from '../../test/etcd/collect-changes.ts';
import { CountingWriter } from '../../test/etcd/counting-writer.ts';
import { TestEtcd } from '../../test/etcd/test-etcd.ts';
import { EtcdRegistry } from './etcd-registry.ts';
import { revisionOf } from './registry.ts';

const log = createLogger({ name: 'test', level: 'silent' });
/** etcd elects a new leader within 1–2 s; a member that does not answer is left after 3 s. */
const GOES_ON_MS = 10_000;

let etcd: TestEtcd;
let registries: EtcdRegistry[];
beforeEach(async () => {
  etcd = await TestEtcd.start({ members: 3 });
  registries = etcd.members.map(() => new EtcdRegistry(etcd.settings(), log));
});
afterEach(async () => {
  for (const registry of registries) await registry.close();
  await etcd.stop();
});

/** Two who write and one who watches; `finish` checks that nothing was lost, missed or doubled. */
async function countTogether() {
  const [one, two, three] = registries as [EtcdRegistry, EtcdRegistry, EtcdRegistry];
  const seen = new ChangeCollector();
  three.watch('/count', (await three.list('/count')).revision, seen);
  const writers = [new CountingWriter(one, '/count'), new CountingWriter(two, '/count')];
  const goOn = async (): Promise<void> => {
    const sinceMs = performance.now();
    await Promise.all(writers.map((writer) => writer.next));
    await seen.has(seen.changes.length + 1);
    expect(performance.now() - sinceMs).toBeLessThan(GOES_ON_MS);
  };
  const finish = async (): Promise<void> => {
    await Promise.all(writers.map((writer) => writer.stop()));
    const last = Number((await one.get('/count'))?.value);
    await seen.has(last);
    expect(seen.values.map(Number)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    const history = new Map(seen.changes.map((change, index) => [revisionOf(change), index + 1]));
    const acknowledged = writers.flatMap((writer) => [...writer.acknowledged]);
    for (const [revision, number] of acknowledged) expect(history.get(revision)).toBe(number);
    expect(new Set(acknowledged.map(([, number]) => number)).size).toBe(acknowledged.length);
  };
  return { goOn, finish };
}

test('goes on when the leader is killed, and when the next one is stopped for a while', async () => {
  const { goOn, finish } = await countTogether();
  await goOn();
  const killed = await etcd.leader();
  await killed.kill();
  await goOn();
  await killed.start();
  await goOn();
  const stopped = await etcd.leader();
  await stopped.freeze();
  await goOn();
  await goOn();
  stopped.thaw();
  await goOn();
  await finish();
});

test('goes on when each member in turn is killed and started again', async () => {
  const { goOn, finish } = await countTogether();
  for (const member of etcd.members) {
    await member.kill();
    await goOn();
    await member.start();
    await goOn();
  }
  await finish();
});

test('refuses what no majority agrees on, and goes on when there is one again', async () => {
  const { goOn, finish } = await countTogether();
  const [registry] = registries as [EtcdRegistry];
  const lease = await registry.lease(2);
  await lease.put('/l/a', '');
  const [, two, three] = etcd.members;
  await two?.freeze();
  await three?.freeze();
  // The last writes may slip through before both have stopped.
  const refused = async (): Promise<unknown> => {
    for (;;) await registry.put('/a', '');
  };
  await expect(refused()).rejects.toMatchObject({ code: 'registryUnavailable' });
  await lease.lost;
  two?.thaw();
  await goOn();
  three?.thaw();
  await goOn();
  await finish();
});
