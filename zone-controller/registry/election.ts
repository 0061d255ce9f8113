/**
 * One leader among those who campaign for a key: the one who created it, under a lease. A leader knows that it no longer
 * is one before another can be (Lease.isAlive), but what it sent before may arrive later: everything a leader orders
 * carries its term, and who obeys refuses a lower one than it has seen.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import { ABSENT, type Lease, type Registry } from './registry.ts';
import { RegistryView } from './registry-view.ts';

const RETRY_MS = 500;

export interface ElectionOptions {
  readonly registry: Registry;
  readonly key: string;
  /** Who campaigns; written into the key for people. */
  readonly candidate: string;
  /** How long after a leader's end the next one may come. */
  readonly ttlSeconds: number;
  readonly log: Logger;
}

export interface Leadership {
  /** Grows from leader to leader: the revision that made it one. */
  readonly term: number;
  /** Ask before each act as a leader. */
  readonly isLeader: boolean;
  /** Resolves when this is no longer the leader, for whatever reason. */
  readonly lost: Promise<void>;
  /** Lets others lead. When the registry is away, they have to wait for the lease's end. */
  resign(): Promise<void>;
}

/** Resolves when elected, however long that takes. Throws the signal's reason when that is aborted before. */
export async function campaign(options: ElectionOptions, signal?: AbortSignal): Promise<Leadership> {
  const { registry, key, log } = options;
  let react = (): void => undefined;
  const view = new RegistryView({ registry, prefix: key, log, changed: () => react() });
  let candidacy: Candidacy | undefined;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const changed = Promise.withResolvers<void>();
      react = changed.resolve;
      if (!candidacy?.lease.isAlive) candidacy = await prepare(options);
      const holder = view.entries.get(key);
      if (candidacy !== undefined && holder?.value === candidacy.value) {
        const leader = new Leader(view, key, candidacy.lease, holder.revision);
        react = () => leader.check();
        return leader;
      }
      if (holder === undefined) await candidacy?.lease.put(key, candidacy.value, ABSENT).catch(onlyExpected);
      await Promise.race([changed.promise, pause(RETRY_MS)]);
    }
  } catch (error) {
    view.close();
    await candidacy?.lease.revoke().catch(onlyExpected);
    throw error;
  }
}

interface Candidacy {
  readonly lease: Lease;
  /** What the key holds if it is ours and under this lease. */
  readonly value: string;
}

async function prepare({ registry, candidate, ttlSeconds }: ElectionOptions): Promise<Candidacy | undefined> {
  const lease = await registry.lease(ttlSeconds).catch(onlyExpected);
  return lease && { lease, value: JSON.stringify({ format: 1, controller: candidate, lease: randomUUID() }) };
}

/** Another was faster, or the registry is away: what the key holds will tell, and the next attempt. */
function onlyExpected(error: unknown): undefined {
  if (!(error instanceof ZonecastError)) throw error;
}

class Leader implements Leadership {
  readonly term: number;
  readonly #view: RegistryView;
  readonly #key: string;
  readonly #lease: Lease;

  constructor(view: RegistryView, key: string, lease: Lease, term: number) {
    this.#view = view;
    this.#key = key;
    this.#lease = lease;
    this.term = term;
    void lease.lost.then(() => view.close());
  }

  get isLeader(): boolean {
    return this.#lease.isAlive;
  }

  get lost(): Promise<void> {
    return this.#lease.lost;
  }

  /** A key that is no longer as it was written was deleted by hand: others may lead already. */
  check(): void {
    if (this.#view.entries.get(this.#key)?.revision !== this.term) void this.resign().catch(onlyExpected);
  }

  resign(): Promise<void> {
    return this.#lease.revoke();
  }
}
