/**
 * Checks passcodes against their scrypt hashes without letting that cost be turned against the server: few run at a
 * time, and those who come with a passcode that was right a moment ago, as at the start of a large meeting, are let in
 * by a keyed hash (random key of this process) that is remembered for a minute.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import { matchesSecret, type SecretHash } from './secret.ts';

/** Each takes some 40 ms and 16 MiB on one of libuv's four threads; file reads and DNS need one too. */
const MAX_RUNNING = 2;
/** About five seconds' worth. */
const MAX_WAITING = 200;
const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 10_000;
const RETRY_MS = 5_000;

interface Remembered {
  readonly result: Promise<boolean>;
  untilMs: number;
}

export class PasscodeChecker {
  readonly #key = randomBytes(32);
  /** By keyed hash of meeting and passcode: running checks and right passcodes; oldest first. */
  readonly #remembered = new Map<string, Remembered>();
  readonly #waiting: (() => void)[] = [];
  readonly #matches: typeof matchesSecret;
  #running = 0;

  /** `matches`: the slow comparison. */
  constructor(matches: typeof matchesSecret = matchesSecret) {
    this.#matches = matches;
  }

  /** The result of the same check, if it is running or was right within the last minute. */
  recall(nowMs: number, passcode: string, kept: SecretHash): Promise<boolean> | undefined {
    const name = this.#name(passcode, kept);
    const remembered = this.#remembered.get(name);
    if (remembered === undefined) return undefined;
    if (remembered.untilMs > nowMs) return remembered.result;
    this.#remembered.delete(name);
    return undefined;
  }

  /** Rejects with ZonecastError `rateLimited` when too many checks wait. */
  check(nowMs: number, passcode: string, kept: SecretHash): Promise<boolean> {
    const name = this.#name(passcode, kept);
    const result = this.#run(() => this.#matches(passcode, kept));
    this.#remember(name, { result, untilMs: nowMs + REMEMBER_MS });
    result.then(
      (isRight) => isRight || this.#remembered.delete(name),
      () => this.#remembered.delete(name),
    );
    return result;
  }

  /** The salt is each meeting's own, so it names the meeting. */
  #name(passcode: string, kept: SecretHash): string {
    return createHmac('sha256', this.#key).update(`${kept.salt}\0${passcode}`).digest('base64');
  }

  #remember(name: string, remembered: Remembered): void {
    this.#remembered.delete(name);
    this.#remembered.set(name, remembered);
    if (this.#remembered.size <= MAX_REMEMBERED) return;
    const oldest = this.#remembered.keys().next();
    if (!oldest.done) this.#remembered.delete(oldest.value);
  }

  async #run(check: () => Promise<boolean>): Promise<boolean> {
    if (this.#running >= MAX_RUNNING) {
      if (this.#waiting.length >= MAX_WAITING) {
        throw new ZonecastError('rateLimited', 'Many people are joining. Try again in a moment.', {
          retryAfterMs: RETRY_MS,
        });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    try {
      return await check();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}
