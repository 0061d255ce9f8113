/** ICE credentials, DTLS role and certificate fingerprints of the offer's bundled transport. */
import type { Fingerprint } from '../media/negotiated.ts';
import type { FingerprintLine, OfferedMedia, ParsedOffer } from './parse-offer.ts';
import { SdpError } from './sdp-error.ts';

export interface RemoteTransport {
  readonly ufrag: string;
  readonly fingerprints: readonly Fingerprint[];
}

/** Bytes of a digest. SHA-1 and MD5 are not here: RFC 8122 section 5 deprecates them. */
const DIGEST_BYTES: ReadonlyMap<string, number> = new Map([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
]);
const MAX_FINGERPRINTS = 8;

/** `tagged` is the m-line whose transport carries the whole BUNDLE (RFC 8843 section 7.3.1). */
export function readTransport(offer: ParsedOffer, tagged: OfferedMedia): RemoteTransport | SdpError {
  const { session } = offer;
  if (session.icelite !== undefined) {
    return new SdpError('badIce', 'the client is ICE-lite, as the router is: nobody would check connectivity');
  }
  const ufrag = String(tagged.description.iceUfrag ?? session.iceUfrag ?? '');
  const password = String(tagged.description.icePwd ?? session.icePwd ?? '');
  // RFC 8839 section 5.4: ice-char, at least 4 and 22, at most 256.
  if (!/^[A-Za-z0-9+/]{4,256}$/.test(ufrag)) return new SdpError('badIce', 'a=ice-ufrag is missing or malformed');
  if (!/^[A-Za-z0-9+/]{22,256}$/.test(password)) return new SdpError('badIce', 'a=ice-pwd is missing or malformed');
  const setup = tagged.description.setup ?? session.setup;
  if (setup !== 'actpass' && setup !== 'active') {
    return new SdpError('badSetup', 'a=setup must be actpass or active: the router is passive');
  }
  const lines = tagged.fingerprints.length > 0 ? tagged.fingerprints : offer.fingerprints;
  const fingerprints = readFingerprints(lines);
  return fingerprints instanceof SdpError ? fingerprints : { ufrag, fingerprints };
}

function readFingerprints(lines: readonly FingerprintLine[]): readonly Fingerprint[] | SdpError {
  if (lines.length > MAX_FINGERPRINTS)
    return new SdpError('badFingerprint', `more than ${MAX_FINGERPRINTS} fingerprints`);
  const fingerprints: Fingerprint[] = [];
  for (const { algorithm, hash } of lines) {
    const size = DIGEST_BYTES.get(algorithm);
    if (size === undefined) continue;
    if (hash.length !== size * 3 - 1 || !/^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*$/.test(hash)) {
      return new SdpError('badFingerprint', `the ${algorithm} fingerprint is not ${size} bytes of hex`);
    }
    const value = Uint8Array.from(hash.split(':'), (byte) => Number.parseInt(byte, 16));
    // The cast: DIGEST_BYTES has exactly the names of the type.
    fingerprints.push({ algorithm: algorithm as Fingerprint['algorithm'], value });
  }
  return fingerprints.length > 0
    ? fingerprints
    : new SdpError('badFingerprint', 'no a=fingerprint by sha-256, sha-384 or sha-512');
}
