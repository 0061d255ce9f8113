/**
 * Finds the etcd member to talk to, and another one when it fails. All members are dialled at once and the first to
 * answer is used. It is probed every second, so that a member that is stopped, or cut off from the others, is left even
 * if its connection stays open.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import type { EtcdSettings } from './etcd-config.ts';
import { EtcdMember } from './etcd-member.ts';

const PROBE_EVERY_MS = 1_000;
const REDIAL_AFTER_MS = 300;
/** Calls wait this long for an etcd that has been away for a while: they neither pile up nor spin. */
const MIN_WAIT_MS = 100;

export class EtcdConnection {
  readonly #settings: EtcdSettings;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  #member: EtcdMember | undefined;
  #next = Promise.withResolvers<EtcdMember>();
  #lostMs = performance.now();
  #reason: unknown;

  constructor(settings: EtcdSettings, log: Logger) {
    this.#settings = settings;
    this.#log = log;
    void this.#run();
  }

  /** The member in use; waits for one until none has answered for the time of a request. Throws `registryUnavailable`. */
  async member(): Promise<EtcdMember> {
    if (this.#member !== undefined) return this.#member;
    const giveUpMs = this.#lostMs + this.#settings.requestTimeoutMs;
    const late = Promise.withResolvers<never>();
    const fail = (): void => late.reject(unavailable(this.#reason));
    const timer = setTimeout(fail, Math.max(MIN_WAIT_MS, giveUpMs - performance.now()));
    return Promise.race([this.#next.promise, late.promise]).finally(() => clearTimeout(timer));
  }

  /** The member in use, or the next one however long that takes; undefined when the connection is closed. */
  nextMember(): Promise<EtcdMember | undefined> {
    return this.#next.promise.catch(() => undefined);
  }

  /** The member did not do what it should; another is dialled. */
  failed(member: EtcdMember, reason: unknown): void {
    if (this.#member !== member) return;
    this.#member = undefined;
    this.#next = Promise.withResolvers();
    this.#lostMs = performance.now();
    this.#reason = reason;
    this.#log.warn({ endpoint: member.endpoint, err: reason }, 'etcd member given up');
    member.giveUp();
  }

  close(): void {
    this.#closing.abort();
    this.#member?.giveUp();
    this.#member = undefined;
    // Who waits now, and who asks from now on.
    for (const next of [this.#next, Promise.withResolvers<EtcdMember>()]) {
      next.promise.catch(() => undefined);
      next.reject(unavailable(undefined));
      this.#next = next;
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const member = await this.#dial();
      if (member !== undefined) await this.#use(member);
      else await pause(REDIAL_AFTER_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #dial(): Promise<EtcdMember | undefined> {
    const { endpoints, dialTimeoutMs } = this.#settings;
    const members = endpoints.map((endpoint) => new EtcdMember(endpoint, this.#settings));
    const answers = members.map(async (member) => {
      await member.logIn(dialTimeoutMs);
      await member.probe(dialTimeoutMs);
      return member;
    });
    const first = await Promise.any(answers).catch((error: AggregateError) => {
      if (this.#reason === undefined) this.#log.warn({ err: error.errors[0], endpoints }, 'etcd does not answer');
      this.#reason = error.errors[0];
      return undefined;
    });
    for (const member of members) if (member !== first) member.giveUp(); // what they still ask fails unheard
    return first;
  }

  /** Until it fails. */
  async #use(member: EtcdMember): Promise<void> {
    if (this.#closing.signal.aborted) return member.giveUp();
    this.#log.info({ endpoint: member.endpoint }, 'etcd member in use');
    this.#member = member;
    this.#reason = undefined;
    this.#next.resolve(member);
    const { gone: signal } = member;
    while (!signal.aborted) {
      await pause(PROBE_EVERY_MS, undefined, { signal }).catch(() => undefined);
      await member.probe(this.#settings.dialTimeoutMs).catch((error: unknown) => this.failed(member, error));
    }
  }
}

export function unavailable(cause: unknown): ZonecastError {
  return new ZonecastError('registryUnavailable', 'The registry does not answer.', { cause });
}
