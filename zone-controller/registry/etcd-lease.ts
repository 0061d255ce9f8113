/** A lease of etcd, renewed three times in its life. What is left of it is counted here from before each request. */
import { setTimeout as pause } from 'node:timers/promises';
import { castGrpcError, type ILeaseKeepAliveResponse } from 'etcd3';
import { ZonecastError } from '../../common/errors.ts';
import type { EtcdCalls } from './etcd-calls.ts';
import type { EtcdMember } from './etcd-member.ts';
import type { Lease } from './registry.ts';

/** etcd refuses or rounds up what is shorter than one and a half of its election timeouts (1 s by default). */
const MIN_TTL_SECONDS = 2;
const RETRY_MS = 250;

export class EtcdLease implements Lease {
  readonly ttlSeconds: number;
  readonly #calls: EtcdCalls;
  readonly #id: string;
  readonly #ending = new AbortController();
  readonly #lost = Promise.withResolvers<void>();
  readonly lost = this.#lost.promise;
  #aliveUntilMs: number;
  #expiry: NodeJS.Timeout | undefined;

  private constructor(calls: EtcdCalls, id: string, ttlSeconds: number, sentMs: number) {
    this.#calls = calls;
    this.#id = id;
    this.ttlSeconds = ttlSeconds;
    this.#aliveUntilMs = this.#renewed(sentMs);
    void this.#keepAlive();
  }

  static async grant(calls: EtcdCalls, ttlSeconds: number): Promise<EtcdLease> {
    const request = { TTL: Math.max(MIN_TTL_SECONDS, Math.ceil(ttlSeconds)) };
    let sentMs = 0;
    // To repeat it costs at most a lease that nobody keeps alive.
    const { ID, TTL } = await calls.repeatable(({ leases }, options) => {
      sentMs = performance.now();
      return leases.leaseGrant(request, options);
    });
    return new EtcdLease(calls, ID, Number(TTL), sentMs);
  }

  get isAlive(): boolean {
    return performance.now() < this.#aliveUntilMs;
  }

  async put(key: string, value: string, expected?: number): Promise<number> {
    if (!this.isAlive) throw new ZonecastError('leaseLost', 'The lease is over.');
    return this.#calls.put(key, value, expected, this.#id);
  }

  async revoke(): Promise<void> {
    this.close();
    await this.#calls
      .repeatable(({ leases }, options) => leases.leaseRevoke({ ID: this.#id }, options))
      .catch((error: ZonecastError) => {
        if (error.code !== 'leaseLost') throw error;
      });
  }

  /** No longer ours; etcd deletes its keys when its time is over. */
  close(): void {
    this.#aliveUntilMs = 0;
    clearTimeout(this.#expiry);
    this.#ending.abort();
    this.#lost.resolve();
  }

  async #keepAlive(): Promise<void> {
    const { signal } = this.#ending;
    let waitMs = this.#renewEveryMs;
    while (!signal.aborted) {
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      waitMs = (await this.#renew()) ? this.#renewEveryMs : RETRY_MS;
    }
  }

  get #renewEveryMs(): number {
    return (this.ttlSeconds * 1000) / 3;
  }

  /** False when etcd did not answer. */
  async #renew(): Promise<boolean> {
    let sentMs = 0;
    try {
      const { TTL } = await this.#calls.repeatable((member, options) => {
        sentMs = performance.now();
        return keepAliveOnce(member, this.#id, options);
      });
      if (this.#ending.signal.aborted) return true;
      // What was over once stays over: its holder may have taken another one, and this one's keys would stay for good.
      if (Number(TTL) <= 0 || !this.isAlive) this.close();
      else this.#aliveUntilMs = this.#renewed(sentMs);
      return true;
    } catch {
      return false; // until the time is over, which is then reported
    }
  }

  /** The end of a life that began when the request was sent, monotonic milliseconds. */
  #renewed(sentMs: number): number {
    const untilMs = sentMs + this.ttlSeconds * 1000;
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.close(), untilMs - performance.now());
    return untilMs;
  }
}

async function keepAliveOnce({ leases }: EtcdMember, ID: string, options: object): Promise<ILeaseKeepAliveResponse> {
  const stream = await leases.leaseKeepAlive(options);
  try {
    return await new Promise((resolve, reject) => {
      stream.on('data', resolve);
      stream.on('error', (error) => reject(castGrpcError(error)));
      stream.on('end', () => reject(new Error('etcd ended the stream of a lease')));
      stream.write({ ID });
    });
  } finally {
    stream.end();
  }
}
