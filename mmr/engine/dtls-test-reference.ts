/**
 * Records of DTLS 1.2 with AES-GCM written a second time, with node:crypto and straight from the RFCs, for the tests to
 * hold the engine against. It shares no code with the engine and keeps no state.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

export type RecordSender = 'client' | 'server';

/** PRF of RFC 5246 section 5. */
function prf(digest: string, secret: Uint8Array, label: string, seed: Uint8Array, sizeBytes: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label), seed]);
  const hmac = (bytes: Uint8Array) => createHmac(digest, secret).update(bytes).digest();
  let out = Buffer.alloc(0);
  for (let a = hmac(labelled); out.length < sizeBytes; a = hmac(a)) {
    out = Buffer.concat([out, hmac(Buffer.concat([a, labelled]))]);
  }
  return out.subarray(0, sizeBytes);
}

/** The keys of epoch 1, both ways. */
export class RecordKeys {
  readonly #cipher: 'aes-128-gcm' | 'aes-256-gcm';
  readonly #keys: Record<RecordSender, { readonly key: Buffer; readonly salt: Buffer }>;

  constructor(cipher: 'aes-128-gcm' | 'aes-256-gcm', master: Uint8Array, client: Uint8Array, server: Uint8Array) {
    this.#cipher = cipher;
    const [keyBytes, digest] = cipher === 'aes-128-gcm' ? [16, 'sha256'] : [32, 'sha384'];
    const block = prf(digest, master, 'key expansion', Buffer.concat([server, client]), 2 * (keyBytes + 4));
    const salts = block.subarray(2 * keyBytes);
    this.#keys = {
      client: { key: block.subarray(0, keyBytes), salt: salts.subarray(0, 4) },
      server: { key: block.subarray(keyBytes, 2 * keyBytes), salt: salts.subarray(4) },
    };
  }

  /** `number`: epoch (16 bits) and sequence number (48). */
  seal(sender: RecordSender, type: number, number: bigint, content: Uint8Array): Buffer {
    const { key, salt } = this.#keys[sender];
    const header = Buffer.alloc(13);
    header.set([type, 254, 253]);
    header.writeBigUInt64BE(number, 3);
    header.writeUInt16BE(content.length, 11);
    const explicit = Buffer.alloc(8);
    explicit.writeBigUInt64BE(number ^ 0x5a5a_5a5a_5a5a_5a5an); // nobody may expect it to be the number
    const cipher = createCipheriv(this.#cipher, key, Buffer.concat([salt, explicit]));
    cipher.setAAD(Buffer.concat([header.subarray(3, 11), header.subarray(0, 3), header.subarray(11)]));
    const sealed = Buffer.concat([explicit, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
    header.writeUInt16BE(sealed.length, 11);
    return Buffer.concat([header, sealed]);
  }

  /** Throws when the record is not of `sender`. */
  open(sender: RecordSender, record: Uint8Array): { number: bigint; explicitNonce: string; content: Buffer } {
    const { key, salt } = this.#keys[sender];
    const bytes = Buffer.from(record);
    const explicit = bytes.subarray(13, 21);
    const sealed = bytes.subarray(21, -16);
    const size = Buffer.alloc(2);
    size.writeUInt16BE(sealed.length);
    const decipher = createDecipheriv(this.#cipher, key, Buffer.concat([salt, explicit]));
    decipher.setAAD(Buffer.concat([bytes.subarray(3, 11), bytes.subarray(0, 3), size]));
    decipher.setAuthTag(bytes.subarray(-16));
    const content = Buffer.concat([decipher.update(sealed), decipher.final()]);
    return { number: bytes.readBigUInt64BE(3), explicitNonce: explicit.toString('hex'), content };
  }
}

/** The records of a datagram. */
export function records(datagram: Uint8Array): Buffer[] {
  const bytes = Buffer.from(datagram);
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += found.at(-1)?.length ?? 0) {
    found.push(bytes.subarray(at, at + 13 + bytes.readUInt16BE(at + 11)));
  }
  return found;
}
