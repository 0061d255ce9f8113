/** The bus on NATS: its subscriptions and publications, on whatever connection there is. */
import { ErrorCode, Events, type NatsConnection, type NatsError, type Subscription } from 'nats';
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import { isBucketName, isSubject } from '../subjects.ts';
import type { Store, SubscriptionReceiver, Transport, TransportListener, TransportSubscription } from '../transport.ts';
import { NatsLink } from './nats-link.ts';
import type { NatsSettings } from './nats-settings.ts';
import { NatsStore } from './nats-store.ts';

/** A subscription over all connections. */
interface Interest {
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly receiver: SubscriptionReceiver;
  readonly active: PromiseWithResolvers<void>;
  current: Subscription | undefined;
  /** It was on a connection that is lost, and its receiver does not know yet that it holds again. */
  isInterrupted: boolean;
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

  subscribe(pattern: string, queue: string | undefined, receiver: SubscriptionReceiver): TransportSubscription {
    const active = Promise.withResolvers<void>();
    active.promise.catch(() => undefined); // not everybody asks
    const interest: Interest = { pattern, queue, receiver, active, current: undefined, isInterrupted: false };
    this.#interests.add(interest);
    const { connection } = this.#link;
    if (connection !== undefined && !connection.isClosed()) {
      this.#listen(interest, connection);
      this.#confirm([interest], connection);
    }
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
    const interests = [...this.#interests];
    for (const interest of interests) {
      interest.isInterrupted = interest.current !== undefined;
      this.#listen(interest, connection);
    }
    this.#confirm(interests, connection);
    void this.#listenForRefusals(connection);
    this.#listener?.stateChanged(true);
  }

  #listen(interest: Interest, connection: NatsConnection): void {
    const { pattern, queue, receiver } = interest;
    interest.current = connection.subscribe(pattern, {
      ...(queue === undefined ? {} : { queue }),
      // What this throws would end nats.js's reading: it throws nothing.
      callback: (error, message) => {
        if (error !== null) return this.#ended(interest, error);
        const { subject, reply, data: bytes, headers } = message;
        const isNoResponder = headers?.code === 503 && bytes.length === 0;
        if (!isSubject(subject)) return;
        this.#resume(interest);
        receiver.receive({ subject, reply, bytes, isNoResponder });
      },
    });
  }

  /** The server works in order: when it answers, it knows the subscriptions that were sent before. Refusals come earlier. */
  #confirm(interests: readonly Interest[], connection: NatsConnection): void {
    const confirmed = (): void => {
      for (const interest of interests) {
        if (!this.#interests.has(interest)) continue;
        this.#resume(interest);
        interest.active.resolve();
      }
    };
    connection.flush().then(confirmed, () => undefined);
  }

  /** At the first sign that the server knows the subscription, be it a delivery. */
  #resume(interest: Interest): void {
    if (!interest.isInterrupted) return;
    interest.isInterrupted = false;
    interest.receiver.resumed?.();
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
