import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../rtp/from-hex.ts';
import { verifyFingerprint, verifyIntegrity, verifyIntegritySha256 } from './stun-integrity.ts';
import { findAttribute, parseStun, StunAttribute, type StunMessage } from './stun-message.ts';
import {
  RFC5769_PASSWORD,
  SAMPLE_REQUEST,
  SAMPLE_REQUEST_LONG_TERM,
  SAMPLE_REQUEST_SHA256,
  SAMPLE_RESPONSE_IPV4,
  SAMPLE_RESPONSE_IPV6,
} from './stun-vectors.ts';

function parse(bytes: Uint8Array): StunMessage | undefined {
  return parseStun(bytes, 0, bytes.length);
}

const COOKIE_AND_ID = '2112a442 000102030405060708090a0b';
/** A binding request around the attributes given, its length filled in. */
function request(attributes: string, type = '0001'): Uint8Array {
  const body = fromHex(attributes);
  return fromHex(`${type} ${body.length.toString(16).padStart(4, '0')} ${COOKIE_AND_ID} ${attributes}`);
}

describe('RFC 5769', () => {
  test('2.1 sample request', () => {
    const message = parse(fromHex(SAMPLE_REQUEST)) as StunMessage;
    expect(message).toMatchObject({
      class: 'request',
      method: 1,
      transactionId: fromHex('b7e7a701bc34d686fa87dfae'),
      username: 'evtj:h6vY',
      priority: 0x6e0001ff,
      iceControlled: true,
      iceControlling: false,
      useCandidate: false,
      unknownRequired: [],
    });
    expect(verifyIntegrity(message, RFC5769_PASSWORD)).toBe(true);
    expect(verifyFingerprint(message)).toBe(true);
  });

  test.each([
    ['2.2 sample IPv4 response', SAMPLE_RESPONSE_IPV4, { family: 4, port: 32853, bytes: fromHex('c0000201') }],
    [
      '2.3 sample IPv6 response',
      SAMPLE_RESPONSE_IPV6,
      { family: 6, port: 32853, bytes: fromHex('20010db8123456780011223344556677') },
    ],
  ])('%s', (_, text, address) => {
    const message = parse(fromHex(text)) as StunMessage;
    expect(message).toMatchObject({ class: 'success', method: 1, xorMappedAddress: address });
    expect(verifyIntegrity(message, RFC5769_PASSWORD)).toBe(true);
    expect(verifyFingerprint(message)).toBe(true);
  });

  test('2.4 sample request with long-term authentication', () => {
    const message = parse(fromHex(SAMPLE_REQUEST_LONG_TERM)) as StunMessage;
    expect(message).toMatchObject({ username: 'マトリックス', fingerprintOffset: -1 });
    const key = createHash('md5').update('マトリックス:example.org:TheMatrIX').digest();
    expect(verifyIntegrity(message, key)).toBe(true);
    expect(verifyFingerprint(message)).toBe(false);
  });

  test('RFC 8489 B.1: long-term authentication with SHA-256', () => {
    const message = parse(fromHex(SAMPLE_REQUEST_SHA256)) as StunMessage;
    expect(message).toMatchObject({ integrityOffset: -1, unknownRequired: [0x001e, StunAttribute.passwordAlgorithm] });
    const key = createHash('sha256').update('マトリックス:example.org:TheMatrIX').digest();
    expect(verifyIntegritySha256(message, key)).toBe(true);
    expect(verifyIntegritySha256(message, key.subarray(1))).toBe(false);
    expect(verifyIntegrity(message, key)).toBe(false);
  });

  test('every flipped bit is noticed', () => {
    const bytes = fromHex(SAMPLE_REQUEST);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice();
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (0x80 >>> (bit & 7));
      const message = parse(flipped);
      if (message === undefined) continue;
      // The fingerprint itself is not covered by the integrity, and the padding of USERNAME is.
      expect(verifyIntegrity(message, RFC5769_PASSWORD) && verifyFingerprint(message)).toBe(false);
    }
  });

  test('another password, no password', () => {
    const message = parse(fromHex(SAMPLE_REQUEST)) as StunMessage;
    expect(verifyIntegrity(message, `${RFC5769_PASSWORD}x`)).toBe(false);
    expect(verifyIntegrity(message, '')).toBe(false);
  });

  test('at an offset in a longer array', () => {
    const plain = fromHex(SAMPLE_RESPONSE_IPV6);
    const bytes = new Uint8Array(plain.length + 9).fill(0xff);
    bytes.set(plain, 3);
    const message = parseStun(bytes, 3, plain.length) as StunMessage;
    expect(message.xorMappedAddress?.bytes).toEqual(fromHex('20010db8123456780011223344556677'));
    expect(verifyIntegrity(message, RFC5769_PASSWORD)).toBe(true);
    expect(verifyFingerprint(message)).toBe(true);
  });
});

