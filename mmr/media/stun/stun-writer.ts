/**
 * Writes STUN messages (RFC 8489): the two answers of an ICE-lite agent, and the attributes they are made of. Cold
 * path, but bounded: an answer is at most `MAX_BINDING_RESPONSE_BYTES`.
 */
import type { RemoteAddress } from '../remote-address.ts';
import { writeUint16, writeUint32 } from '../rtp/bytes.ts';
import { FINGERPRINT_BYTES, fingerprintOf, INTEGRITY_BYTES, integrityOf, integritySha256Of } from './stun-integrity.ts';
import {
  ATTRIBUTE_HEADER_BYTES,
  STUN_HEADER_BYTES,
  STUN_MAGIC_COOKIE,
  StunAttribute,
  TRANSACTION_ID_BYTES,
} from './stun-message.ts';

/** Message types of method Binding: method 1 with the class bits (section 5). */
export const BINDING_REQUEST = 0x0001;
export const BINDING_SUCCESS = 0x0101;
export const BINDING_ERROR = 0x0111;

/** Unknown attribute types that one error response lists at most. */
const MAX_UNKNOWN_LISTED = 8;
/** Room to reserve for either answer. */
export const MAX_BINDING_RESPONSE_BYTES = 128;

/** Use: `begin`, attributes, `messageIntegrity`, `fingerprint`, `end`. The caller has reserved room. */
export class StunWriter {
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #at = 0;

  /** `transactionId`: 12 bytes. */
  begin(bytes: Uint8Array, offset: number, type: number, transactionId: Uint8Array): void {
    this.#bytes = bytes;
    this.#start = offset;
    this.#at = offset + STUN_HEADER_BYTES;
    writeUint16(bytes, offset, type);
    writeUint32(bytes, offset + 4, STUN_MAGIC_COOKIE);
    bytes.set(transactionId.subarray(0, TRANSACTION_ID_BYTES), offset + 8);
    this.#setLength();
  }

  /** Any attribute, padded with zeros to a multiple of 4 (section 14). */
  attribute(type: number, value: Uint8Array): void {
    const at = this.#at;
    const end = at + ATTRIBUTE_HEADER_BYTES + value.length;
    this.#at = at + ATTRIBUTE_HEADER_BYTES + ((value.length + 3) & ~3);
    writeUint16(this.#bytes, at, type);
    writeUint16(this.#bytes, at + 2, value.length);
    this.#bytes.set(value, at + ATTRIBUTE_HEADER_BYTES);
    this.#bytes.fill(0, end, this.#at);
    this.#setLength();
  }

  /** Section 14.2. */
  xorMappedAddress(address: RemoteAddress): void {
    this.xorAddress(StunAttribute.xorMappedAddress, address);
  }

  /** Any attribute of that form, as TURN has some (RFC 8656 section 18). */
  xorAddress(type: number, address: RemoteAddress): void {
    const value = new Uint8Array(4 + address.bytes.length);
    value[1] = address.family === 4 ? 1 : 2;
    writeUint16(value, 2, address.port ^ (STUN_MAGIC_COOKIE >>> 16));
    for (let i = 0; i < address.bytes.length; i++) {
      value[4 + i] = (address.bytes[i] as number) ^ (this.#bytes[this.#start + 4 + i] as number);
    }
    this.attribute(type, value);
  }

  /** Section 14.8; `code` 300..699, `reason` ASCII. */
  errorCode(code: number, reason: string): void {
    const text = new TextEncoder().encode(reason);
    const value = new Uint8Array(4 + text.length);
    value[2] = Math.floor(code / 100);
    value[3] = code % 100;
    value.set(text, 4);
    this.attribute(StunAttribute.errorCode, value);
  }

  /** Section 14.9. */
  unknownAttributes(types: readonly number[]): void {
    const value = new Uint8Array(2 * types.length);
    types.forEach((type, i) => {
      writeUint16(value, 2 * i, type);
    });
    this.attribute(StunAttribute.unknownAttributes, value);
  }

  /** Section 14.5, over everything so far; only `fingerprint` may follow. */
  messageIntegrity(key: string | Uint8Array): void {
    const value = integrityOf(this.#bytes, this.#start, this.#at - this.#start, key);
    this.attribute(StunAttribute.messageIntegrity, value.subarray(0, INTEGRITY_BYTES));
  }

  /** Section 14.6, likewise. */
  messageIntegritySha256(key: string | Uint8Array): void {
    const value = integritySha256Of(this.#bytes, this.#start, this.#at - this.#start, key);
    this.attribute(StunAttribute.messageIntegritySha256, value);
  }

  /** Section 14.7, over everything so far; nothing may follow. */
  fingerprint(): void {
    const value = new Uint8Array(FINGERPRINT_BYTES);
    writeUint32(value, 0, fingerprintOf(this.#bytes, this.#start, this.#at - this.#start));
    this.attribute(StunAttribute.fingerprint, value);
  }

  /** Bytes of the whole message. */
  end(): number {
    return this.#at - this.#start;
  }

  #setLength(): void {
    writeUint16(this.#bytes, this.#start + 2, this.#at - this.#start - STUN_HEADER_BYTES);
  }
}

const writer = new StunWriter();

/**
 * Writes the success response to a connectivity check (RFC 8445 section 7.3): where the request came from, integrity
 * under the local password, fingerprint. Size in bytes: 64 for IPv4, 76 for IPv6.
 */
export function writeBindingSuccess(
  bytes: Uint8Array,
  offset: number,
  transactionId: Uint8Array,
  mappedAddress: RemoteAddress,
  password: string,
): number {
  writer.begin(bytes, offset, BINDING_SUCCESS, transactionId);
  writer.xorMappedAddress(mappedAddress);
  writer.messageIntegrity(password);
  writer.fingerprint();
  return writer.end();
}

/**
 * Writes an error response, e.g. 420 with the types that were not understood, or 487 for a role conflict. `password`
 * undefined: no integrity (the answers 400 and 401 to a request that proved none, RFC 8489 section 9.1.3).
 * Size in bytes, at most MAX_BINDING_RESPONSE_BYTES.
 */
export function writeBindingError(
  bytes: Uint8Array,
  offset: number,
  transactionId: Uint8Array,
  code: number,
  password: string | undefined,
  unknownAttributes: readonly number[] = [],
): number {
  writer.begin(bytes, offset, BINDING_ERROR, transactionId);
  writer.errorCode(code, REASONS[code] ?? 'Error');
  if (unknownAttributes.length > 0) writer.unknownAttributes(unknownAttributes.slice(0, MAX_UNKNOWN_LISTED));
  if (password !== undefined) writer.messageIntegrity(password);
  writer.fingerprint();
  return writer.end();
}

/** Recommended phrases (RFC 8489 section 14.8, RFC 8445 section 16.2). */
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthenticated',
  420: 'Unknown Attribute',
  487: 'Role Conflict',
  500: 'Server Error',
};
