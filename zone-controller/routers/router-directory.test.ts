/** What a controller takes a router for that it does not hear of. */
import { Server, type ServerWritableStream } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { mintZoneCertificates, serverCredentials, type ZoneCertificates } from '../../common/mutual-tls.ts';
import type { Event } from '../../proto/gen/zonecast/router/v1/Event.ts';
import { RouterService } from '../../proto/load.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { ZoneRecords } from '../registry/records.ts';
import { LONGEST_STEP_MS } from './awake-clock.ts';
import { RouterDirectory } from './router-directory.ts';

const id = 'router-1' as RouterId;
const log = createLogger({ name: 'test', level: 'silent' });
const listener = {
  event: vi.fn(),
  interrupted: vi.fn(),
  subscribed: vi.fn(),
  heardAgain: vi.fn(),
  lost: vi.fn(),
  unrecorded: vi.fn(),
};

let nowMs: number;
let registry: MemoryRegistry;
let records: ZoneRecords;
let certificates: ZoneCertificates;
let directory: RouterDirectory;
beforeEach(async () => {
  vi.clearAllMocks();
  nowMs = 0;
  registry = new MemoryRegistry();
  records = new ZoneRecords(registry, 'z' as ZoneId, log);
  certificates = await mintZoneCertificates();
  const tls = await certificates.issue('zone-controller', 'zc-1');
  directory = new RouterDirectory({ records, instance: 'i', tls, log, now: () => nowMs, listener });
});
afterEach(() => directory.close());

/** Time passes, in steps that a process makes that is awake. */
function pass(forMs: number): void {
  for (const untilMs = nowMs + forMs; nowMs < untilMs; ) {
    nowMs = Math.min(untilMs, nowMs + LONGEST_STEP_MS);
    directory.nowMs;
  }
}

/** A router of which nothing but its events can be had. Resolves with its port. */
async function serve(instance: string, port: number): Promise<{ readonly port: number; stop(): void }> {
  const server = new Server();
  const Events = (call: ServerWritableStream<unknown, Event>): void => void call.write({ subscribed: { instance } });
  server.addService(RouterService.service, { Events });
  const credentials = serverCredentials(await certificates.issue('router', id));
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`localhost:${port}`, credentials, (error, at) => (error ? reject(error) : resolve(at)));
  });
  return { port: bound, stop: () => server.forceShutdown() };
}

const seen = () => ({ has: directory.has(id), isAbsent: directory.isAbsent(id) });

test('one of which nothing is known may be there, until it had time to register', async () => {
  pass(60_000);
  // The registry has not been read yet.
  expect(seen()).toEqual({ has: true, isAbsent: false });
  directory.start();
  await new Promise((resolve) => setImmediate(resolve));
  pass(14_999);
  expect(seen()).toEqual({ has: true, isAbsent: false });
  pass(1);
  expect(seen()).toEqual({ has: false, isAbsent: true });
  expect(directory.lostForMs(id)).toBeUndefined();
});

test('one that was found to be lost is gone at once, also soon after the start', async () => {
  const limits = { participants: 10, packetsPerSecond: 10 };
  // Nothing listens at the port of RFC 863.
  const record = { address: 'localhost:9', workers: 1, limits, labels: {}, taints: [], release: '1', controller: 'c' };
  const { key, value } = records.routerEntry(id, record);
  await registry.put(key, value);
  directory.start();
  await expect.poll(() => listener.interrupted.mock.calls.length).toBeGreaterThan(0);
  expect(seen()).toEqual({ has: true, isAbsent: false });
  await registry.delete(key);
  await expect.poll(() => listener.lost.mock.calls).toEqual([[id]]);
  expect(seen()).toEqual({ has: false, isAbsent: true });
  pass(20_000);
  expect(directory.lostForMs(id)).toBe(20_000);
});

test.each(['the same', 'another'])(
  'one that comes back after it was found to be lost, as %s process',
  async (which) => {
    const limits = { participants: 10, packetsPerSecond: 10 };
    let router = await serve('the same', 0);
    const address = `localhost:${router.port}`;
    const record = { address, workers: 1, limits, labels: {}, taints: [], release: '1', controller: 'c' };
    const { key, value } = records.routerEntry(id, record);
    await registry.put(key, value);
    directory.start();
    await expect.poll(() => listener.subscribed.mock.calls.length).toBe(1);
    router.stop();
    await expect.poll(() => listener.interrupted.mock.calls.length).toBeGreaterThan(0);
    await registry.delete(key);
    await expect.poll(() => listener.lost.mock.calls.length, { timeout: 5_000 }).toBe(1);
    pass(20_000);
    router = await serve(which, router.port);
    try {
      await registry.put(key, value);
      await expect.poll(() => listener.subscribed.mock.calls.length, { timeout: 5_000 }).toBe(2);
      // Of the process of before, nobody is left.
      expect(directory.lostForMs(id)).toBe(which === 'another' ? 20_000 : undefined);
    } finally {
      router.stop();
    }
  },
);
