/** Who may come in: the limits on joining and guessing, the meeting's existence, its passcode. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import { KeyedLimiter } from '../limits/keyed-limiter.ts';
import type { ZoneLimits } from '../limits/zone-limits.ts';
import type { Definitions } from './definitions.ts';
import { parseMeetingId } from './meeting-id.ts';
import { PasscodeChecker } from './passcode-checker.ts';
import type { SecretHash } from './secret.ts';

export class Admission {
  readonly #definitions: Definitions;
  readonly #joins: KeyedLimiter;
  readonly #guesses: KeyedLimiter;
  readonly #checker = new PasscodeChecker();
  /** The last guess of each address that has one under way. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #now: () => number;

  constructor(definitions: Definitions, limits: ZoneLimits, now: () => number) {
    this.#definitions = definitions;
    this.#joins = new KeyedLimiter(limits.join);
    this.#guesses = new KeyedLimiter(limits.wrongGuess);
    this.#now = now;
  }

  /** Counts an attempt to join or resume. @throws ZonecastError `rateLimited` */
  attempt(address: string): void {
    refuseFor(this.#joins.take(this.#now(), address), 'Too many people are joining from your network. Wait a moment.');
  }

  /**
   * The meeting that `text` names, if `passcode` opens it. Throws ZonecastError `noSuchMeeting`, `wrongPasscode`, or
   * `rateLimited` after too many of these, also for the right passcode, which a guesser must not learn.
   */
  async admit(address: string, text: string, passcode: string): Promise<MeetingId> {
    const meeting = parseMeetingId(text);
    const definition = meeting === undefined ? undefined : await this.#definitions.find(meeting);
    if (meeting === undefined || definition === undefined) {
      // A mistyped id fails its check digit, tells nobody anything and costs nothing.
      if (meeting !== undefined) this.#wrongGuess(address);
      throw new ZonecastError('noSuchMeeting', 'There is no meeting with this ID.');
    }
    if (!(await this.#isRight(address, passcode, definition.passcode))) {
      throw new ZonecastError('wrongPasscode', 'That passcode is not right.');
    }
    return meeting;
  }

  /**
   * The guesses of one address are checked one after the other: sent all at once, the wrong ones are counted like any,
   * and the right ones of a whole office do not stand in each other's way.
   */
  #isRight(address: string, passcode: string, kept: SecretHash): Promise<boolean> {
    const before = this.#turns.get(address) ?? Promise.resolve();
    const guess = before.then(() => this.#guess(address, passcode, kept));
    const turn = guess
      .catch(() => undefined)
      .finally(() => this.#turns.get(address) === turn && this.#turns.delete(address));
    this.#turns.set(address, turn);
    return guess;
  }

  async #guess(address: string, passcode: string, kept: SecretHash): Promise<boolean> {
    refuseFor(this.#guesses.waitMs(this.#now(), address), 'Too many wrong attempts. Wait a moment.');
    const isRight = await (this.#checker.recall(this.#now(), passcode, kept) ??
      this.#checker.check(this.#now(), passcode, kept));
    if (!isRight) this.#wrongGuess(address);
    return isRight;
  }

  #wrongGuess(address: string): void {
    refuseFor(this.#guesses.take(this.#now(), address), 'Too many wrong attempts. Wait a moment.');
  }
}

function refuseFor(waitMs: number, message: string): void {
  if (waitMs > 0) throw new ZonecastError('rateLimited', message, { retryAfterMs: waitMs });
}
