/** ICE and DTLS credentials of the two ends of a leg, as the control channel says them. */
import { randomBytes } from 'node:crypto';
import type { Fingerprint } from '../../../mmr/media/negotiated.ts';
import type { LegCredentials } from '../../../proto/tunnel.ts';

export interface RouterEnd {
  readonly ufrag: string;
  readonly pwd: string;
  readonly fingerprint: Fingerprint;
}

/** Bytes of a digest. SHA-1 and MD5 are not here: RFC 8122 section 5 deprecates them. */
const DIGEST_BYTES: Readonly<Record<Fingerprint['algorithm'], number>> = {
  'sha-256': 32,
  'sha-384': 48,
  'sha-512': 64,
};

/** Undefined when one of them is not as RFC 8839 section 5.4 and RFC 8122 section 5 have it. */
export function readRouterEnd({ ufrag, pwd, fingerprint }: LegCredentials): RouterEnd | undefined {
  if (!/^[A-Za-z0-9+/]{4,256}$/.test(ufrag) || !/^[A-Za-z0-9+/]{22,256}$/.test(pwd)) return undefined;
  const [, name = '', hash = ''] =
    /^(sha-256|sha-384|sha-512) ((?:[0-9A-F]{2}:)+[0-9A-F]{2})$/i.exec(fingerprint) ?? [];
  if (!Object.hasOwn(DIGEST_BYTES, name)) return undefined;
  const algorithm = name as Fingerprint['algorithm']; // The line above has looked.
  const value = Uint8Array.from(hash.split(':'), (byte) => Number.parseInt(byte, 16));
  return value.length === DIGEST_BYTES[algorithm] ? { ufrag, pwd, fingerprint: { algorithm, value } } : undefined;
}

/** Fresh ones of ours. `certificateSha256`: of the tunnel's DTLS certificate. */
export function drawCredentials(certificateSha256: Uint8Array): LegCredentials {
  const hash = Array.from(certificateSha256, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
  return {
    ufrag: randomBytes(12).toString('base64'),
    pwd: randomBytes(24).toString('base64'),
    fingerprint: `sha-256 ${hash}`,
  };
}