describe('types', () => {
  test.each([
    ['0001', 'request', 1],
    ['0011', 'indication', 1],
    ['0101', 'success', 1],
    ['0111', 'error', 1],
    ['0003', 'request', 3],
    ['3eef', 'request', 0xfff],
    ['3fff', 'error', 0xfff],
  ])('%s is %s of method %i', (type, expectedClass, method) => {
    expect(parse(request('', type))).toMatchObject({ class: expectedClass, method });
  });
});

describe('attributes', () => {
  test.each<[string, string, Partial<StunMessage>]>([
    ['USE-CANDIDATE', '00250000', { useCandidate: true }],
    ['ICE-CONTROLLING', '802a0008 0000000000000000', { iceControlling: true, iceControlled: false }],
    ['the first of equal ones counts', '00060001 61000000 00060001 62000000', { username: 'a' }],
    ['the first of equal priorities counts', '00240004 00000001 00240004 00000002', { priority: 1 }],
    [
      'the first of equal addresses counts',
      '00200008 000121122112a442 00200008 0001211300000000',
      { xorMappedAddress: { family: 4, port: 0, bytes: new Uint8Array(4) } },
    ],
    ['an empty user name', '00060000', { username: '' }],
    ['error code', '00090004 00000457', { errorCode: 487 }],
    ['unknown ones that may be ignored', '80220004 41414141 c0570004 00000000', { unknownRequired: [] }],
    ['unknown ones that may not', '7fff0000 00300001 41000000', { unknownRequired: [0x7fff, 0x0030] }],
    ['MESSAGE-INTEGRITY-SHA256 beside the other', `001c0020 ${'00'.repeat(32)}`, { unknownRequired: [] }],
    [
      'what follows MESSAGE-INTEGRITY is ignored',
      `00080014 ${'00'.repeat(20)} 00250000 00060001 61000000 7fff0000`,
      { useCandidate: false, username: undefined, unknownRequired: [] },
    ],
  ])('%s', (_, attributes, expected) => {
    expect(parse(request(attributes))).toMatchObject(expected);
  });

  test('what follows MESSAGE-INTEGRITY-SHA256 is ignored, the other integrity before it is not', () => {
    const sha256 = `001c0020 ${'00'.repeat(32)}`;
    const ignored = parse(request(`${sha256} 00250000 00060001 61000000 7fff0000 00080014 ${'00'.repeat(20)}`));
    expect(ignored).toMatchObject({
      useCandidate: false,
      username: undefined,
      unknownRequired: [],
      integrityOffset: -1,
    });
    const both = parse(request(`00080014 ${'00'.repeat(20)} ${sha256}`));
    expect(both).toMatchObject({ integrityOffset: 20, integritySha256Offset: 44 });
  });

  test('attributes of a type are found one after the other, and only what is covered', () => {
    const twice = '80220001 41000000 00060001 61000000 80220000';
    const message = parse(request(`${twice} 00080014 ${'00'.repeat(20)} 80220000`)) as StunMessage;
    const first = findAttribute(message, StunAttribute.software);
    const second = findAttribute(message, StunAttribute.software, first);
    expect([first, second, findAttribute(message, StunAttribute.software, second)]).toEqual([20, 36, -1]);
    expect(findAttribute(message, StunAttribute.priority)).toBe(-1);
    expect(findAttribute(parse(request(twice)) as StunMessage, StunAttribute.software, 36)).toBe(-1);
  });

  test('a user name that is not UTF-8 matches no ufrag', () => {
    expect(parse(request('00060004 fffefdfc'))?.username).toBe('\ufffd'.repeat(4));
  });
});

