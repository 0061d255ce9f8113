/**
 * A watch on etcd that outlives its connections: each time it goes on after the last change that it reported.
 *
 * It asks for that last revision once more and drops what it knows. A compaction at exactly the next revision would
 * otherwise go unnoticed, and with it a deletion (measured with etcd 3.4.23). etcd3's own watcher is not used: it goes
 * on after the revision in a response's header, which is etcd's newest and not the last of the changes in it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { IEvent, IWatchResponse } from 'etcd3';
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import type { EtcdConnection } from './etcd-connection.ts';
import { prefixRange, toEntry, toRevision } from './etcd-entry.ts';
import type { EtcdMember } from './etcd-member.ts';
import { MAX_REVISIONS_BEHIND, type RegistryChange, type Watch, type WatchListener } from './registry.ts';

const RETRY_MS = 500;

export interface EtcdWatchOptions {
  readonly prefix: string;
  readonly since: number;
  readonly listener: WatchListener;
  readonly log: Logger;
}

export class EtcdWatch implements Watch {
  readonly #options: EtcdWatchOptions;
  readonly #connection: EtcdConnection;
  readonly #closing = new AbortController();
  readonly #over = Promise.withResolvers<void>();
  /** Resolves when nothing will be reported any more. */
  readonly over = this.#over.promise;
  /** All changes up to here are reported. */
  #revision: number;

  constructor(connection: EtcdConnection, options: EtcdWatchOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#revision = options.since;
    void this.#run();
  }

  close(): void {
    this.#closing.abort();
    this.#over.resolve();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const member = await this.#connection.nextMember();
      if (member === undefined) return this.close();
      const failure = await this.#follow(member).catch((error: unknown) => error);
      if (failure !== undefined) this.#connection.failed(member, failure);
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Until the stream ends; resolves with what the member did wrong, if anything. */
  async #follow(member: EtcdMember): Promise<unknown> {
    const over = AbortSignal.any([member.gone, this.#closing.signal]);
    const stream = await member.watches.watch();
    let isOver = false;
    const failure = await new Promise<unknown>((resolve) => {
      stream.on('error', resolve);
      stream.on('end', () => resolve(new Error('etcd ended a watch')));
      stream.on('data', (response) => {
        if (!isOver && !this.#take(response)) resolve(undefined);
      });
      over.addEventListener('abort', () => resolve(undefined), { once: true });
      if (over.aborted) resolve(undefined);
      const start_revision = Math.max(1, this.#revision);
      stream.write({ create_request: { ...prefixRange(this.#options.prefix), start_revision } });
    });
    isOver = true;
    stream.cancel();
    return failure;
  }

  /** False when nothing more will come of this stream. */
  #take(response: IWatchResponse): boolean {
    if (response.canceled) {
      if (response.compact_revision !== '0') this.#end();
      else this.#options.log.warn({ prefix: this.#options.prefix, reason: response.cancel_reason }, 'watch refused');
      return false;
    }
    if (response.created) {
      const behind = toRevision(response.header.revision) - this.#revision;
      // Less than nothing: etcd was set up anew, or from a backup.
      if (behind < 0 || behind > MAX_REVISIONS_BEHIND) this.#end();
    }
    const known = this.#revision;
    for (const event of response.events) {
      const revision = toRevision(event.kv.mod_revision);
      if (revision <= known || this.#closing.signal.aborted) continue;
      this.#revision = revision;
      this.#options.listener.changed(toChange(event));
    }
    return true;
  }

  #end(): void {
    this.close();
    const message = `Changes since revision ${this.#revision} are forgotten.`;
    this.#options.listener.ended(new ZonecastError('revisionCompacted', message));
  }
}

function toChange({ type, kv }: IEvent): RegistryChange {
  const entry = toEntry(kv);
  // etcd3's types say "Put" and "Delete"; what comes is the protocol's names.
  if (type.toUpperCase() === 'PUT') return { type: 'put', entry };
  return { type: 'delete', key: entry.key, revision: entry.revision };
}
