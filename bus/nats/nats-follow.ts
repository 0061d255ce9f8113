/**
 * Follows a bucket over all connections. Each session asks the stream's leader how far it is, has JetStream push the
 * last value of every key and then what is written. It is over at the first sign of something missing: a number left
 * out, no heartbeat, a lost connection; and after an hour, for nobody is told what is purged, and a server that was cut off from the
 * others may never push what was deleted and purged meanwhile. The next session begins from the whole again, which is small.
 *
 * The one who pushes may be a server that lags behind the leader, so a session is complete when it has come as far as
 * the leader was, and not when that server has nothing more.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createInbox, type NatsConnection } from 'nats';
import { z } from 'zod';
import type { Logger } from '../../common/log.ts';
import { keySubject } from '../subjects.ts';
import type { FollowReceiver } from '../transport.ts';
import { type ApiRequest, ask } from './jetstream-api.ts';
import type { NatsLink } from './nats-link.ts';
import { PushedValues } from './pushed-values.ts';

const HEARTBEAT_MS = 2_000;
const SILENCE_MS = 2.5 * HEARTBEAT_MS;
const RETRY_MS = 500;
/** Half of it is random: not all read everything at once. */
const MAX_SESSION_MS = 3_600_000;
/**
 * Sessions that wait for a leader that is behind what we have seen to catch up, some 8 s; then the rest is taken for lost. A server that
 * was killed and is back may say for seconds that it has next to nothing.
 */
const MAX_BEHIND = 20;

const infoSchema = z.object({ created: z.string(), state: z.object({ last_seq: z.int().min(0) }) });

export interface NatsFollowOptions {
  readonly link: NatsLink;
  readonly timeoutMs: number;
  readonly log: Logger;
  /** Of a session, at the most; for tests. */
  readonly maxSessionMs?: number;
}

export class NatsFollow {
  readonly #bucket: string;
  readonly #receiver: FollowReceiver;
  readonly #options: NatsFollowOptions;
  readonly #closing = new AbortController();
  /** When the stream was made that we follow. */
  #created: string | undefined;
  /** Highest that was told. */
  #revision = 0;
  #behind = 0;
  #isWarned = false;

  constructor(bucket: string, receiver: FollowReceiver, options: NatsFollowOptions) {
    this.#bucket = bucket;
    this.#receiver = receiver;
    this.#options = options;
    void this.#run();
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const connection = await this.#options.link.next();
      if (connection === undefined) return;
      try {
        await this.#session(connection);
      } catch (error) {
        if (!this.#isWarned)
          this.#options.log.warn({ err: error, bucket: this.#bucket }, 'a bucket cannot be followed');
        this.#isWarned = true;
      }
      await pause(RETRY_MS * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Until something is missing. */
  async #session(connection: NatsConnection): Promise<void> {
    const { timeoutMs } = this.#options;
    const info = { subject: `$JS.API.STREAM.INFO.KV_${this.#bucket}`, body: '', timeoutMs };
    const { created, state } = await ask(connection, info, infoSchema);
    const isBehind = created === this.#created && state.last_seq < this.#revision;
    this.#behind = isBehind ? this.#behind + 1 : 0;
    if (isBehind && this.#behind < MAX_BEHIND) throw new Error('the leader is behind what it said before');
    if (this.#closing.signal.aborted) return;
    const isContinued = created === this.#created && !isBehind;
    if (!isContinued) this.#revision = 0;
    this.#created = created;
    this.#behind = 0;
    this.#isWarned = false;
    this.#receiver.begin(isContinued);
    await this.#follow(connection, state.last_seq);
  }

  async #follow(connection: NatsConnection, target: number): Promise<void> {
    const over = Promise.withResolvers<string>();
    const inbox = createInbox(this.#options.link.inboxPrefix);
    const pushed = new PushedValues(keySubject(this.#bucket, ''), target, {
      value: (value) => {
        this.#revision = Math.max(this.#revision, value.revision);
        this.#receiver.value(value);
      },
      complete: () => this.#receiver.complete(),
      broken: over.resolve,
    });
    const stop = (): void => over.resolve('closed');
    this.#closing.signal.addEventListener('abort', stop, { once: true });
    void connection.closed().then(stop);
    const maxSessionMs = this.#options.maxSessionMs ?? MAX_SESSION_MS;
    const age = setTimeout(() => over.resolve('age'), maxSessionMs * (0.5 + Math.random() / 2));
    const subscription = connection.subscribe(inbox, {
      callback: (error, message) => (error === null ? pushed.take(message) : over.resolve(error.message)),
    });
    try {
      await ask(connection, this.#consumerRequest(inbox), z.unknown());
      pushed.start(SILENCE_MS);
      const reason = await over.promise;
      this.#options.log.debug({ bucket: this.#bucket, reason }, 'a bucket is followed anew');
    } finally {
      pushed.close();
      clearTimeout(age);
      this.#closing.signal.removeEventListener('abort', stop);
      subscription.unsubscribe(); // the server forgets the consumer when nobody listens
    }
  }

  #consumerRequest(inbox: string): ApiRequest {
    const stream = `KV_${this.#bucket}`;
    const config = {
      deliver_subject: inbox,
      deliver_policy: 'last_per_subject',
      filter_subject: keySubject(this.#bucket, '>'),
      ack_policy: 'none',
      max_deliver: 1,
      idle_heartbeat: HEARTBEAT_MS * 1e6, // nanoseconds
      mem_storage: true,
      num_replicas: 1,
    };
    const body = JSON.stringify({ stream_name: stream, config });
    return { subject: `$JS.API.CONSUMER.CREATE.${stream}`, body, timeoutMs: this.#options.timeoutMs };
  }
}
