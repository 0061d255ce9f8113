/**
 * Session tokens: what a client that lost its WebSocket shows to whichever controller it reaches. A JWS (RFC 7515, compact,
 * HS256) with the zone's own key; whether the stay still goes on, the router knows that the token names.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';

/** The only header that is written, and so the only one that is read: no other algorithm is ever considered. */
const HEADER = Buffer.from('{"alg":"HS256"}').toString('base64url');

const claims = z.object({
  zone: z.string(),
  meeting: z.string(),
  participant: z.string(),
  router: z.string(),
  worker: z.int().min(0).optional(),
});

/** One participant's stay in a meeting. */
export interface Stay {
  readonly meeting: MeetingId;
  readonly participant: ParticipantId;
  /** That carries his media. */
  readonly router: RouterId;
  readonly worker: number | undefined;
}

export class SessionTokens {
  readonly #zone: ZoneId;
  #key: Buffer | undefined;

  constructor(zone: ZoneId) {
    this.#zone = zone;
  }

  /** Whether tokens can be made and checked. */
  get isReady(): boolean {
    return this.#key !== undefined;
  }

  /** The key that all controllers of the zone have. */
  useKey(key: Buffer): void {
    this.#key = key;
  }

  sign({ meeting, participant, router, worker }: Stay): string {
    const claimed = JSON.stringify({ zone: this.#zone, meeting, participant, router, worker });
    const payload = Buffer.from(claimed).toString('base64url');
    return `${HEADER}.${payload}.${this.#mac(payload).toString('base64url')}`;
  }

  /** What the token says; undefined when it is none of this zone. */
  verify(token: string): Stay | undefined {
    const [header, payload, signature, ...rest] = token.split('.');
    if (header !== HEADER || payload === undefined || signature === undefined || rest.length > 0) return undefined;
    const [given, right] = [Buffer.from(signature, 'base64url'), this.#mac(payload)];
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    // Signed by us: JSON, though perhaps of another release.
    const read = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    if (!read.success || read.data.zone !== this.#zone) return undefined;
    return read.data as unknown as Stay; // the ids are those that were signed
  }

  #mac(payload: string): Buffer {
    if (this.#key === undefined) throw new ZonecastError('noRouter', 'The server is still starting. Try again.');
    return createHmac('sha256', this.#key).update(`${HEADER}.${payload}`).digest();
  }
}
