/**
 * A bucket in JetStream, laid out as every NATS client does it (stream `KV_{bucket}`, subjects `$KV.{bucket}.{key}`,
 * one message of each), so that operators can look at it with NATS's own tools. nats.js's own KV is not used: it reads
 * from whichever server is near, and its watches have no answer to a history that is gone.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { headers } from 'nats';
import { z } from 'zod';
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import { ABSENT, type ProvisionOptions } from '../bucket.ts';
import { MAX_ENVELOPE_BYTES } from '../envelope/verifier.ts';
import { conflict, isConflict } from '../signed-bucket.ts';
import { keySubject } from '../subjects.ts';
import type { FollowReceiver, Store, StoredValue } from '../transport.ts';
import { API_ERROR, ApiError, type ApiRequest, askLink, toBucketError } from './jetstream-api.ts';
import { NatsFollow } from './nats-follow.ts';
import type { NatsLink } from './nats-link.ts';
import type { NatsSettings } from './nats-settings.ts';

const messageSchema = z.object({
  message: z.object({ seq: z.int().positive(), time: z.string(), data: z.base64().default('') }),
});
const infoSchema = z.object({ state: z.object({ last_seq: z.int().min(0) }) });
const acknowledgementSchema = z.object({ seq: z.int().positive() });

/** Of two processes that write at once, one goes first the next time. */
const MAX_PAUSE_MS = 20;

interface Swap {
  readonly expected: number;
  readonly isDeletion: boolean;
  readonly giveUpMs: number;
}

export interface NatsStoreParts {
  readonly link: NatsLink;
  readonly settings: NatsSettings;
  readonly log: Logger;
}

export class NatsStore implements Store {
  readonly #bucket: string;
  readonly #parts: NatsStoreParts;
  #lastSwap: Promise<unknown> = Promise.resolve();

  constructor(bucket: string, parts: NatsStoreParts) {
    this.#bucket = bucket;
    this.#parts = parts;
  }

  async provision({ replicas, maxBytes }: ProvisionOptions): Promise<void> {
    const stream = `KV_${this.#bucket}`;
    const config = {
      name: stream,
      subjects: [keySubject(this.#bucket, '>')],
      max_msgs_per_subject: 1,
      max_bytes: maxBytes,
      max_msg_size: MAX_ENVELOPE_BYTES + 1024, // headers
      discard: 'new',
      storage: 'file',
      num_replicas: replicas,
      allow_rollup_hdrs: true,
      // As NATS's own tools lay it out but for this: see `purge`.
      deny_delete: false,
    };
    try {
      await this.#ask(`$JS.API.STREAM.CREATE.${stream}`, JSON.stringify(config), z.unknown());
    } catch (error) {
      // Made by another, perhaps otherwise.
      if (!(error instanceof ApiError && error.code === API_ERROR.nameInUse)) throw toBucketError(this.#bucket, error);
    }
  }

  async last(key: string): Promise<StoredValue | undefined> {
    const subject = `$JS.API.STREAM.MSG.GET.KV_${this.#bucket}`;
    const body = JSON.stringify({ last_by_subj: keySubject(this.#bucket, key) });
    try {
      const { message } = await this.#ask(subject, body, messageSchema);
      return { key, revision: message.seq, stamp: message.time, bytes: Buffer.from(message.data, 'base64') };
    } catch (error) {
      if (error instanceof ApiError && error.code === API_ERROR.noMessage) return undefined;
      throw toBucketError(this.#bucket, error);
    }
  }

  /**
   * On a cluster, the servers compare a key's revision before they agree on the order of writes, so that of two at once
   * both may win (nats-server issue 4320; measured with 2.9.10). The revision of the whole bucket they compare after: we
   * read that, then the key, and write only if nothing at all was written since.
   */
  append(key: string, bytes: Uint8Array, expected: number | undefined, isDeletion: boolean): Promise<number> {
    if (expected === undefined) return this.#publish(key, bytes, undefined, isDeletion);
    // One after the other: our own writes of other keys would only make each other fail.
    const giveUpMs = performance.now() + this.#parts.settings.requestTimeoutMs;
    const swapped = this.#lastSwap.then(() => this.#swap(key, bytes, { expected, isDeletion, giveUpMs }));
    this.#lastSwap = swapped.catch(() => undefined);
    return swapped;
  }

  /**
   * Deletes the one message, and not, as NATS's own tools do, all of its subject up to it (STREAM.PURGE): then nats-server (2.9.10) has
   * consumers go on behind the last message of the stream, and watches miss what was not pushed yet, of whatever key.
   */
  async purge(key: string, revision: number): Promise<boolean> {
    const body = JSON.stringify({ seq: revision, no_erase: true });
    try {
      await this.#ask(`$JS.API.STREAM.MSG.DELETE.KV_${this.#bucket}`, body, z.unknown());
      return true;
    } catch (error) {
      const isGone = error instanceof ApiError && (await this.last(key))?.revision !== revision;
      if (isGone) return false;
      throw toBucketError(this.#bucket, error);
    }
  }

  follow(receiver: FollowReceiver): NatsFollow {
    const { link, settings, log } = this.#parts;
    return new NatsFollow(this.#bucket, receiver, { link, timeoutMs: settings.requestTimeoutMs, log });
  }

  async #swap(key: string, bytes: Uint8Array, { expected, isDeletion, giveUpMs }: Swap): Promise<number> {
    while (performance.now() < giveUpMs) {
      const revision = await this.#lastRevision();
      const last = await this.last(key);
      if ((last?.revision ?? ABSENT) !== expected) throw conflict(key);
      try {
        return await this.#publish(key, bytes, revision, isDeletion);
      } catch (error) {
        if (!isConflict(error)) throw error;
        // Perhaps another process wrote only another key.
        await pause(Math.random() * MAX_PAUSE_MS);
      }
    }
    throw new ZonecastError('busUnavailable', `The bucket ${this.#bucket} is too busy.`);
  }

  async #lastRevision(): Promise<number> {
    try {
      const { state } = await this.#ask(`$JS.API.STREAM.INFO.KV_${this.#bucket}`, '', infoSchema);
      return state.last_seq;
    } catch (error) {
      throw toBucketError(this.#bucket, error);
    }
  }

  /** `after`: only if the bucket is at this revision. */
  async #publish(key: string, bytes: Uint8Array, after: number | undefined, isDeletion: boolean): Promise<number> {
    const extra = headers();
    if (after !== undefined) extra.set('Nats-Expected-Last-Sequence', String(after));
    if (isDeletion) extra.set('KV-Operation', 'DEL'); // for other clients: we look at the envelope
    try {
      return (await this.#ask(keySubject(this.#bucket, key), bytes, acknowledgementSchema, extra)).seq;
    } catch (error) {
      if (error instanceof ApiError && error.code === API_ERROR.wrongLastRevision) throw conflict(key);
      throw toBucketError(this.#bucket, error);
    }
  }

  #ask<Schema extends z.ZodType>(
    subject: string,
    body: ApiRequest['body'],
    schema: Schema,
    extra?: ApiRequest['headers'],
  ): Promise<z.output<Schema>> {
    const timeoutMs = this.#parts.settings.requestTimeoutMs;
    return askLink(this.#parts.link, { subject, body, timeoutMs, ...(extra && { headers: extra }) }, schema);
  }
}
