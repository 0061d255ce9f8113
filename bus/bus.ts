/**
 * How the zones of one system and their global controller talk: messages, requests, and keys that everybody may watch.
 * The interface has two implementations, NATS and memory, that pass one contract test (`bus-contract.ts`).
 *
 * Everything that arrives through it is signed end to end: `sender` is proved, whatever the servers between did. What
 * is not valid is dropped and counted (`bus-observer.ts`). Payloads are JSON; whoever receives one checks its shape.
 * docs/bus.md says what is promised.
 */
import type { Bucket, BucketSpec } from './bucket.ts';
import type { Sender } from './sender.ts';

export type BusState = 'connected' | 'away';

export interface BusMessage {
  readonly subject: string;
  readonly sender: Sender;
  /** By the sender's clock, milliseconds since 1970; at most the allowed clock skew away from ours. */
  readonly timeMs: number;
  readonly payload: unknown;
}

export interface Subscriber {
  /** One at a time: the next waits until this is resolved. What it throws is logged. */
  message(message: BusMessage): void | Promise<void>;
  /**
   * Told in place of what is missing: `lost` messages that came faster than they were taken, the oldest first; or
   * undefined when nobody can know how many, because the connection was away. By then the server
   * knows the subscription again.
   */
  gap?(lost: number | undefined): void;
}

export interface SubscribeOptions {
  /** Of all subscriptions to a subject that name the same group, one gets each message. */
  readonly queue?: string;
  /** Messages that wait for the subscriber, 1 or more; beyond, the oldest are dropped and told as a gap. */
  readonly maxWaiting?: number;
}

export interface Subscription {
  /**
   * Resolves when what is published from now on will arrive. Rejects with `unauthorized` when the server refuses the
   * subscription; it is then over.
   */
  readonly active: Promise<void>;
  /** Nothing arrives after this. */
  close(): void;
}

/** Answers a request; what it throws is the answer too, with its code (`internal` when it has none). */
export type RequestHandler = (request: BusMessage) => unknown | Promise<unknown>;

export interface RespondOptions {
  /** As SubscribeOptions.queue; without it all instances of a zone share the requests. */
  readonly queue?: string;
  /** Requests in work; beyond, they are answered `rateLimited`. */
  readonly maxConcurrent?: number;
  /** A handler that takes longer is answered for with `requestTimedOut`. */
  readonly timeoutMs?: number;
}

export interface RequestOptions {
  readonly timeoutMs?: number;
}

export interface Bus {
  readonly sender: Sender;
  /** `connected` says that a server answers, not that anybody listens there. */
  readonly state: BusState;
  /** Calls `listener` after every change, until the returned function is called. */
  onState(listener: (state: BusState) => void): () => void;
  /** Resolves as soon as the state is `connected`; rejects with `busUnavailable` when the bus is closed. */
  connected(): Promise<void>;

  /**
   * At most once, to whoever listens now. While away nothing is kept: false, and counted. Throws `badMessage` when the
   * payload is too large.
   */
  publish(subject: string, payload: unknown): boolean;
  /** `*` in the subject stands for one token, `>` at its end for one or more. Lives through losses of the connection. */
  subscribe(subject: string, subscriber: Subscriber, options?: SubscribeOptions): Subscription;

  /**
   * Resolves with the answer. Throws what the handler threw, by its code, or
   * - `busUnavailable`: away, or gone away before the answer came (the request may have been carried out);
   * - `noResponder`: nobody answers requests on this subject;
   * - `requestTimedOut`: no answer in time (it may have been carried out);
   * - `unauthorized`: the server does not let us ask this;
   * - `badMessage`: the payload is too large.
   */
  request(subject: string, payload: unknown, options?: RequestOptions): Promise<BusMessage>;
  /** A request may arrive twice in rare cases (another instance, a replay): what it does must bear that. */
  respond(subject: string, handler: RequestHandler, options?: RespondOptions): Subscription;

  bucket(spec: BucketSpec): Bucket;

  /** Ends subscriptions and watches; requests that wait fail. */
  close(): Promise<void>;
}
