import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReferenceSrtp } from '../../../mmr/engine/srtp-test-reference.ts';
import { fromHex } from '../../../mmr/media/rtp/from-hex.ts';
import { deriveKey, GcmCipher, type GcmProfile } from './gcm-cipher.ts';
import { PacketIndexes, WINDOW_PACKETS } from './packet-index.ts';
import { MAX_RECEIVED_STREAMS, rtpHeaderBytes, SrtpReceiver } from './srtp-receiver.ts';
import { MAX_SENT_STREAMS, SrtpSender } from './srtp-sender.ts';

const hex = (text: string): Buffer => Buffer.from(fromHex(text.replaceAll(/\s+/g, '')));
const SALT = hex('517569642070726f2071756f');
const KEYS: Record<GcmProfile, Buffer> = {
  AEAD_AES_128_GCM: hex('000102030405060708090a0b0c0d0e0f'),
  AEAD_AES_256_GCM: hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'),
};
const PROFILES = Object.keys(KEYS) as GcmProfile[];

describe('vectors', () => {
  const rtp = hex(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120
    696e2070 61727465 73207472 6573`);
  const rtcp = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef
    deadbeef deadbeef deadbeef`);

  test.each([
    [
      'RFC 7714 16.1.1',
      'AEAD_AES_128_GCM',
      'f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce',
    ],
    [
      'RFC 7714 16.2.1',
      'AEAD_AES_256_GCM',
      '32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13',
    ],
  ] as const)('%s: RTP, %s', (_, profile, sealed) => {
    const cipher = new GcmCipher(profile, KEYS[profile], SALT);
    const out = Buffer.alloc(rtp.length - 12 + 16);
    cipher.seal(0x5501a0b2, 0, 0xf17b, rtp.subarray(0, 12), rtp.subarray(12), out, 0);
    expect(out).toEqual(hex(sealed));
    expect(cipher.open(0x5501a0b2, 0, 0xf17b, rtp.subarray(0, 12), out.subarray(0, -16), out.subarray(-16))).toEqual(
      rtp.subarray(12),
    );
  });

  test.each([
    [
      'RFC 7714 17.1',
      'AEAD_AES_128_GCM',
      `63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
      c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade`,
    ],
    [
      'RFC 7714 17.2',
      'AEAD_AES_256_GCM',
      `d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50
      a2eaa5c1 110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be`,
    ],
  ] as const)('%s: RTCP, %s', (_, profile, sealed) => {
    const cipher = new GcmCipher(profile, KEYS[profile], SALT);
    const header = Buffer.concat([rtcp.subarray(0, 8), hex('800005d4')]);
    const out = Buffer.alloc(rtcp.length - 8 + 16);
    cipher.seal(0x4d617273, 0, 0x5d4, header, rtcp.subarray(8), out, 0);
    expect(out).toEqual(hex(sealed));
  });

  test('RFC 3711 B.3: key derivation', () => {
    const key = hex('E1F97A0D3E018BE0D64FA32C06DE4139');
    const salt = hex('0EC675AD498AFEEBB6960B3AABE6');
    expect(deriveKey(key, salt, 0, 16)).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'));
    expect(deriveKey(key, salt, 2, 14)).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'));
  });
});

/** A packet with an extension block of one word. */
function rtpPacket(ssrc: number, sequenceNumber: number, payload: Uint8Array): Buffer {
  const header = hex('90 60 0000 00000000 00000000 bede 0001 10ff0000');
  header.writeUInt16BE(sequenceNumber, 2);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}

/** The tunnel's two halves under one key: what is sent is what is received. */
function ends(profile: GcmProfile) {
  const [key, salt] = [KEYS[profile], SALT];
  return {
    sender: new SrtpSender(profile, { egressKey: key, egressSalt: salt }),
    receiver: new SrtpReceiver(profile, { ingressKey: key, ingressSalt: salt }),
    reference: new ReferenceSrtp(profile, key, salt),
  };
}
const protect = (sender: SrtpSender, packet: Buffer) => sender.protectRtp(packet, rtpHeaderBytes(packet) as number);

