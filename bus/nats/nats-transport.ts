/** The bus on NATS: its subscriptions and publications, on whatever connection there is. */
import { ErrorCode, Events, type NatsConnection, type NatsError, type Subscription } from 'nats';
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import { isBucketName, isSubject } from '../subjects.ts';
import type { Delivery, Store, Transport, TransportListener, TransportSubscription } from '../transport.ts';
import { NatsLink } from './nats-link.ts';
import type { NatsSettings } from './nats-settings.ts';
import { NatsStore } from './nats-store.ts';

/** A subscription over all connections. */
interface Interest {
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly receive: (delivery: Delivery) => void;
  readonly active: PromiseWithResolvers<void>;
  current: Subscription | undefined;
}

export class NatsTransport implements Transport {
  readonly #settings: NatsSettings;
  readonly #link: NatsLink;
  readonly #log: Logger;
  readonly #interests = new Set<Interest>();
  #listener: TransportListener | undefined;

  constructor(settings: NatsSettings, zone: string, log: Logger) {
    this.#settings = settings;
    this.#log = log;
    this.#link = new NatsLink(settings, zone, log);
    this.#link.attach({
      connected: (connection) => this.#connected(connection),
      away: () => this.#listener?.stateChanged(false),
    });
  }

  get isConnected(): boolean {
    return this.#link.connection !== undefined;
  }

  attach(listener: TransportListener): void {
    this.#listener = listener;
  }

  publish(subject: string, bytes: Uint8Array, reply?: string): 'sent' | 'away' | 'congested' {
    const { connection } = this.#link;
    // A connection that has just ended says so a moment later.
    if (connection === undefined || connection.isClosed()) return 'away';
    if (this.#link.isCongested) return 'congested';
    connection.publish(subject, bytes, reply === undefined ? {} : { reply });
    return 'sent';
  }

  subscribe(pattern: string, queue: string | undefined, receive: (delivery: Delivery) => void): TransportSubscription {
    const active = Promise.withResolvers<void>();
    active.promise.catch(() => undefined); // not everybody asks
    const interest: Interest = { pattern, queue, receive, active, current: undefined };
    this.#interests.add(interest);
    const { connection } = this.#link;
    if (connection !== undefined && !connection.isClosed()) this.#listen(interest, connection);
    return {
      active: active.promise,
      close: () => {
        this.#interests.delete(interest);
        interest.current?.unsubscribe();
      },
    };
  }

  store(bucket: string): Store {
    if (!isBucketName(bucket)) throw new RangeError(`"${bucket}" is no bucket`);
    return new NatsStore(bucket, { link: this.#link, settings: this.#settings, log: this.#log });
  }

  close(): Promise<void> {
    this.#interests.clear();
    return this.#link.close();
  }

  #connected(connection: NatsConnection): void {
    for (const interest of this.#interests) this.#listen(interest, connection);
    void this.#listenForRefusals(connection);
    this.#listener?.stateChanged(true);
  }

  #listen(interest: Interest, connection: NatsConnection): void {
    const { pattern, queue, receive, active } = interest;
    interest.current = connection.subscribe(pattern, {
      ...(queue === undefined ? {} : { queue }),
      // What this throws would end nats.js's reading: it throws nothing.
      callback: (error, message) => {
        if (error !== null) return this.#ended(interest, error);
        const { subject, reply, data: bytes, headers } = message;
        const isNoResponder = headers?.code === 503 && bytes.length === 0;
        if (isSubject(subject)) receive({ subject, reply, bytes, isNoResponder });
      },
    });
    // Refusals come before the answer to this.
    connection.flush().then(active.resolve, () => undefined);
  }

  #ended(interest: Interest, error: NatsError): void {
    if (error.code !== ErrorCode.PermissionsViolation) return; // the connection is lost
    this.#interests.delete(interest);
    this.#log.error({ err: error, subject: interest.pattern }, 'the bus refused a subscription');
    interest.active.reject(new ZonecastError('unauthorized', `The server does not allow to hear ${interest.pattern}.`));
  }

  async #listenForRefusals(connection: NatsConnection): Promise<void> {
    for await (const { type, permissionContext } of connection.status()) {
      if (type !== Events.Error || permissionContext?.operation !== 'publish') continue;
      this.#listener?.refused(permissionContext.subject);
    }
  }
}
