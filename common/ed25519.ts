/** Ed25519 keys (RFC 8032) from what keeps them. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** RFC 5958, RFC 8410 section 7: what a PKCS #8 key of Ed25519 has before its 32 bytes, in DER. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
/** RFC 8410 section 4: the same of a SubjectPublicKeyInfo. */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** The private key of a seed of 32 bytes, as RFC 8032 section 5.1.5 makes it. */
export function keyFromSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new Error(`a seed of ${seed.length} bytes`);
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
}

/** The 32 bytes of the public half of a key. */
export function publicBytes(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length);
}

/** The public key of 32 bytes. @throws when they are not so many */
export function publicKeyOf(bytes: Uint8Array): KeyObject {
  if (bytes.length !== 32) throw new Error(`a public key of ${bytes.length} bytes`);
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, bytes]), format: 'der', type: 'spki' });
}
