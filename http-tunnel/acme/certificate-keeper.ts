/** Keeps a certificate for some names: the one from before a restart, and a new one in time, for as long as it runs. */
import { X509Certificate } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import type { CertificatePair } from '../../common/mutual-tls.ts';
import type { CertificateStore } from './certificate-store.ts';
import { renewalMs, retryDelayMs } from './renewal-times.ts';

export interface CertificateKeeperOptions {
  readonly store: CertificateStore;
  /** DNS names that have to be in it. */
  readonly domains: readonly string[];
  /** Orders one, for the account with this key (PEM). */
  readonly order: (accountKeyPem: string) => Promise<CertificatePair>;
  /** From one attempt that failed to the next, milliseconds. */
  readonly retryDelayMs?: typeof retryDelayMs;
  readonly log: Logger;
}

/** From the begin of one order to the next, for a daemon that is started again and again. */
const RESTART_PAUSE_MS = 60_000;
/** Timers cannot wait for months, and do not run while a machine sleeps. */
const LONGEST_WAIT_MS = 60 * 60_000;

/** Both texts are empty until there is a certificate. */
export class CertificateKeeper implements CertificatePair {
  /** Orders, by how they ended. */
  readonly counters = { issued: 0, failed: 0 };
  readonly #options: CertificateKeeperOptions;
  readonly #listeners = new Set<() => void>();
  #pair: CertificatePair | undefined;
  /** In a row. */
  #failures = 0;
  /** When the next order is due, Unix time. */
  #dueMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** Reads the certificate from before. @throws ZonecastError `badConfig` when the file holds none */
  constructor(options: CertificateKeeperOptions) {
    this.#options = options;
    this.#pair = options.store.readCertificate();
  }

  get certificatePem(): string {
    return this.#pair?.certificatePem ?? '';
  }

  get privateKeyPem(): string {
    return this.#pair?.privateKeyPem ?? '';
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The port has to be open: the directory looks there. @throws ZonecastError `badConfig` for a folder that is of no use */
  start(): void {
    const { store } = this.#options;
    store.open();
    store.accountKey();
    // A clock that was ahead then must not hold us up.
    const lastMs = Math.min(store.lastAttemptMs, Date.now());
    this.#dueMs = Math.max(this.#renewalMs(this.#pair), lastMs + RESTART_PAUSE_MS);
    this.#wait();
  }

  /** An order that is under way comes to nothing. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** When this certificate is to be replaced, Unix time; 0 when there is none, or it is not for all names. */
  #renewalMs(pair: CertificatePair | undefined): number {
    if (pair === undefined) return 0;
    const certificate = new X509Certificate(pair.certificatePem);
    if (!this.#options.domains.every((domain) => certificate.checkHost(domain) !== undefined)) return 0;
    return renewalMs(certificate.validFromDate.getTime(), certificate.validToDate.getTime(), Math.random());
  }

  #wait(): void {
    if (this.#isStopped) return;
    const waitMs = this.#dueMs - Date.now();
    const next = (): void => {
      if (this.#dueMs > Date.now()) this.#wait();
      else void this.#order();
    };
    this.#timer = setTimeout(next, Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS));
  }

  async #order(): Promise<void> {
    const { store, order, domains, log } = this.#options;
    try {
      // Before the order: what cannot be kept is not asked for.
      store.noteAttempt();
      const pair = await order(store.accountKey());
      if (this.#isStopped) return;
      const dueMs = this.#renewalMs(pair);
      if (dueMs <= Date.now()) throw new Error('what was issued has ended, or is not for these names');
      store.writeCertificate(pair);
      this.#pair = pair;
      this.#dueMs = dueMs;
      this.#failures = 0;
      this.counters.issued++;
      log.info({ domains, renewal: new Date(dueMs).toISOString() }, 'a certificate has been issued');
      for (const listener of this.#listeners) listener();
    } catch (error) {
      if (this.#isStopped) return;
      this.#handleFailure(error);
    }
    this.#wait();
  }

  #handleFailure(error: unknown): void {
    const { domains, log } = this.#options;
    const askedMs = error instanceof ZonecastError ? error.retryAfterMs : undefined;
    this.counters.failed++;
    this.#failures++;
    const delayMs = (this.#options.retryDelayMs ?? retryDelayMs)(this.#failures, Math.random(), askedMs);
    this.#dueMs = Date.now() + delayMs;
    const reason = error instanceof Error ? error.message : String(error);
    log.error({ domains, reason, retrySeconds: Math.round(delayMs / 1_000) }, 'no certificate was issued');
  }
}
