/**
 * What clients show to say who they are in a meeting. A _session token_: to whichever controller a client reaches that lost
 * its WebSocket; whether the stay still goes on, the router knows that the token names. A _pass_: who he is in a meeting in
 * which he is not yet. Both are JWTs (RFC 7519; compact, Ed25519) signed by a zone, which every other zone can verify by the
 * directory.
 */
import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import type { Role } from '../../proto/signalling.ts';

/** The only algorithm that is ever considered, whatever a token says (RFC 8037 section 3.1). */
const ALGORITHM = 'EdDSA';
/** Ours are shorter, whatever people call themselves. A longer one is not looked at. */
export const MAX_TOKEN_CHARACTERS = 1_280;
/** Explicit types (RFC 8725 section 3.11): none of them is ever taken for the other. */
const TYPES = { session: 'session+jwt', pass: 'pass+jwt' } as const;
/** For a pass to be used, seconds: to wait for a host, or to go to a room that is open. */
const PASS_SECONDS = 60 * 60;
/** Who still waits, or is in a room, is given another one by then. */
export const PASS_RENEWED_MS = (PASS_SECONDS / 3) * 1_000;
/** Clocks of zones may differ by this, seconds. */
const CLOCK_TOLERANCE_SECONDS = 30;

const role = z.enum(['host', 'cohost', 'participant']);
const sessionClaims = z.object({
  iss: z.string(),
  meeting: z.string(),
  participant: z.string(),
  router: z.string(),
  worker: z.int().min(0),
  name: z.string(),
  role: role.optional(),
});
const passClaims = z.object({
  iss: z.string(),
  meeting: z.string(),
  participant: z.string(),
  name: z.string(),
  role,
  main: z.string().optional(),
  atHome: role.optional(),
  returning: z.literal(true).optional(),
});

/** One participant's stay in a meeting. */
export interface Stay {
  readonly meeting: MeetingId;
  readonly participant: ParticipantId;
  /** That carries his media. */
  readonly router: RouterId;
  readonly worker: number;
  /** As others see him. */
  readonly name: string;
  /** With which he came in; absent: as a participant. What he is now, the state of the meeting says. */
  readonly role?: Role | undefined;
}

/** Who may come into a meeting, and as whom. */
export interface Pass {
  readonly meeting: MeetingId;
  readonly participant: ParticipantId;
  readonly name: string;
  readonly role: Role;
  /** The meeting is a breakout room of this one. */
  readonly main?: MeetingId | undefined;
  /** As which he comes back to that, if nothing is known of him there any more; absent: as a participant. */
  readonly atHome?: Role | undefined;
  /** He goes to a room or comes back: neither lock nor waiting room concern him. */
  readonly returning?: true | undefined;
}

/** By which zone it was signed. */
interface Signed {
  readonly zone: ZoneId;
}

export interface TrustedZones {
  /** This zone. */
  readonly own: ZoneId;
  /** Ed25519; undefined: not trusted, or not known (yet). */
  publicKeyOf(zone: ZoneId): KeyObject | undefined;
}

export class SessionTokens {
  readonly #zones: TrustedZones;
  #keys: { readonly sign: webcrypto.CryptoKey; readonly verify: webcrypto.CryptoKey } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(zones: TrustedZones) {
    this.#zones = zones;
  }

  /** Whether tokens can be made and checked. */
  get isReady(): boolean {
    return this.#keys !== undefined;
  }

  /** The private key that all controllers of the zone have, Ed25519. */
  useKey(key: KeyObject): void {
    // Once and for all: jose would import plain keys again for each token.
    const isExtractable = false;
    this.#keys = {
      sign: key.toCryptoKey('Ed25519', isExtractable, ['sign']),
      verify: createPublicKey(key).toCryptoKey('Ed25519', isExtractable, ['verify']),
    };
  }

  /** @throws ZonecastError `noRouter` when the key is not known yet; so do the others */
  sign({ meeting, participant, router, worker, name, role: as }: Stay): Promise<string> {
    return this.#inTurn(this.#sign(TYPES.session, { meeting, participant, router, worker, name, role: as }));
  }

  /** What a session token says; undefined when it is none of a zone that is known. */
  verify(token: string): Promise<(Stay & Signed) | undefined> {
    return this.#inTurn(
      this.#verify(token, TYPES.session).then((payload) => {
        const read = sessionClaims.safeParse(payload);
        if (!read.success) return undefined;
        const { iss, ...stay } = read.data;
        return { zone: iss, ...stay } as Stay & Signed; // the ids are those that were signed
      }),
    );
  }

  /** A pass of an hour. */
  signPass({ meeting, participant, name, role: as, main, atHome, returning }: Pass): Promise<string> {
    return this.#inTurn(
      this.#sign(TYPES.pass, { meeting, participant, name, role: as, main, atHome, returning }, PASS_SECONDS),
    );
  }

  /** What a pass says; undefined when it is none of a zone that is known, or its time is over. */
  verifyPass(token: string): Promise<(Pass & Signed) | undefined> {
    return this.#inTurn(
      this.#verify(token, TYPES.pass).then((payload) => {
        const read = passClaims.safeParse(payload);
        if (!read.success) return undefined;
        const { iss, ...pass } = read.data;
        return { zone: iss, ...pass } as Pass & Signed; // as above
      }),
    );
  }

  async #sign(typ: string, claims: JWTPayload, seconds?: number): Promise<string> {
    const token = new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, typ }).setIssuer(this.#zones.own);
    if (seconds !== undefined) token.setExpirationTime(`${seconds} s`);
    return token.sign(this.#knownKeys().sign);
  }

  /** The claims of a token that a zone has signed. */
  async #verify(token: string, typ: string): Promise<JWTPayload | undefined> {
    const own = this.#knownKeys().verify;
    if (token.length > MAX_TOKEN_CHARACTERS) return undefined;
    try {
      const issuer = decodeJwt(token).iss;
      if (issuer === undefined) return undefined;
      const key = issuer === this.#zones.own ? own : this.#zones.publicKeyOf(issuer as ZoneId);
      if (key === undefined) return undefined;
      const requiredClaims = typ === TYPES.pass ? ['exp'] : [];
      const clockTolerance = CLOCK_TOLERANCE_SECONDS;
      const options = { algorithms: [ALGORITHM], typ, issuer, requiredClaims, clockTolerance };
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  /** Computed side by side, told in the order that was asked: of two connections that resume one stay, the later one has it. */
  #inTurn<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const inTurn = Promise.allSettled([this.#last, answer]).then(() => answer);
    this.#last = inTurn;
    return inTurn;
  }

  #knownKeys(): { readonly sign: webcrypto.CryptoKey; readonly verify: webcrypto.CryptoKey } {
    if (this.#keys === undefined) throw new ZonecastError('noRouter', 'The server is still starting. Try again.');
    return this.#keys;
  }
}
