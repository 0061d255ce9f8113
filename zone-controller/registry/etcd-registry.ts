/** The registry on etcd, for zones of several controllers. */
import type { Logger } from '../../common/log.ts';
import { EtcdCalls } from './etcd-calls.ts';
import type { EtcdSettings } from './etcd-config.ts';
import { EtcdConnection } from './etcd-connection.ts';
import { prefixRange, toEntry, toRevision } from './etcd-entry.ts';
import { EtcdLease } from './etcd-lease.ts';
import { EtcdWatch } from './etcd-watch.ts';
import type { Lease, Registry, RegistryEntry, RegistryList, Watch, WatchListener } from './registry.ts';

/** Entries that are listed at a time: a gRPC message has a maximum. */
const PAGE = 1_000;

export class EtcdRegistry implements Registry {
  readonly #connection: EtcdConnection;
  readonly #calls: EtcdCalls;
  readonly #log: Logger;
  /** Ended when the registry is closed. */
  readonly #open = new Set<EtcdWatch | EtcdLease>();

  constructor(settings: EtcdSettings, log: Logger) {
    this.#connection = new EtcdConnection(settings, log);
    this.#calls = new EtcdCalls(this.#connection, settings.requestTimeoutMs);
    this.#log = log;
  }

  async get(key: string): Promise<RegistryEntry | undefined> {
    const range = { key: Buffer.from(key) };
    const { kvs } = await this.#calls.repeatable(({ kv }, options) => kv.range(range, options));
    return kvs[0] && toEntry(kvs[0]);
  }

  list(prefix: string): Promise<RegistryList> {
    return this.#calls.repeatable(async ({ kv }, options) => {
      const entries: RegistryEntry[] = [];
      let { key, range_end } = prefixRange(prefix);
      for (let revision = 0; ; ) {
        const page = await kv.range({ key, range_end, limit: PAGE, revision }, options);
        revision ||= toRevision(page.header.revision);
        for (const found of page.kvs) entries.push(toEntry(found));
        const last = page.kvs.at(-1);
        if (!page.more || last === undefined) return { entries, revision };
        key = Buffer.concat([last.key, Buffer.from([0])]); // the next key that can exist
      }
    });
  }

  put(key: string, value: string, expected?: number): Promise<number> {
    return this.#calls.put(key, value, expected);
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    const request = { request_delete_range: { key: Buffer.from(key) } };
    const { responses } = await this.#calls.writeKey(key, expected, request);
    return responses[0]?.response_delete_range.deleted !== '0';
  }

  async lease(ttlSeconds: number): Promise<Lease> {
    const lease = await EtcdLease.grant(this.#calls, ttlSeconds);
    this.#open.add(lease);
    void lease.lost.then(() => this.#open.delete(lease));
    return lease;
  }

  watch(prefix: string, since: number, listener: WatchListener): Watch {
    const watch = new EtcdWatch(this.#connection, { prefix, since, listener, log: this.#log });
    this.#open.add(watch);
    void watch.over.then(() => this.#open.delete(watch));
    return watch;
  }

  async close(): Promise<void> {
    for (const each of this.#open) each.close();
    this.#connection.close();
  }
}
