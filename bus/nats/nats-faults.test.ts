/** One NATS server that is killed, stopped, cut off, or whose buckets are changed behind our back. */
import { randomUUID } from 'node:crypto';
import type { NatsConnection } from 'nats';
import { afterEach, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { Random } from '../../test/fuzz/random.ts';
import { TcpProxy } from '../../test/processes/tcp-proxy.ts';
import type { Bucket } from '../bucket.ts';
import type { Bus } from '../bus.ts';
import { becomes } from '../testing/becomes.ts';
import { BucketCollector, MessageCollector } from '../testing/collectors.ts';
import { CountingWriter } from '../testing/counting-writer.ts';
import { NatsLab } from '../testing/nats-lab.ts';
import type { NatsProcess } from '../testing/nats-process.ts';
import { type TestBus, ZONES } from '../testing/test-zones.ts';
import { NatsFollow } from './nats-follow.ts';
import { NatsLink } from './nats-link.ts';
import type { NatsSettings } from './nats-settings.ts';
import { NatsTransport } from './nats-transport.ts';

const log = createLogger({ name: 'test', level: 'silent' });

let lab: NatsLab;
let server: NatsProcess;
let proxy: TcpProxy;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  lab = await NatsLab.start();
  server = lab.servers[0] as NatsProcess; // one is started
  proxy = await TcpProxy.start(server.endpoint);
});
afterEach(async () => {
  server.thaw();
  for (const closable of opened.splice(0)) await closable.close();
  proxy.close();
  await lab.stop();
});

async function open(zone: string, overrides: Partial<NatsSettings> = {}): Promise<TestBus> {
  const test = ZONES.open(new NatsTransport(lab.settings(overrides), zone, log), ZONES.identity(zone));
  opened.push(test.bus);
  await test.bus.connected();
  return test;
}

const throughProxy = () => ({ servers: [proxy.endpoint] });

async function openAdmin(): Promise<NatsConnection> {
  const connection = await lab.client();
  opened.push(connection);
  return connection;
}

async function provisioned(bus: Bus, name = `faults-${randomUUID()}`): Promise<Bucket> {
  const bucket = bus.bucket({ name, writerOf: () => undefined });
  await bucket.provision({ replicas: 1, maxBytes: 4_000_000 });
  return bucket;
}

async function watched(bucket: Bucket): Promise<BucketCollector> {
  const seen = new BucketCollector();
  bucket.watch('', seen);
  await seen.until(() => seen.completed === 1);
  return seen;
}

