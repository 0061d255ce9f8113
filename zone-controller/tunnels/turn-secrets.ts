/**
 * The secrets by which TURN credentials are made and checked (draft-uberti-behave-turn-rest). Of the zone's seed and the hour alone,
 * so that all controllers have the same and none is kept: a tunnel that is taken over by somebody knows those of three hours.
 */
import { hkdfSync } from 'node:crypto';
import { turnPassword } from '../../http-tunnel/turn/core/credentials.ts';

const PERIOD_MS = 3_600_000;
/** Of a credential: it ends before the secret that it was made by is forgotten. */
export const CREDENTIAL_MS = 3_600_000;
const SECRET_BYTES = 32;

export interface TurnCredential {
  readonly username: string;
  /** base64(HMAC-SHA1(secret, username)) */
  readonly credential: string;
}

/** `unixMs`: Unix time. */
export function turnCredential(seed: Uint8Array, participant: string, unixMs: number): TurnCredential {
  const expirySeconds = Math.floor((unixMs + CREDENTIAL_MS) / 1000);
  const username = `${expirySeconds}:${participant}`;
  const credential = turnPassword(secretOf(seed, periodOf(unixMs)), username);
  return { username, credential };
}

/** Those that count now, the likeliest first: that of the hour, of the one before, and of the next, because clocks differ. */
export function turnSecrets(seed: Uint8Array, unixMs: number): Buffer[] {
  return [0, -1, 1].map((step) => secretOf(seed, periodOf(unixMs) + step));
}

function periodOf(unixMs: number): number {
  return Math.floor(unixMs / PERIOD_MS);
}

function secretOf(seed: Uint8Array, period: number): Buffer {
  return Buffer.from(hkdfSync('sha256', seed, '', `zonecast turn/${period}`, SECRET_BYTES));
}
