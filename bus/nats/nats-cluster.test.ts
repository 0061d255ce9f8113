/** Three NATS servers of which some are killed or stopped. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { ABSENT, type Bucket } from '../bucket.ts';
import { BucketCollector, MessageCollector } from '../testing/collectors.ts';
import { countUp } from '../testing/count-up.ts';
import { CountingWriter } from '../testing/counting-writer.ts';
import { NatsLab } from '../testing/nats-lab.ts';
import type { NatsProcess } from '../testing/nats-process.ts';
import { type TestBus, ZONES } from '../testing/test-zones.ts';
import { NatsTransport } from './nats-transport.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const DEADLINE_MS = 180_000;

let lab: NatsLab;
const opened: TestBus[] = [];
beforeAll(async () => {
  lab = await NatsLab.start({ servers: 3 });
});
afterEach(async () => {
  for (const server of lab.servers) server.thaw();
  for (const { bus } of opened.splice(0)) await bus.close();
});
afterAll(() => lab.stop());

async function open(zone: string, servers: readonly NatsProcess[] = lab.servers, instance?: string): Promise<TestBus> {
  const settings = lab.settings({ servers: servers.map(({ endpoint }) => endpoint) });
  const test = ZONES.open(new NatsTransport(settings, zone, log), ZONES.identity(zone, instance));
  opened.push(test);
  await test.bus.connected();
  return test;
}

/** Tries until it works: a cluster needs a while to find its leaders. */
async function eventually<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch {
      await pause(100);
    }
  }
}

const specOf = (name: string) => ({ name, writerOf: () => undefined });

async function provisioned({ bus }: TestBus): Promise<Bucket> {
  const bucket = bus.bucket(specOf(`cluster-${randomUUID()}`));
  await eventually(() => bucket.provision({ replicas: 3, maxBytes: 1_000_000 }));
  await eventually(() => bucket.put('ready', true));
  return bucket;
}

async function watched(bucket: Bucket): Promise<BucketCollector> {
  const seen = new BucketCollector();
  bucket.watch('', seen);
  await seen.until(() => seen.completed === 1);
  return seen;
}

