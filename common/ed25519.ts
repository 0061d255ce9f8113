/** Ed25519 keys (RFC 8032) from what keeps them. */
import { createPrivateKey, type KeyObject } from 'node:crypto';

/** RFC 5958, RFC 8410 section 7: what a PKCS #8 key of Ed25519 has before its 32 bytes, in DER. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The private key of a seed of 32 bytes, as RFC 8032 section 5.1.5 makes it. */
export function keyFromSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new Error(`a seed of ${seed.length} bytes`);
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
}
