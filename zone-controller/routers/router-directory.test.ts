/** What a controller takes a router for that it does not hear of. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { mintZoneCertificates } from '../../common/mutual-tls.ts';
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
let directory: RouterDirectory;
beforeEach(async () => {
  vi.clearAllMocks();
  nowMs = 0;
  registry = new MemoryRegistry();
  records = new ZoneRecords(registry, 'z' as ZoneId, log);
  const tls = await (await mintZoneCertificates()).issue('zone-controller', 'zc-1');
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
