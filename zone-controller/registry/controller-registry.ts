/**
 * All that one controller has to do with the registry: its mirror, what it keeps there as long as it lives, the zone's
 * keys, and its part in the election.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { BlockId } from '../../global-controller/blocks/meeting-ids.ts';
import { Leader } from './leader.ts';
import { LeasedKeys } from './leased-keys.ts';
import { OperatorMirror } from './operator-mirror.ts';
import { type ControllerRecord, type MeetingDefinition, type MeetingPlacement, ZoneRecords } from './records.ts';
import type { Registry } from './registry.ts';
import { ZoneMirror } from './zone-mirror.ts';

const RETRY_MS = 500;
/** For the registry to forget this controller when it stops; after that, the end of the lease does it. */
const WITHDRAW_MS = 1_000;

export interface ControllerRegistryOptions {
  /** Closed with this. */
  readonly registry: Registry;
  readonly zone: ZoneId;
  /** Name of this controller. */
  readonly controller: string;
  readonly leaseSeconds: number;
  /** A placement has changed; undefined: it is gone, or cannot be read. */
  readonly placed: (meeting: MeetingId, placement: MeetingPlacement | undefined) => void;
  /** The same of a definition. */
  readonly defined?: (meeting: MeetingId, definition: MeetingDefinition | undefined) => void;
  /** The zone has this block of meeting ids. */
  readonly blockSeen?: (block: BlockId) => void;
  /** The key of the zone's session tokens is known. */
  readonly sessionKey: (key: Buffer) => void;
  readonly log: Logger;
}

export class ControllerRegistry {
  readonly records: ZoneRecords;
  readonly mirror: ZoneMirror;
  readonly operators: OperatorMirror;
  readonly keys: LeasedKeys;
  readonly #options: ControllerRegistryOptions;
  readonly #leader: Leader;
  readonly #stopping = new AbortController();
  /** Of this controller's own record. */
  #key: string | undefined;

  constructor(options: ControllerRegistryOptions) {
    const { registry, zone, controller, leaseSeconds: ttlSeconds, placed, defined, blockSeen, log } = options;
    this.#options = options;
    this.records = new ZoneRecords(registry, zone, log);
    this.mirror = new ZoneMirror(this.records, placed, defined, blockSeen);
    this.operators = new OperatorMirror(this.records);
    this.keys = new LeasedKeys({ registry, ttlSeconds, log });
    this.#leader = new Leader({ registry, key: this.records.leaderKey, candidate: controller, ttlSeconds, log });
  }

  /** Ask before each act as the zone's leader. */
  get isLeader(): boolean {
    return this.#leader.isLeader;
  }

  start(controller: Omit<ControllerRecord, 'startedMs'>): void {
    this.mirror.start();
    this.operators.start();
    const { key, value } = this.records.controllerEntry(this.#options.controller, {
      ...controller,
      startedMs: Date.now(),
    });
    this.#key = key;
    this.keys.want(key, value);
    this.keys.start();
    this.#leader.start();
    void this.#readKey();
  }

  /** What keeps the controller from being ready; nothing of it concerns meetings that go on. */
  problems(): string[] {
    return [
      ...(this.keys.isAlive ? [] : ['the registry is away']),
      ...(this.mirror.isListed ? [] : ['the registry has not been read yet']),
    ];
  }

  /** From now on nobody is told that this controller is there. The routers that are registered with it stay recorded. */
  async withdraw(): Promise<void> {
    const key = this.#key;
    this.#key = undefined;
    if (key === undefined) return;
    await Promise.race([this.keys.withdraw(key), pause(WITHDRAW_MS, undefined, { ref: false })]);
  }

  /** Nothing is written any more while `closing` runs; afterwards the registry is closed. */
  async stop(closing: () => Promise<void>): Promise<void> {
    this.#stopping.abort();
    this.keys.stop();
    this.mirror.close();
    this.operators.close();
    await Promise.all([closing(), this.#leader.stop()]);
    await this.#options.registry.close();
  }

  async #readKey(): Promise<void> {
    const { sessionKey, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        return sessionKey(await this.records.secret('session'));
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        if (!signal.aborted) log.warn({ err: error }, 'the key of session tokens could not be read');
      }
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
