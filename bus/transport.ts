/** What carries the bus: NATS or memory. It moves bytes and knows nothing of what is in them. */
import type { BucketSpec, ProvisionOptions } from './bucket.ts';

export interface Delivery {
  readonly subject: string;
  /** Where an answer goes. */
  readonly reply: string | undefined;
  readonly bytes: Uint8Array;
  /** The server says that nobody listens where a request with this subject as its reply went. */
  readonly isNoResponder: boolean;
}

export interface SubscriptionReceiver {
  receive(delivery: Delivery): void;
  /**
   * After the connection was away while the subscription existed: the server knows it again. Before the first delivery since.
   */
  resumed?(): void;
}

export interface TransportListener {
  /** The connection was made or is lost. A subscription may hold again only later. */
  stateChanged(isConnected: boolean): void;
  /** The server did not take what was published on the subject. */
  refused(subject: string): void;
}

export interface TransportSubscription {
  /** As Subscription.active. */
  readonly active: Promise<void>;
  close(): void;
}

export interface Transport {
  readonly isConnected: boolean;
  /** Once, before anything else. */
  attach(listener: TransportListener): void;
  /** Whatever it is not `sent` is gone. */
  publish(subject: string, bytes: Uint8Array, reply?: string): 'sent' | 'away' | 'congested';
  /** Made again by itself on every new connection. */
  subscribe(subject: string, queue: string | undefined, receiver: SubscriptionReceiver): TransportSubscription;
  store(bucket: BucketSpec['name']): Store;
  close(): Promise<void>;
}

export interface StoredValue {
  readonly key: string;
  readonly revision: number;
  /** When the store took it: with the revision, one write and no other. */
  readonly stamp: string;
  readonly bytes: Uint8Array;
}

export interface FollowReceiver {
  /**
   * All that is there follows, once more if it is not the first time. When not `isContinued`, it may be older than what
   * was told before: the bucket was made anew, or has lost its last writes.
   */
  begin(isContinued: boolean): void;
  /** In order of revisions; again from the first after `begin`. */
  value(value: StoredValue): void;
  /** All that was acknowledged before `begin` is told. */
  complete(): void;
}

/** The last value of each key. That a key is deleted is a value too, until it is purged. Errors as of Bucket. */
export interface Store {
  provision(options: ProvisionOptions): Promise<void>;
  last(key: string): Promise<StoredValue | undefined>;
  /** With `expected`, only if the key's last value has that revision (ABSENT: it has none). */
  append(key: string, bytes: Uint8Array, expected: number | undefined, isDeletion: boolean): Promise<number>;
  /**
   * Forgets the key's last value if that has this revision: the key then has none. Whoever follows is not told. False: there is
   * nothing of that revision, or not any more.
   */
  purge(key: string, revision: number): Promise<boolean>;
  /** All keys. Goes on until it is closed; `begin` comes again now and then, also when nothing was lost. */
  follow(receiver: FollowReceiver): { close(): void };
}
