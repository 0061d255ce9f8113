/**
 * Keeps one connection to the servers, for ever: dials again with growing, random pauses, and leaves a server that is
 * stopped or cut off though its connection stays open. A connection is never reused once it was away.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import type { Logger } from '../../common/log.ts';
import { inboxPrefix } from '../subjects.ts';
import { dial } from './nats-dial.ts';
import type { NatsSettings } from './nats-settings.ts';

const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
const PROBE_EVERY_MS = 1_000;
/** Bytes that the server has not confirmed to have read; beyond, it takes less than we send. */
const MAX_UNCONFIRMED_BYTES = 4 * 1024 * 1024;

export interface LinkListener {
  connected(connection: NatsConnection): void;
  away(): void;
}

export class NatsLink {
  readonly #settings: NatsSettings;
  readonly #zone: string;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  readonly #over: Promise<void>;
  #listener: LinkListener | undefined;
  #connection: NatsConnection | undefined;
  #next = Promise.withResolvers<NatsConnection | undefined>();
  #confirmedBytes = 0;

  constructor(settings: NatsSettings, zone: string, log: Logger) {
    this.#settings = settings;
    this.#zone = zone;
    this.#log = log;
    this.#over = this.#run();
  }

  attach(listener: LinkListener): void {
    this.#listener = listener;
  }

  /** Below it is what only this zone may hear. */
  get inboxPrefix(): string {
    return inboxPrefix(this.#zone);
  }

  get connection(): NatsConnection | undefined {
    return this.#connection;
  }

  get isCongested(): boolean {
    return (this.#connection?.stats().outBytes ?? 0) - this.#confirmedBytes > MAX_UNCONFIRMED_BYTES;
  }

  /** The connection, or the next one however long that takes; undefined when the link is closed. */
  next(): Promise<NatsConnection | undefined> {
    return this.#next.promise;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#next.resolve(undefined);
    await this.#connection?.close();
    await this.#over;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures++) {
      const connection = await this.#dial(failures);
      if (connection !== undefined) {
        await this.#use(connection);
        failures = 0;
      }
      const mostMs = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** Math.min(failures, 10));
      // At least half: zones that lost the same server do not come back at the same moment.
      await pause(mostMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  }

  async #dial(failures: number): Promise<NatsConnection | undefined> {
    try {
      return await dial(this.#settings, this.#zone, this.#closing.signal);
    } catch (error) {
      if (failures === 0 && !this.#closing.signal.aborted)
        this.#log.warn({ err: error, servers: this.#settings.servers }, 'NATS does not answer');
      return undefined;
    }
  }

  /** Until it ends. */
  async #use(connection: NatsConnection): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted || connection.isClosed()) return connection.close();
    this.#connection = connection;
    this.#confirmedBytes = 0;
    this.#log.info({ server: connection.getServer() }, 'NATS connected');
    this.#listener?.connected(connection);
    this.#next.resolve(connection);
    const probing = this.#probe(connection);
    const reason = await connection.closed();
    this.#connection = undefined;
    if (!signal.aborted) {
      this.#next = Promise.withResolvers();
      this.#log.warn({ err: reason }, 'NATS lost');
      this.#listener?.away();
    }
    await probing;
  }

  async #probe(connection: NatsConnection): Promise<void> {
    const over = new AbortController();
    void connection.closed().then(() => over.abort());
    const { signal } = over;
    while (!signal.aborted) {
      const sentBytes = connection.stats().outBytes;
      const deadline = pause(this.#settings.dialTimeoutMs, 'late', { signal }).catch(() => 'over');
      const outcome = await Promise.race([connection.flush().catch(() => 'over'), deadline]);
      if (outcome === 'late') await connection.close();
      else this.#confirmedBytes = sentBytes;
      await pause(PROBE_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