describe('malformed messages are refused', () => {
  const attributes = (count: number) => '80220000'.repeat(count);
  test.each([
    ['empty', new Uint8Array(0)],
    ['nineteen bytes', request('').subarray(0, 19)],
    ['first two bits not zero', request('', '4001')],
    ['another cookie', fromHex('00010000 2112a443 000102030405060708090a0b')],
    ['length not a multiple of 4', fromHex(`00010002 ${COOKIE_AND_ID} 0000`)],
    ['length shorter than the datagram', fromHex(`00010000 ${COOKIE_AND_ID} 80220000`)],
    ['length longer than the datagram', fromHex(`00010008 ${COOKIE_AND_ID} 80220000`)],
    ['attribute longer than the message', request('80220005 41414141')],
    ['attribute of 64 KB', request('8022ffff 41414141')],
    ['attribute of 64 KB, alone', request('8022fffc')],
    ['1000 attributes', request(attributes(1000))],
    ['33 attributes', request(attributes(33))],
    ['PRIORITY of 3 bytes', request('00240003 00000000')],
    ['USE-CANDIDATE with a value', request('00250004 00000000')],
    ['ICE-CONTROLLED of 4 bytes', request('80290004 00000000')],
    ['ICE-CONTROLLING of 4 bytes', request('802a0004 00000000')],
    ['MESSAGE-INTEGRITY of 16 bytes', request(`00080010 ${'00'.repeat(16)}`)],
    ['MESSAGE-INTEGRITY-SHA256 of 28 bytes', request(`001c001c ${'00'.repeat(28)}`)],
    ['FINGERPRINT of 8 bytes', request('80280008 0000000000000000')],
    ['something after FINGERPRINT', request('80280004 00000000 80220000')],
    ['FINGERPRINT twice', request('80280004 00000000 80280004 00000000')],
    ['USERNAME of 509 bytes', request(`000601fd ${'61'.repeat(512)}`)],
    ['ERROR-CODE of 3 bytes', request('00090003 00000000', '0111')],
    ['XOR-MAPPED-ADDRESS of an unknown family', request('00200008 0003000000000000', '0101')],
    ['XOR-MAPPED-ADDRESS, IPv6 in 4 bytes', request('00200008 0002000000000000', '0101')],
    ['XOR-MAPPED-ADDRESS, IPv4 in 16 bytes', request(`00200014 0001${'00'.repeat(18)}`, '0101')],
    ['empty XOR-MAPPED-ADDRESS', request('00200000', '0101')],
  ])('%s', (_, bytes) => {
    expect(parse(bytes)).toBeUndefined();
  });

  test('32 attributes are the limit', () => {
    expect(parse(request(attributes(32)))).toBeDefined();
  });

  test('a size beyond the array', () => {
    expect(parseStun(request(''), 0, 24)).toBeUndefined();
    expect(parseStun(request(''), 1, 20)).toBeUndefined();
  });

  test('every cut of the sample request', () => {
    const whole = fromHex(SAMPLE_REQUEST);
    for (let size = 0; size < whole.length; size++) expect(parse(whole.slice(0, size))).toBeUndefined();
  });
});
