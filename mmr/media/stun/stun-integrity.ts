/**
 * MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT of STUN (RFC 8489 sections 14.5 to 14.7). They tell a
 * participant who knows the password (of ICE, of a TURN credential) from everybody else who can reach the port.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { readUint32, writeUint16 } from '../rtp/bytes.ts';
import { ATTRIBUTE_HEADER_BYTES, STUN_HEADER_BYTES, type StunMessage } from './stun-message.ts';

export const INTEGRITY_BYTES = 20;
export const INTEGRITY_SHA256_BYTES = 32;
export const FINGERPRINT_BYTES = 4;
/** "STUN" in ASCII (section 14.7). */
const FINGERPRINT_XOR = 0x5354554e;

/**
 * Whether MESSAGE-INTEGRITY is there and holds. `key` is the ICE password (short-term credentials: the password
 * itself, section 9.1.1), or the key bytes. In constant time for a given message size.
 */
export function verifyIntegrity(message: StunMessage, key: string | Uint8Array): boolean {
  if (message.integrityOffset < 0) return false;
  const value = message.integrityOffset + ATTRIBUTE_HEADER_BYTES;
  const expected = integrityOf(message.bytes, message.offset, message.integrityOffset - message.offset, key);
  return timingSafeEqual(expected, message.bytes.subarray(value, value + INTEGRITY_BYTES));
}

/** Whether MESSAGE-INTEGRITY-SHA256 is there and holds (section 14.6), likewise. */
export function verifyIntegritySha256(message: StunMessage, key: string | Uint8Array): boolean {
  const at = message.integritySha256Offset;
  if (at < 0) return false;
  const value = at + ATTRIBUTE_HEADER_BYTES;
  const expected = integritySha256Of(message.bytes, message.offset, at - message.offset, key);
  return timingSafeEqual(expected, message.bytes.subarray(value, value + INTEGRITY_SHA256_BYTES));
}

/** Whether FINGERPRINT is there and holds; ICE requires it in every message (RFC 8445 section 7.1). */
export function verifyFingerprint(message: StunMessage): boolean {
  if (message.fingerprintOffset < 0) return false;
  const covered = message.fingerprintOffset - message.offset;
  const found = readUint32(message.bytes, message.fingerprintOffset + ATTRIBUTE_HEADER_BYTES);
  return found === fingerprintOf(message.bytes, message.offset, covered);
}

/**
 * HMAC-SHA1 over the `size` bytes of message that stand before the attribute, with the header's length as if the
 * message ended right after it (section 14.5).
 */
export function integrityOf(bytes: Uint8Array, offset: number, size: number, key: string | Uint8Array): Uint8Array {
  const covered = withLength(bytes, offset, size, ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES);
  return createHmac('sha1', key).update(covered).digest();
}

/** HMAC-SHA256, likewise (section 14.6). */
export function integritySha256Of(
  bytes: Uint8Array,
  offset: number,
  size: number,
  key: string | Uint8Array,
): Uint8Array {
  const covered = withLength(bytes, offset, size, ATTRIBUTE_HEADER_BYTES + INTEGRITY_SHA256_BYTES);
  return createHmac('sha256', key).update(covered).digest();
}

/** CRC-32 over the `size` bytes of message that stand before the attribute, likewise (section 14.7). */
export function fingerprintOf(bytes: Uint8Array, offset: number, size: number): number {
  const covered = withLength(bytes, offset, size, ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES);
  return (crc32(covered) ^ FINGERPRINT_XOR) >>> 0;
}

/** A copy, because the bytes may be another's to read at the same time. */
function withLength(bytes: Uint8Array, offset: number, size: number, attributeSize: number): Uint8Array {
  const covered = bytes.slice(offset, offset + size);
  writeUint16(covered, 2, size - STUN_HEADER_BYTES + attributeSize);
  return covered;
}