describe('a watch', () => {
  test('never goes back, doubles nothing and comes to the end while the server is killed and started again', async () => {
    const seed = Number(process.env.BUS_SEED ?? Math.floor(Math.random() * 2 ** 32));
    onTestFailed(() => void process.stderr.write(`BUS_SEED=${seed}\n`));
    const random = new Random(seed);
    const [writing, watching] = [await open('alpha'), await open('beta')];
    const bucket = await provisioned(writing.bus);
    const seen = await watched(watching.bus.bucket({ name: bucket.name, writerOf: () => 'alpha' }));
    const writer = new CountingWriter(bucket, 'count');
    for (let kill = 0; kill < 4; kill++) {
      const wanted = seen.changes.length + 1 + random.below(100);
      await seen.until(() => seen.changes.length >= wanted);
      await server.kill();
      await server.start();
    }
    await writer.next;
    await writer.stop();
    const last = (await bucket.get('count'))?.value;
    expect(last).toBeGreaterThanOrEqual(writer.acknowledged);
    await seen.until(() => seen.values.get('count') === last);
    const counts = seen.changes.map((change) => (change.type === 'put' ? Number(change.entry.value) : -1));
    expect(counts).toEqual([...new Set(counts)].sort((a, b) => a - b));
    expect(seen.completed).toBe(1);
  });

  test('reports what was deleted though the deletion itself is forgotten', async () => {
    const [alpha, beta, admin] = [await open('alpha'), await open('beta', throughProxy()), await openAdmin()];
    const bucket = await provisioned(alpha.bus);
    for (const key of ['a', 'b', 'c']) await bucket.put(key, 1);
    const seen = await watched(beta.bus.bucket({ name: bucket.name, writerOf: () => 'alpha' }));
    proxy.cut();
    await becomes(beta.bus, 'away');
    await bucket.delete('b');
    const filter = JSON.stringify({ filter: `$KV.${bucket.name}.b` });
    await admin.request(`$JS.API.STREAM.PURGE.KV_${bucket.name}`, filter);
    await bucket.put('c', 2);
    proxy.mend();
    await seen.until(() => seen.changes.length === 5);
    expect(seen.story.slice(3).toSorted()).toEqual(['-b', 'c=2']);
  });

  test('is complete though the last write was purged', async () => {
    const [alpha, admin] = [await open('alpha'), await openAdmin()];
    const bucket = await provisioned(alpha.bus);
    await bucket.put('a', 1);
    await bucket.put('b', 1);
    await admin.request(`$JS.API.STREAM.PURGE.KV_${bucket.name}`, JSON.stringify({ filter: `$KV.${bucket.name}.b` }));
    expect((await watched(bucket)).story).toEqual(['a=1']);
    expect(await bucket.list('')).toHaveLength(1);
  });

  test('goes over to a bucket that was made anew, with lower revisions', async () => {
    const [alpha, admin] = [await open('alpha'), await openAdmin()];
    const bucket = await provisioned(alpha.bus);
    for (const key of ['a', 'b', 'c', 'd', 'e']) await bucket.put(key, 1);
    const seen = await watched(bucket);
    await admin.request(`$JS.API.STREAM.DELETE.KV_${bucket.name}`);
    await provisioned(alpha.bus, bucket.name);
    await bucket.put('b', 2);
    await seen.until(() => seen.values.get('b') === 2 && seen.values.size === 1);
    expect(seen.story.slice(5).toSorted()).toEqual(['-a', '-c', '-d', '-e', 'b=2']);
    await bucket.put('b', 3);
    await seen.until(() => seen.values.get('b') === 3);
  });

  test('reads all again now and then: what it was never told of comes out', async () => {
    const [alpha, admin] = [await open('alpha'), await openAdmin()];
    const bucket = await provisioned(alpha.bus);
    for (const key of ['a', 'b']) await bucket.put(key, 1);
    const link = new NatsLink(lab.settings(), 'alpha', log);
    opened.push(link);
    const { promise: isSeen, resolve } = Promise.withResolvers<void>();
    const listings: string[][] = [];
    const follow = new NatsFollow(
      bucket.name,
      {
        begin: () => listings.push([]),
        value: ({ key }) => listings.at(-1)?.push(key),
        complete: () => {
          const keys = listings.at(-1);
          if (keys?.length === 2) {
            // Nobody who follows is told of this.
            const filter = JSON.stringify({ filter: `$KV.${bucket.name}.a` });
            void admin.request(`$JS.API.STREAM.PURGE.KV_${bucket.name}`, filter);
          } else if (keys?.length === 1) resolve();
        },
      },
      { link, timeoutMs: 3_000, log, maxSessionMs: 200 },
    );
    await isSeen;
    follow.close();
    expect(listings.at(-1)).toEqual(['b']);
  });

  test('goes on in a bucket that was full, once deletions are purged', async () => {
    const alpha = await open('alpha');
    const bucket = alpha.bus.bucket({ name: `full-${randomUUID()}`, writerOf: () => undefined });
    await bucket.provision({ replicas: 1, maxBytes: 20_000 });
    const seen = await watched(bucket);
    const full = async (): Promise<unknown> => {
      for (let meeting = 0; ; meeting++) {
        try {
          await bucket.put(`m${meeting}`, 'x'.repeat(100));
          await bucket.delete(`m${meeting}`);
        } catch (error) {
          return error;
        }
      }
    };
    expect(await full()).toMatchObject({ code: 'busUnavailable', message: expect.stringContaining('maximum bytes') });
    expect(await bucket.purgeDeletions({ olderThanMs: 0, atMost: 1_000 })).toBeGreaterThan(20);
    await bucket.put('new', 1);
    await seen.until(() => seen.values.has('new'));
  });

  test('waits for a bucket that is not there yet', async () => {
    const alpha = await open('alpha');
    const name = `later-${randomUUID()}`;
    const bucket = alpha.bus.bucket({ name, writerOf: () => undefined });
    await expect(bucket.get('a')).rejects.toMatchObject({
      code: 'busUnavailable',
      message: expect.stringContaining('no bucket'),
    });
    const seen = new BucketCollector();
    bucket.watch('', seen);
    await provisioned(alpha.bus, name);
    await bucket.put('a', 1);
    await seen.until(() => seen.values.has('a'));
  });
});

