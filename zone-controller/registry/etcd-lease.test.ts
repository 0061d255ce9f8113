import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EtcdCalls } from './etcd-calls.ts';
import { EtcdLease } from './etcd-lease.ts';
import type { EtcdMember } from './etcd-member.ts';

const TTL_SECONDS = 2;

/** etcd, whose answers to renewals a test gives. */
class SlowEtcd {
  readonly renewals: PromiseWithResolvers<void>[] = [];

  readonly calls = {
    repeatable: (call: (member: EtcdMember, options: object) => Promise<unknown>) => call(this.#member, {}),
  } as unknown as EtcdCalls;

  readonly #member = {
    leases: { leaseGrant: async () => ({ ID: '1', TTL: String(TTL_SECONDS) }), leaseKeepAlive: () => this.#stream() },
  } as unknown as EtcdMember;

  async #stream() {
    const renewal = Promise.withResolvers<void>();
    this.renewals.push(renewal);
    return {
      on: (event: string, tell: (answer: object) => void) => {
        if (event === 'data') void renewal.promise.then(() => tell({ ID: '1', TTL: String(TTL_SECONDS) }));
      },
      write: () => undefined,
      end: () => undefined,
    };
  }
}

let nowMs: number;
beforeEach(() => {
  nowMs = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => void vi.restoreAllMocks());

/** A lease that has asked to be renewed 100 ms after it was granted. */
async function renewing(etcd: SlowEtcd): Promise<EtcdLease> {
  const lease = await EtcdLease.grant(etcd.calls, TTL_SECONDS);
  nowMs += 100;
  await vi.waitFor(() => expect(etcd.renewals).toHaveLength(1), { timeout: 5_000 });
  return lease;
}

test('a renewed lease lives on from when that was asked for', async () => {
  const etcd = new SlowEtcd();
  const lease = await renewing(etcd);
  etcd.renewals[0]?.resolve();
  await new Promise(setImmediate);
  nowMs = 3_099;
  expect(lease.isAlive).toBe(true);
  nowMs = 3_100;
  expect(lease.isAlive).toBe(false);
  lease.close();
});

test('a lease that was over once is not alive again when an answer comes late', async () => {
  const etcd = new SlowEtcd();
  const lease = await renewing(etcd);
  // A process that did not run for a while reads what has come before it looks at its timers.
  nowMs = 3_050;
  expect(lease.isAlive).toBe(false);
  etcd.renewals[0]?.resolve();
  await new Promise(setImmediate);
  expect(lease.isAlive).toBe(false);
  await lease.lost;
});