describe.each(PROFILES)('%s', (profile) => {
  test('as the reference, each way, over several roll-overs', () => {
    const { sender, receiver, reference } = ends(profile);
    for (let index = 65_000; index < 200_000; index += 397) {
      const plain = rtpPacket(7, index % 65_536, Buffer.from(`packet ${index}`));
      // The first number seen counts as roll-over 0 (RFC 3711 section 3.3.1).
      const sealed = reference.protectRtp(plain, Math.floor(index / 65_536));
      expect(protect(sender, plain)).toEqual(sealed);
      expect(receiver.unprotectRtp(sealed)).toEqual(plain);
    }
    for (let index = 0; index < 5; index++) {
      const plain = hex('80c9 0001 0000 0009');
      const sealed = reference.protectRtcp(plain, index);
      expect(sender.protectRtcp(plain)).toEqual(sealed);
      expect(receiver.unprotectRtcp(sealed)).toEqual(plain);
      expect(receiver.unprotectRtcp(sealed)).toBe('replayed');
    }
  });

  test('no number is sealed twice, and none is opened twice', () => {
    const { sender, receiver } = ends(profile);
    const sealed = protect(sender, rtpPacket(7, 5, Buffer.from('a'))) as Buffer;
    expect(protect(sender, rtpPacket(7, 5, Buffer.from('b')))).toBeUndefined();
    expect(receiver.unprotectRtp(sealed)).toBeInstanceOf(Buffer);
    expect(receiver.unprotectRtp(sealed)).toBe('replayed');
  });

  test('a changed bit anywhere is refused and changes nothing', () => {
    const { sender, receiver } = ends(profile);
    const sealed = protect(sender, rtpPacket(7, 5, Buffer.from('payload'))) as Buffer;
    const control = sender.protectRtcp(hex('80c9 0001 0000 0009')) as Buffer;
    for (const [whole, open] of [
      [sealed, (bytes: Buffer) => receiver.unprotectRtp(bytes)],
      [control, (bytes: Buffer) => receiver.unprotectRtcp(bytes)],
    ] as const) {
      for (let bit = 0; bit < whole.length * 8; bit++) {
        const changed = Buffer.from(whole);
        changed[bit >>> 3] = (changed[bit >>> 3] as number) ^ (1 << (bit & 7));
        expect(['forged', 'malformed']).toContain(open(changed));
      }
      expect(open(whole)).toBeInstanceOf(Buffer);
    }
  });
});

test('hostile bytes are values, and streams are bounded', () => {
  const { sender, receiver } = ends('AEAD_AES_128_GCM');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(receiver.unprotectRtp(Buffer.from(bytes))).toBeTypeOf('string');
      expect(receiver.unprotectRtcp(Buffer.from(bytes))).toBeTypeOf('string');
    }),
    { seed: 20261122, numRuns: 2000 },
  );
  for (let ssrc = 1; ssrc <= MAX_SENT_STREAMS; ssrc++) {
    expect(protect(sender, rtpPacket(ssrc, 1, Buffer.from('a')))).toBeDefined();
  }
  expect(protect(sender, rtpPacket(MAX_SENT_STREAMS + 1, 1, Buffer.from('a')))).toBeUndefined();
  const other = ends('AEAD_AES_128_GCM');
  for (let ssrc = 1; ssrc <= MAX_RECEIVED_STREAMS + 1; ssrc++) {
    const opened = other.receiver.unprotectRtp(other.reference.protectRtp(rtpPacket(ssrc, 1, Buffer.from('a')), 0));
    if (ssrc <= MAX_RECEIVED_STREAMS) expect(opened).toBeInstanceOf(Buffer);
    else expect(opened).toBe('tooManyStreams');
  }
});

test('indexes: fresh exactly when neither taken nor older than the window', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3000, max: 3000 }), { maxLength: 200 }), (steps) => {
      const indexes = new PacketIndexes();
      const taken = new Set<number>();
      let at = 100_000;
      let highest = -1;
      for (const step of steps) {
        at = Math.max(0, at + step);
        // Within half the number space of the highest, the number alone tells the index.
        if (highest >= 0 && Math.abs(at - highest) < 0x7fff) expect(indexes.widen(at % 65_536)).toBe(at);
        const isFresh = !taken.has(at) && at > highest - WINDOW_PACKETS;
        expect(indexes.isFresh(at)).toBe(isFresh);
        if (!isFresh) continue;
        indexes.take(at);
        taken.add(at);
        highest = Math.max(highest, at);
      }
    }),
    { seed: 20261122, numRuns: 300 },
  );
});