describe('a server that does not answer though its connections stay', () => {
  test('is away within seconds; nothing piles up meanwhile, and all goes on after it', async () => {
    const [alpha, beta] = [await open('alpha'), await open('beta')];
    const bucket = await provisioned(alpha.bus);
    await bucket.put('a', 1);
    const [seen, heard] = [
      await watched(beta.bus.bucket({ name: bucket.name, writerOf: () => 'alpha' })),
      new MessageCollector(),
    ];
    await beta.bus.subscribe('news', heard).active;
    await server.freeze();
    const startMs = performance.now();
    const asked = alpha.bus.request('news', 1, { timeoutMs: 60_000 }).catch((error: unknown) => error);
    const put = bucket.put('b', 1).catch((error: unknown) => error);
    await Promise.all([becomes(alpha.bus, 'away'), becomes(beta.bus, 'away')]);
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(await asked).toMatchObject({ code: 'busUnavailable' });
    expect(await put).toMatchObject({ code: 'busUnavailable' });
    expect(alpha.bus.publish('news', 'lost')).toBe(false);
    server.thaw();
    await Promise.all([alpha.bus.connected(), beta.bus.connected()]);
    await bucket.put('c', 1);
    await seen.until(() => seen.values.has('c'));
    alpha.bus.publish('news', 'again');
    await heard.until(() => heard.events.at(-1) === 'again');
    expect(heard.events.filter((event) => event === 'lost')).toEqual([]);
    expect(heard.events[0]).toEqual({ gap: undefined });
  });

  test('is given so much and no more', async () => {
    const alpha = await open('alpha');
    await server.freeze();
    const payload = 'x'.repeat(200_000);
    let sent = 0;
    while (alpha.bus.publish('news', payload)) sent++;
    expect(sent).toBeLessThan(25);
    expect(alpha.counters.unsentByReason).toEqual(new Map([['congested', 1]]));
    await becomes(alpha.bus, 'away');
    server.thaw();
    await alpha.bus.connected();
    expect(alpha.bus.publish('news', payload)).toBe(true);
  });

  test('costs no sockets however often it is tried', async () => {
    const alpha = await open('alpha', { dialTimeoutMs: 100 });
    await server.freeze();
    await becomes(alpha.bus, 'away');
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    const before = sockets();
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // some ten tries
    expect(sockets()).toBeLessThanOrEqual(before + 1);
  });
});

describe('a network that is cut', () => {
  test('is come back over again and again', async () => {
    const [alpha, beta] = [await open('alpha', throughProxy()), await open('beta')];
    const heard = new MessageCollector();
    await beta.bus.subscribe('news', heard).active;
    await alpha.bus.respond('calls', () => 'answer').active;
    for (let time = 0; time < 5; time++) {
      proxy.cut();
      await becomes(alpha.bus, 'away');
      proxy.mend();
      await alpha.bus.connected();
      expect(alpha.bus.publish('news', time)).toBe(true);
      await heard.has(time + 1);
    }
    expect(alpha.counters.lostCount).toBe(5);
    expect((await beta.bus.request('calls', null)).payload).toBe('answer');
  });

  test('is told as a gap only when the server knows the subscription again', async () => {
    // What beta sends takes longer to the server than what alpha sends.
    const [alpha, beta] = [await open('alpha'), await open('beta', throughProxy())];
    const heard = new MessageCollector();
    let times = 0;
    await beta.bus.subscribe('news', {
      message: (message) => heard.message(message),
      gap: () => void alpha.bus.publish('news', ++times),
    }).active;
    for (let time = 1; time <= 10; time++) {
      proxy.cut();
      await becomes(beta.bus, 'away');
      proxy.mend();
      await heard.has(time);
    }
    expect(await heard.has(10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

test('hostile bytes on every subject are dropped and counted, and nothing else happens', async () => {
  const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32));
  onTestFailed(() => void process.stderr.write(`FUZZ_SEED=${seed}\n`));
  const random = new Random(seed);
  const [alpha, beta, admin] = [await open('alpha'), await open('beta'), await openAdmin()];
  const bucket = await provisioned(alpha.bus);
  await bucket.put('a', 'true');
  const [seen, heard] = [
    await watched(beta.bus.bucket({ name: bucket.name, writerOf: () => 'alpha' })),
    new MessageCollector(),
  ];
  await beta.bus.subscribe('news.>', heard).active;
  await beta.bus.respond('calls', () => 'answer').active;
  const subjects = [
    'news.a',
    'news.$.b',
    'calls',
    'zonecast.inboxes.beta.one.x',
    `$KV.${bucket.name}.a`,
    `$KV.${bucket.name}.b`,
  ];
  for (let round = 0; round < 2_000; round++) {
    const bytes = Uint8Array.from({ length: random.below(300) }, () => random.below(256));
    if (random.chance(2)) bytes[0] = 1;
    const reply = random.chance(2) ? { reply: random.pick(subjects) } : {};
    admin.publish(random.pick(subjects), bytes, reply);
  }
  await admin.flush();
  expect((await alpha.bus.request('calls', 1)).payload).toBe('answer');
  alpha.bus.publish('news.a', 'true');
  await heard.has(1);
  await bucket.put('a', 'still true');
  await seen.until(() => seen.changes.length === 2);
  expect(seen.story).toEqual(['a="true"', 'a="still true"']);
  expect(heard.events).toEqual(['true']);
  const reasons = ['malformed', 'unknownVersion', 'unexpected'];
  expect([...beta.counters.droppedByReason.keys()].sort()).toEqual(reasons.sort());
});
