/**
 * Tickets by which the zone's HTTP tunnels let clients in: JWTs (RFC 7519; compact, Ed25519) of a zone-controller. Tunnels know the
 * public key and nothing else.
 */
import { type KeyObject, sign } from 'node:crypto';
import { errors, jwtVerify } from 'jose';

/** RFC 8037 section 3.1; no other is considered, whatever a ticket says. */
const ALGORITHM = 'EdDSA';
/** Explicit (RFC 8725 section 3.11): nothing else that the zone signs is taken for one. */
const TYPE = 'tunnel-ticket+jwt';
const AUDIENCE = 'zonecast-tunnel';
/** Ours are shorter. A longer one is not looked at. */
const MAX_TICKET_CHARACTERS = 1_024;
const CLOCK_TOLERANCE_SECONDS = 30;

export interface Ticket {
  /** Equal for tickets of one participant. */
  readonly holder: string;
}

export interface SignedFor {
  readonly zone: string;
  readonly holder: string;
  /** In which sessions are opened with it; they may last longer. */
  readonly lifeSeconds: number;
}

/** `key`: Ed25519, private; `unixMs`: Unix time. */
export function signTicket(key: KeyObject, { zone, holder, lifeSeconds }: SignedFor, unixMs: number): string {
  const seconds = Math.floor(unixMs / 1000);
  const claims = { iss: zone, aud: AUDIENCE, sub: holder, iat: seconds, exp: seconds + lifeSeconds };
  const text = `${encoded({ alg: ALGORITHM, typ: TYPE })}.${encoded(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}

/** What it says; undefined when it is none of this zone, by any of its public keys, or its time is over. */
export async function verifyTicket(
  ticket: string,
  keys: readonly KeyObject[],
  zone: string,
  unixMs: number = Date.now(),
): Promise<Ticket | undefined> {
  if (ticket.length > MAX_TICKET_CHARACTERS) return undefined;
  const options = {
    algorithms: [ALGORITHM],
    typ: TYPE,
    issuer: zone,
    audience: AUDIENCE,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: new Date(unixMs),
  };
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(ticket, key, options);
      if (payload.sub !== undefined) return { holder: payload.sub };
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return undefined;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