describe('a cluster of three', () => {
  test('compares and swaps for zones on different servers', { timeout: DEADLINE_MS }, async () => {
    const { name } = await provisioned(await open('alpha'));
    const buses = await Promise.all(lab.servers.map((server, index) => open('alpha', [server], `zc-${index}`)));
    await Promise.all(buses.map(({ bus }) => eventually(() => countUp(bus.bucket(specOf(name)), 'count', 20))));
    const buckets = buses.map(({ bus }) => bus.bucket(specOf(name)));
    expect((await buckets[0]?.get('count'))?.value).toBe(60);
    for (let number = 0; number < 20; number++) {
      const writes = await Promise.allSettled(buckets.map((bucket, index) => bucket.put(`k${number}`, index, ABSENT)));
      const winners = writes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
      expect(winners).toEqual([(await buckets[0]?.get(`k${number}`))?.value]);
    }
  });

  test('purges deletions, and no key that is written again meanwhile', { timeout: DEADLINE_MS }, async () => {
    const [writing, ...purging] = await Promise.all(
      lab.servers.map((server, index) => open('alpha', [server], `zc-${index}`)),
    );
    if (writing === undefined) throw new Error('three are open');
    const { name } = await provisioned(writing);
    const bucket = writing.bus.bucket(specOf(name));
    let isOver = false;
    const purged = purging.map(async ({ bus }) => {
      let count = 0;
      while (!isOver) {
        count += await eventually(() => bus.bucket(specOf(name)).purgeDeletions({ olderThanMs: 0, atMost: 100 }));
      }
      return count;
    });
    for (let round = 0; round < 30; round++) {
      const revision = await bucket.put('a', round, ABSENT);
      expect(await bucket.get('a')).toMatchObject({ value: round, revision });
      if (round < 29) await bucket.delete('a');
    }
    isOver = true;
    expect((await Promise.all(purged)).reduce((sum, each) => sum + each)).toBeGreaterThan(0);
    expect(await bucket.list('a')).toMatchObject([{ value: 29 }]);
  });

  test('lists what was acknowledged, on whatever server', { timeout: DEADLINE_MS }, async () => {
    const bucket = await provisioned(await open('alpha'));
    const readers = await Promise.all(lab.servers.map((server, index) => open('beta', [server], `zc-${index}`)));
    for (let number = 0; number < 10; number++) {
      await bucket.put('a', number);
      const lists = await Promise.all(readers.map(({ bus }) => bus.bucket(specOf(bucket.name)).list('a')));
      expect(lists.map(([entry]) => entry?.value)).toEqual([number, number, number]);
    }
  });

  test.each<[string, (leader: NatsProcess) => Promise<void>, (leader: NatsProcess) => unknown]>([
    ['killed', (leader) => leader.kill(), (leader) => leader.start()],
    ['stopped', (leader) => leader.freeze(), (leader) => leader.thaw()],
  ])(
    'loses no acknowledged write when the leader of a bucket is %s',
    { timeout: DEADLINE_MS },
    async (_, fail, mend) => {
      const [writing, watching] = [await open('alpha'), await open('beta')];
      const bucket = await provisioned(writing);
      const seen = await watched(watching.bus.bucket(specOf(bucket.name)));
      const writer = new CountingWriter(bucket, 'count');
      for (let time = 0; time < 2; time++) {
        await writer.next;
        const leader = await lab.leaderOf(bucket.name);
        await fail(leader);
        const before = writer.acknowledged;
        while (writer.acknowledged < before + 5) await writer.next;
        await mend(leader);
      }
      await writer.next;
      await writer.stop();
      const last = (await eventually(() => bucket.get('count')))?.value;
      expect(last).toBeGreaterThanOrEqual(writer.acknowledged);
      await seen.until(() => seen.values.get('count') === last);
      const counts = seen.changes.flatMap((change) =>
        change.type === 'put' && change.entry.key === 'count' ? [change.entry] : [],
      );
      // Each revision once. A write that was not acknowledged may have been seen and lost: then the number comes again.
      const revisions = counts.map(({ revision }) => revision);
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
      const numbers = counts.map(({ value }) => Number(value));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(seen.story.filter((line) => line.startsWith('-'))).toEqual([]);
    },
  );

  test('messages go on beside a server that is stopped', { timeout: DEADLINE_MS }, async () => {
    const [first, ...others] = lab.servers as [NatsProcess, NatsProcess, NatsProcess];
    const [alpha, beta] = [await open('alpha'), await open('beta', others)];
    const heard = new MessageCollector();
    await beta.bus.subscribe('news', heard).active;
    await beta.bus.respond('calls', () => 'answer').active;
    await first.freeze();
    await eventually(async () => {
      expect((await alpha.bus.request('calls', null, { timeoutMs: 1_000 })).payload).toBe('answer');
    });
    expect(alpha.bus.publish('news', 1)).toBe(true);
    await heard.has(1);
    first.thaw();
  });

  test('without a majority, buckets say that they are away, and messages go on', { timeout: DEADLINE_MS }, async () => {
    const [first, ...others] = lab.servers as [NatsProcess, NatsProcess, NatsProcess];
    const [alpha, beta] = [await open('alpha', [first]), await open('beta', [first])];
    const bucket = await provisioned(alpha);
    const seen = await watched(beta.bus.bucket(specOf(bucket.name)));
    const heard = new MessageCollector();
    await beta.bus.subscribe('news', heard).active;
    for (const server of others) await server.kill();
    await expect(bucket.put('a', 1)).rejects.toMatchObject({ code: 'busUnavailable' });
    expect(alpha.bus.publish('news', 1)).toBe(true);
    await heard.has(1);
    for (const server of others) await server.start();
    await eventually(() => bucket.put('a', 2));
    await seen.until(() => seen.values.get('a') === 2);
  });
});
