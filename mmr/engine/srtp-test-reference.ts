/**
 * SRTP written a second time, with node:crypto and straight from the RFCs, for the tests to hold the engine against.
 * It shares no code with the engine and keeps no state: the caller names the roll-over counter and the SRTCP index.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { SrtpProfile } from './srtp-keys.ts';

const isGcm = (profile: SrtpProfile): boolean => profile !== 'AES128_CM_HMAC_SHA1_80';

/** RFC 3711 section 4.3.3: AES in ECB mode over a counter, block by block. */
function derive(masterKey: Uint8Array, masterSalt: Uint8Array, label: number, sizeBytes: number): Buffer {
  const block = Buffer.alloc(16);
  block.set(masterSalt);
  block[7] = (block[7] as number) ^ label;
  const out: Buffer[] = [];
  for (let i = 0; i * 16 < sizeBytes; i++) {
    block.writeUInt16BE(i, 14);
    const aes = createCipheriv(`aes-${masterKey.length * 8}-ecb`, masterKey, null);
    out.push(aes.update(block));
  }
  return Buffer.concat(out).subarray(0, sizeBytes);
}

function xor(a: Buffer, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)));
}

function rtpHeaderSize(packet: Buffer): number {
  const csrcEnd = 12 + 4 * (packet.readUInt8(0) & 15);
  return (packet.readUInt8(0) & 0x10) === 0 ? csrcEnd : csrcEnd + 4 + 4 * packet.readUInt16BE(csrcEnd + 2);
}

interface SessionKeys {
  readonly key: Buffer;
  readonly salt: Buffer;
  readonly authentication: Buffer;
}

export class ReferenceSrtp {
  readonly #profile: SrtpProfile;
  readonly #rtp: SessionKeys;
  readonly #rtcp: SessionKeys;

  constructor(profile: SrtpProfile, masterKey: Uint8Array, masterSalt: Uint8Array) {
    this.#profile = profile;
    const session = (first: number): SessionKeys => ({
      key: derive(masterKey, masterSalt, first, masterKey.length),
      authentication: derive(masterKey, masterSalt, first + 1, 20),
      salt: derive(masterKey, masterSalt, first + 2, masterSalt.length),
    });
    this.#rtp = session(0);
    this.#rtcp = session(3);
  }

  protectRtp(packet: Buffer, rolloverCounter: number): Buffer {
    const header = packet.subarray(0, rtpHeaderSize(packet));
    const body = packet.subarray(header.length);
    const iv = this.#rtpIv(packet, rolloverCounter);
    if (isGcm(this.#profile)) {
      const cipher = createCipheriv(this.#gcm(), this.#rtp.key, iv).setAAD(header);
      return Buffer.concat([header, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
    }
    const sealed = Buffer.concat([header, this.#counter(this.#rtp.key, iv, body)]);
    return Buffer.concat([sealed, this.#hmac(this.#rtp, sealed, rolloverCounter)]);
  }

  /** Throws when the tag does not hold. */
  unprotectRtp(packet: Buffer, rolloverCounter: number): Buffer {
    const header = packet.subarray(0, rtpHeaderSize(packet));
    const body = packet.subarray(header.length, -this.#tagSize());
    const tag = packet.subarray(-this.#tagSize());
    const iv = this.#rtpIv(packet, rolloverCounter);
    if (isGcm(this.#profile)) {
      const cipher = createDecipheriv(this.#gcm(), this.#rtp.key, iv).setAAD(header).setAuthTag(tag);
      return Buffer.concat([header, cipher.update(body), cipher.final()]);
    }
    const expected = this.#hmac(this.#rtp, packet.subarray(0, -10), rolloverCounter);
    if (!expected.equals(tag)) throw new Error('tag');
    return Buffer.concat([header, this.#counter(this.#rtp.key, iv, body)]);
  }

  protectRtcp(packet: Buffer, index: number): Buffer {
    const header = packet.subarray(0, 8);
    const body = packet.subarray(8);
    const word = Buffer.alloc(4);
    word.writeUInt32BE((index | 0x80000000) >>> 0);
    const iv = this.#rtcpIv(packet, index);
    if (isGcm(this.#profile)) {
      const cipher = createCipheriv(this.#gcm(), this.#rtcp.key, iv).setAAD(Buffer.concat([header, word]));
      return Buffer.concat([header, cipher.update(body), cipher.final(), cipher.getAuthTag(), word]);
    }
    const sealed = Buffer.concat([header, this.#counter(this.#rtcp.key, iv, body)]);
    return Buffer.concat([sealed, word, this.#hmac(this.#rtcp, sealed, word.readUInt32BE())]);
  }

  /** Throws when the tag does not hold. */
  unprotectRtcp(packet: Buffer): { readonly packet: Buffer; readonly index: number } {
    const gcm = isGcm(this.#profile);
    const wordAt = packet.length - (gcm ? 4 : 14);
    const word = packet.subarray(wordAt, wordAt + 4);
    const index = word.readUInt32BE() & 0x7fffffff;
    const header = packet.subarray(0, 8);
    const iv = this.#rtcpIv(packet, index);
    if (gcm) {
      const cipher = createDecipheriv(this.#gcm(), this.#rtcp.key, iv)
        .setAAD(Buffer.concat([header, word]))
        .setAuthTag(packet.subarray(wordAt - 16, wordAt));
      return { packet: Buffer.concat([header, cipher.update(packet.subarray(8, wordAt - 16)), cipher.final()]), index };
    }
    const expected = this.#hmac(this.#rtcp, packet.subarray(0, wordAt), word.readUInt32BE());
    if (!expected.equals(packet.subarray(-10))) throw new Error('tag');
    const body = this.#counter(this.#rtcp.key, iv, packet.subarray(8, wordAt));
    return { packet: Buffer.concat([header, body]), index };
  }

  #tagSize(): number {
    return isGcm(this.#profile) ? 16 : 10;
  }
  #gcm(): 'aes-128-gcm' | 'aes-256-gcm' {
    return this.#profile === 'AEAD_AES_256_GCM' ? 'aes-256-gcm' : 'aes-128-gcm';
  }
  #counter(key: Buffer, iv: Buffer, body: Buffer): Buffer {
    return createCipheriv('aes-128-ctr', key, iv).update(body);
  }
  #hmac(keys: SessionKeys, sealed: Buffer, suffix: number): Buffer {
    const word = Buffer.alloc(4);
    word.writeUInt32BE(suffix);
    return createHmac('sha1', keys.authentication).update(sealed).update(word).digest().subarray(0, 10);
  }

  #rtpIv(packet: Buffer, rolloverCounter: number): Buffer {
    const sequence = packet.subarray(2, 4);
    const ssrc = packet.subarray(8, 12);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(rolloverCounter);
    const plain = isGcm(this.#profile)
      ? Buffer.concat([Buffer.alloc(2), ssrc, counter, sequence])
      : Buffer.concat([Buffer.alloc(4), ssrc, counter, sequence, Buffer.alloc(2)]);
    return xor(plain, this.#rtp.salt);
  }

  #rtcpIv(packet: Buffer, index: number): Buffer {
    const ssrc = packet.subarray(4, 8);
    const word = Buffer.alloc(4);
    word.writeUInt32BE(index);
    const plain = isGcm(this.#profile)
      ? Buffer.concat([Buffer.alloc(2), ssrc, Buffer.alloc(2), word])
      : Buffer.concat([Buffer.alloc(4), ssrc, Buffer.alloc(2), word, Buffer.alloc(2)]);
    return xor(plain, this.#rtcp.salt);
  }
}
