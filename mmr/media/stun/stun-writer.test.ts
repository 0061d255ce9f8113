import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RemoteAddress } from '../remote-address.ts';
import { fromHex } from '../rtp/from-hex.ts';
import { verifyFingerprint, verifyIntegrity, verifyIntegritySha256 } from './stun-integrity.ts';
import { parseStun, StunAttribute, type StunMessage } from './stun-message.ts';
import { RFC5769_PASSWORD, SAMPLE_RESPONSE_IPV4, SAMPLE_RESPONSE_IPV6 } from './stun-vectors.ts';
import {
  BINDING_SUCCESS,
  MAX_BINDING_RESPONSE_BYTES,
  StunWriter,
  writeBindingError,
  writeBindingSuccess,
} from './stun-writer.ts';

const OFFSET = 3;
const bytes = new Uint8Array(OFFSET + MAX_BINDING_RESPONSE_BYTES + 1);
const TRANSACTION_ID = fromHex('b7e7a701bc34d686fa87dfae');

function read(size: number): StunMessage {
  expect(size).toBeLessThanOrEqual(MAX_BINDING_RESPONSE_BYTES);
  const message = parseStun(bytes, OFFSET, size);
  if (message === undefined) throw new Error('what was written cannot be read');
  return message;
}

test.each([
  [SAMPLE_RESPONSE_IPV4, { family: 4, port: 32853, bytes: fromHex('c0000201') }],
  [SAMPLE_RESPONSE_IPV6, { family: 6, port: 32853, bytes: fromHex('20010db8123456780011223344556677') }],
] as [string, RemoteAddress][])('writes the sample responses of RFC 5769', (sample, address) => {
  const out = new Uint8Array(200);
  const writer = new StunWriter();
  writer.begin(out, 0, BINDING_SUCCESS, TRANSACTION_ID);
  // Padded to four bytes already: the sample pads by a blank, which integrity and fingerprint cover.
  writer.attribute(StunAttribute.software, fromHex('7465737420766563746f7220'));
  out[23] = 11;
  writer.xorMappedAddress(address);
  writer.messageIntegrity(RFC5769_PASSWORD);
  writer.fingerprint();
  expect(out.subarray(0, writer.end())).toEqual(fromHex(sample));
});

test('both integrities stand side by side, and cover what is before them', () => {
  const out = new Uint8Array(200);
  const writer = new StunWriter();
  writer.begin(out, 0, BINDING_SUCCESS, TRANSACTION_ID);
  writer.messageIntegrity('sha1 key');
  writer.messageIntegritySha256('sha256 key');
  writer.fingerprint();
  const message = parseStun(out, 0, writer.end()) as StunMessage;
  expect(message.size).toBe(20 + 24 + 36 + 8);
  expect(verifyIntegrity(message, 'sha1 key') && verifyFingerprint(message)).toBe(true);
  expect(verifyIntegritySha256(message, 'sha256 key')).toBe(true);
  expect(verifyIntegritySha256(message, 'sha1 key')).toBe(false);
});

describe('binding success', () => {
  const address = fc.oneof(
    fc.record({
      family: fc.constant(4 as const),
      port: fc.nat(65535),
      bytes: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    }),
    fc.record({
      family: fc.constant(6 as const),
      port: fc.nat(65535),
      bytes: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    }),
  );
  test('is read back, holds under its password and under no other', () => {
    const id = fc.uint8Array({ minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(id, address, fc.string({ minLength: 22, maxLength: 32 }), (transactionId, mapped, password) => {
        bytes.fill(0x5a);
        const size = writeBindingSuccess(bytes, OFFSET, transactionId, mapped, password);
        expect(size).toBe(mapped.family === 4 ? 64 : 76);
        expect(bytes[OFFSET + size]).toBe(0x5a);
        const message = read(size);
        expect(message).toMatchObject({ class: 'success', method: 1, transactionId, xorMappedAddress: mapped });
        expect(verifyFingerprint(message)).toBe(true);
        expect(verifyIntegrity(message, password)).toBe(true);
        expect(verifyIntegrity(message, `${password}.`)).toBe(false);
      }),
      { seed: 20260105 },
    );
  });
});

describe('binding error', () => {
  test.each([400, 401, 420, 487, 500, 699])('%i', (code) => {
    const size = writeBindingError(bytes, OFFSET, TRANSACTION_ID, code, 'secret');
    const message = read(size);
    expect(message).toMatchObject({ class: 'error', method: 1, transactionId: TRANSACTION_ID, errorCode: code });
    expect(verifyIntegrity(message, 'secret')).toBe(true);
    expect(verifyFingerprint(message)).toBe(true);
  });

  test('lists unknown attributes, eight at most', () => {
    const types = Array.from({ length: 32 }, (_, i) => 0x7000 + i);
    const size = writeBindingError(bytes, OFFSET, TRANSACTION_ID, 420, 'secret', types);
    const text = Buffer.from(bytes.subarray(OFFSET, OFFSET + size)).toString('hex');
    expect(text).toContain('000a00107000700170027003700470057006700700080014');
    expect(verifyIntegrity(read(size), 'secret')).toBe(true);
  });

  test('without a password there is no integrity', () => {
    const message = read(writeBindingError(bytes, OFFSET, TRANSACTION_ID, 400, undefined));
    expect(message.integrityOffset).toBe(-1);
    expect(verifyIntegrity(message, '')).toBe(false);
    expect(verifyFingerprint(message)).toBe(true);
  });
});
