/** Who may come in: the limits on joining and guessing, the meeting's existence, who he is, its passcode. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import { KeyedLimiter } from '../limits/keyed-limiter.ts';
import type { ZoneLimits } from '../limits/zone-limits.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import type { Identities } from '../service/identity/identities.ts';
import { type Identity, isHostBy, opensMeeting } from '../service/identity/identity.ts';
import type { Definitions } from './definitions.ts';
import { parseMeetingId } from './meeting-id.ts';
import { PasscodeChecker } from './passcode-checker.ts';
import type { SecretHash } from './secret.ts';

/** What somebody shows who wants in. */
export interface Credentials {
  readonly passcode?: string | undefined;
  /** Of an identity provider. */
  readonly token?: string | undefined;
  readonly hostKey?: string | undefined;
}

export interface OpenMeeting {
  readonly meeting: MeetingId;
  readonly definition: MeetingDefinition;
}

export interface Admitted extends OpenMeeting {
  readonly role: 'host' | 'participant';
  /** Who he is, if he has shown a token. */
  readonly identity: Identity | undefined;
}

export interface AdmissionOptions {
  readonly definitions: Pick<Definitions, 'find'>;
  readonly limits: Pick<ZoneLimits, 'join' | 'wrongGuess'>;
  /** undefined: no identity provider is trusted. */
  readonly identities?: Pick<Identities, 'required' | 'verify'> | undefined;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #joins: KeyedLimiter;
  readonly #guesses: KeyedLimiter;
  readonly #checker = new PasscodeChecker();
  /** The last guess of each address that has one under way. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#joins = new KeyedLimiter(options.limits.join);
    this.#guesses = new KeyedLimiter(options.limits.wrongGuess);
  }

  /** Counts an attempt to join or resume. @throws ZonecastError `rateLimited` */
  attempt(address: string): void {
    const waitMs = this.#joins.take(this.#options.now(), address);
    refuseFor(waitMs, 'Too many people are joining from your network. Wait a moment.');
  }

  /**
   * The meeting that `text` names, and his role in it, if what he shows opens it. Throws ZonecastError `noSuchMeeting`,
   * `wrongPasscode`, `unauthenticated`, or `rateLimited` after too many wrong guesses, also for what is right, which a
   * guesser must not learn.
   */
  async admit(address: string, text: string, { passcode, token, hostKey }: Credentials): Promise<Admitted> {
    const { meeting, definition } = await this.open(address, text);
    const identity = await this.#identify(token);
    if (hostKey !== undefined) await this.checkHostKey(address, definition, hostKey);
    const isKnown = identity !== undefined && opensMeeting(identity, meeting, definition);
    if (!isKnown && hostKey === undefined && !(await this.#isRight(address, passcode ?? '', definition.passcode))) {
      throw new ZonecastError('wrongPasscode', 'That passcode is not right.');
    }
    const isHost = hostKey !== undefined || (identity !== undefined && isHostBy(identity, meeting, definition));
    return { meeting, definition, role: isHost ? 'host' : 'participant', identity };
  }

  /** The meeting that `text` names, if anybody can come in; for who has shown already that he may. @throws as `admit` */
  async open(address: string, text: string): Promise<OpenMeeting> {
    const meeting = parseMeetingId(text);
    const definition = meeting === undefined ? undefined : await this.#options.definitions.find(meeting);
    if (meeting === undefined || definition === undefined) {
      // A mistyped id fails its check digit, tells nobody anything and costs nothing.
      if (meeting !== undefined) this.wrongGuess(address);
      throw new ZonecastError('noSuchMeeting', 'There is no meeting with this ID.');
    }
    if (definition.ended === true) throw new ZonecastError('noSuchMeeting', 'This meeting has ended.');
    return { meeting, definition };
  }

  /** @throws ZonecastError `wrongPasscode`, `rateLimited` as `admit` */
  async checkHostKey(address: string, { hostKey }: Pick<MeetingDefinition, 'hostKey'>, guess: string): Promise<void> {
    if (await this.#isRight(address, guess, hostKey)) return;
    throw new ZonecastError('wrongPasscode', 'That host key is not right.');
  }

  /** Counts a guess that was wrong: of a meeting that does not exist, for example. @throws ZonecastError `rateLimited` */
  wrongGuess(address: string): void {
    refuseFor(this.#guesses.take(this.#options.now(), address), 'Too many wrong attempts. Wait a moment.');
  }

  async #identify(token: string | undefined): Promise<Identity | undefined> {
    const { identities } = this.#options;
    if (token !== undefined && identities !== undefined) return identities.verify(token);
    if (token !== undefined) throw new ZonecastError('unauthenticated', 'Nobody can sign in here.');
    if (identities?.required !== true) return undefined;
    throw new ZonecastError('unauthenticated', 'Sign in to join this meeting.');
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
    const nowMs = this.#options.now();
    refuseFor(this.#guesses.waitMs(nowMs, address), 'Too many wrong attempts. Wait a moment.');
    const isRight = await (this.#checker.recall(nowMs, passcode, kept) ?? this.#checker.check(nowMs, passcode, kept));
    if (!isRight) this.wrongGuess(address);
    return isRight;
  }
}

function refuseFor(waitMs: number, message: string): void {
  if (waitMs > 0) throw new ZonecastError('rateLimited', message, { retryAfterMs: waitMs });
}
