/**
 * Session tokens: what a client that lost its WebSocket shows to whichever controller it reaches. A JWT (RFC 7519; compact,
 * HS256) with the zone's own key; whether the stay still goes on, the router knows that the token names.
 */
import { createSecretKey, type webcrypto } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';

/** The only algorithm that is ever considered, whatever a token says. */
const ALGORITHM = 'HS256';
/** Ours are shorter, whatever people call themselves. A longer one is not looked at. */
export const MAX_TOKEN_CHARACTERS = 1_024;

const claims = z.object({
  zone: z.string(),
  meeting: z.string(),
  participant: z.string(),
  router: z.string(),
  worker: z.int().min(0).optional(),
  name: z.string().optional(),
});

/** One participant's stay in a meeting. */
export interface Stay {
  readonly meeting: MeetingId;
  readonly participant: ParticipantId;
  /** That carries his media. */
  readonly router: RouterId;
  readonly worker: number | undefined;
  /** As others see him; absent in tokens of earlier releases. */
  readonly name?: string | undefined;
}

export class SessionTokens {
  readonly #zone: ZoneId;
  #key: webcrypto.CryptoKey | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(zone: ZoneId) {
    this.#zone = zone;
  }

  /** Whether tokens can be made and checked. */
  get isReady(): boolean {
    return this.#key !== undefined;
  }

  /** The key that all controllers of the zone have, 32 bytes. */
  useKey(key: Uint8Array): void {
    // Once and for all: jose would import plain bytes again for each token.
    const isExtractable = false;
    this.#key = createSecretKey(key).toCryptoKey({ name: 'HMAC', hash: 'SHA-256' }, isExtractable, ['sign', 'verify']);
  }

  /** @throws ZonecastError `noRouter` when the key is not known yet; so does `verify` */
  sign(stay: Stay): Promise<string> {
    return this.#inTurn(this.#sign(stay));
  }

  /** What the token says; undefined when it is none of this zone. */
  async verify(token: string): Promise<Stay | undefined> {
    return token.length > MAX_TOKEN_CHARACTERS ? undefined : this.#inTurn(this.#verify(token));
  }

  async #sign({ meeting, participant, router, worker, name }: Stay): Promise<string> {
    const claimed = new SignJWT({ zone: this.#zone, meeting, participant, router, worker, name });
    return claimed.setProtectedHeader({ alg: ALGORITHM }).sign(this.#knownKey());
  }

  async #verify(token: string): Promise<Stay | undefined> {
    const key = this.#knownKey();
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: [ALGORITHM] });
      // Signed by us, though perhaps of another release.
      const read = claims.safeParse(payload);
      if (!read.success || read.data.zone !== this.#zone) return undefined;
      return read.data as unknown as Stay; // the ids are those that were signed
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

  #knownKey(): webcrypto.CryptoKey {
    if (this.#key === undefined) throw new ZonecastError('noRouter', 'The server is still starting. Try again.');
    return this.#key;
  }
}
