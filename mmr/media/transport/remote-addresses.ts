/** Comparing remote addresses, and the key under which a map holds one. Cold path: STUN and DTLS only. */
import type { RemoteAddress } from '../remote-address.ts';

export function sameAddress(a: RemoteAddress, b: RemoteAddress): boolean {
  if (a.port !== b.port || a.bytes.length !== b.bytes.length) return false;
  for (let i = 0; i < a.bytes.length; i++) {
    if (a.bytes[i] !== b.bytes[i]) return false;
  }
  return true;
}

/** A string that is equal for two addresses exactly when they are the same. */
export function addressKey(address: RemoteAddress): string {
  return `${address.bytes.join('.')}/${address.port}`;
}
