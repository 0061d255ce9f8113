import { describe, expect, test } from 'vitest';
import { native } from './native-addon.ts';
import { SRTP_PROFILES, type SrtpProfile } from './srtp-keys.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const number = (profile: SrtpProfile): number => SRTP_PROFILES.indexOf(profile);
const NO_KEY = new Uint8Array(0);

describe('RFC 3711 appendix B', () => {
  test('B.2: the AES-CM key stream, first and last three blocks', () => {
    const key = hex('2B7E151628AED2A6ABF7158809CF4F3C');
    const salt = hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD');
    // SSRC and index 0, so that the counter begins with the salt; a payload of zeros shows the key stream.
    const packet = new Uint8Array(12 + 0xff02 * 16);
    packet[0] = 0x80;
    const sealed = native.srtpProtect(
      number('AES128_CM_HMAC_SHA1_80'),
      key,
      salt,
      new Uint8Array(20),
      false,
      packet,
      0,
    );
    const stream = Buffer.from(sealed).subarray(12);
    expect(stream.subarray(0, 48)).toEqual(
      hex(`E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0`),
    );
    expect(stream.subarray(0xfeff * 16, 0xff02 * 16)).toEqual(
      hex(`EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE 6A2CC3787889374FBEB4C81B17BA6C44`),
    );
  });

  test('B.3: key derivation', () => {
    const key = hex('E1F97A0D3E018BE0D64FA32C06DE4139');
    const salt = hex('0EC675AD498AFEEBB6960B3AABE6');
    const derive = (label: number, size: number) => Buffer.from(native.srtpDeriveKey(key, salt, label, size));
    expect(derive(0, 16)).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'));
    expect(derive(2, 14)).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'));
    expect(derive(1, 94)).toEqual(
      hex(`CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE E049646C43D9327AD175578EF7227098
        6371C10C9A369AC2F94A8C5FBCDDDC25 6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2`),
    );
  });
});

const SALT = hex('517569642070726f2071756f');
const KEYS = {
  AEAD_AES_128_GCM: hex('000102030405060708090a0b0c0d0e0f'),
  AEAD_AES_256_GCM: hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'),
};
type Gcm = keyof typeof KEYS;

function protect(profile: Gcm, rtcp: boolean, packet: Buffer, counter: number): Buffer {
  return Buffer.from(native.srtpProtect(number(profile), KEYS[profile], SALT, NO_KEY, rtcp, packet, counter));
}

function unprotect(profile: Gcm, rtcp: boolean, packet: Buffer): Buffer | undefined {
  const plain = native.srtpUnprotect(number(profile), KEYS[profile], SALT, NO_KEY, rtcp, packet, 0);
  return plain === undefined ? undefined : Buffer.from(plain);
}

describe('RFC 7714 sections 16 and 17', () => {
  const rtp = hex(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120
    696e2070 61727465 73207472 6573`);
  // The packet that sections 17.1 to 17.4 use; the preamble of section 17 prints another one.
  const rtcp = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef
    deadbeef deadbeef deadbeef`);

  test.each([
    [
      '16.1.1',
      'AEAD_AES_128_GCM',
      `8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5
      0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce`,
    ],
    [
      '16.2.1',
      'AEAD_AES_256_GCM',
      `8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238
      9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13`,
    ],
  ] as const)('%s: SRTP %s', (_section, profile, sealed) => {
    expect(protect(profile, false, rtp, 0)).toEqual(hex(sealed));
    expect(unprotect(profile, false, hex(sealed))).toEqual(rtp);
  });

  test.each([
    [
      '17.1',
      'AEAD_AES_128_GCM',
      `81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
      c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`,
    ],
    [
      '17.2',
      'AEAD_AES_256_GCM',
      `81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50
      a2eaa5c1 110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4`,
    ],
  ] as const)('%s: SRTCP %s', (_section, profile, sealed) => {
    expect(protect(profile, true, rtcp, 0x5d4)).toEqual(hex(sealed));
    expect(unprotect(profile, true, hex(sealed))).toEqual(rtcp);
  });

  test('17.3: SRTCP that is authenticated but not encrypted is accepted', () => {
    const tagged = Buffer.concat([rtcp, hex('841dd968 3dd78ec9 2ae58790 125f62b3 000005d4')]);
    expect(unprotect('AEAD_AES_128_GCM', true, tagged)).toEqual(rtcp);
    tagged[20] = (tagged[20] as number) ^ 1;
    expect(unprotect('AEAD_AES_128_GCM', true, tagged)).toBeUndefined();
  });
});
