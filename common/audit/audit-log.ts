/**
 * Where audit entries go: a file of one JSON object a line, or the daemon's log. Whoever records something never waits; what
 * cannot be written is counted.
 */
import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { Counter, type Registry } from 'prom-client';
import type { ReloadableFiles } from '../daemon.ts';
import { ZonecastError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Audit, AuditEntry } from './audit.ts';

/** Bytes that wait to be written; what comes beyond is lost. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Before the umask of the daemon. Owner writes, group reads: an auditor need not be the daemon. */
const MODE = 0o640;
const REOPEN_MS = 1_000;
/** For what waits to be written, when the daemon stops. */
const CLOSING_MS = 1_000;

export interface AuditLogOptions {
  /** undefined: into the log, as `audit`. */
  readonly file: string | undefined;
  /** Name of the daemon, in each entry. */
  readonly controller: string;
  readonly log: Logger;
}

export class AuditLog implements Audit, ReloadableFiles {
  readonly key = 'audit';
  readonly #options: AuditLogOptions;
  #stream: WriteStream | undefined;
  #failedMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #lost = 0;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  /** Entries that could not be written. */
  get lost(): number {
    return this.#lost;
  }

  /** @throws ZonecastError `badConfig` when the file cannot be written */
  open(): void {
    const { file } = this.#options;
    if (file === undefined) return;
    this.#stream = this.#streamTo(file, openFile(file));
  }

  /** The file may have been renamed: what comes goes to a new one. @throws as `open`; then the one from before goes on */
  reload(): boolean {
    const before = this.#stream;
    if (this.#isClosed || before === undefined) return false;
    this.open();
    before.end();
    return true;
  }

  record(entry: AuditEntry): void {
    const { file, controller, log } = this.#options;
    if (file === undefined) {
      log.info({ audit: entry }, 'audit');
      return;
    }
    const stream = this.#current(file);
    if (stream === undefined || stream.writableLength > MAX_WAITING_BYTES) {
      this.#lost++;
      return;
    }
    const line = JSON.stringify({ time: new Date().toISOString(), controller, ...entry });
    stream.write(`${line}\n`, (error) => {
      if (error) this.#lost++;
    });
  }

  /** Waits a moment for what is still to be written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined || stream.destroyed) return;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, CLOSING_MS);
    stream.end(() => late.resolve());
    stream.on('close', () => late.resolve());
    await late.promise;
    clearTimeout(timer);
  }

  /** One that failed is opened again after a while. */
  #current(file: string): WriteStream | undefined {
    const isGone = this.#stream === undefined || this.#stream.destroyed;
    if (!isGone) return this.#stream;
    if (this.#isClosed || performance.now() - this.#failedMs < REOPEN_MS) return undefined;
    this.#stream = this.#streamTo(file);
    return this.#stream;
  }

  /** `fd`: of the file, if it is open already. */
  #streamTo(file: string, fd?: number): WriteStream {
    const stream = createWriteStream(file, { flags: 'a', mode: MODE, ...(fd === undefined ? {} : { fd }) });
    stream.on('error', (error) => {
      this.#failedMs = performance.now();
      this.#options.log.error({ err: error, file }, 'the audit log cannot be written');
    });
    return stream;
  }
}

/** For the daemon's metrics. `of`: what its metrics begin with. */
export function countLostEntries(registry: Registry, audit: AuditLog, of: 'controller' | 'world'): void {
  new Counter({
    name: `zonecast_${of}_audit_lost_total`,
    help: 'Audit entries that could not be written.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(audit.lost);
    },
  });
}

/** At once, so that what is wrong is known, and a file that is renamed in the next moment is still the one. */
function openFile(file: string): number {
  try {
    return openSync(file, 'a', MODE);
  } catch (error) {
    throw new ZonecastError('badConfig', `The audit log ${file} cannot be written.`, { cause: error });
  }
}
