/** Which certificates a participant may show (RFC 8122, RFC 5763 section 5). */
import type { Fingerprint } from '../negotiated.ts';
import type { DtlsSession } from './dtls-session.ts';

/** A browser offers one; a few more are for stacks that list several hashes. */
const MAX_FINGERPRINTS = 16;

/**
 * Whether the certificate of `session`'s peer matches one of the offered fingerprints. None offered, no certificate, or
 * only hashes that are not supported: no match.
 */
export function matchesFingerprint(session: DtlsSession, offered: readonly Fingerprint[]): boolean {
  let matches = false;
  for (const { algorithm, value } of offered.slice(0, MAX_FINGERPRINTS)) {
    const actual = session.fingerprint(algorithm);
    if (actual !== undefined && equalInConstantTime(actual, value)) matches = true;
  }
  return matches;
}

/** Takes the same time wherever the first difference lies. Two empty arrays are not equal: they prove nothing. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length || a.length === 0) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
