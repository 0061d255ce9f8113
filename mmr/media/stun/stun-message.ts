/**
 * Reads STUN messages (RFC 8489) as ICE connectivity checks use them (RFC 8445 section 7). Cold path: a transport
 * sees a few of these a second, so a parsed message is an object of its own.
 */
import type { RemoteAddress } from '../remote-address.ts';
import { inBounds, readUint16, readUint32 } from '../rtp/bytes.ts';

export const STUN_HEADER_BYTES = 20;
export const STUN_MAGIC_COOKIE = 0x2112a442;
export const TRANSACTION_ID_BYTES = 12;
/** Bytes of type and length that start every attribute. */
export const ATTRIBUTE_HEADER_BYTES = 4;
/** Method Binding; no other is served. */
export const BINDING_METHOD = 0x001;

/** A connectivity check carries about eight attributes; a message with more than this is refused. */
const MAX_ATTRIBUTES = 32;
/** USERNAME is at most 508 bytes (RFC 8489 section 14.3). */
const MAX_USERNAME_BYTES = 508;

/** Attribute types (RFC 8489 section 18.3, RFC 8445 section 16.1). Those from 0x8000 up may be ignored when unknown. */
export const StunAttribute = {
  mappedAddress: 0x0001,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  realm: 0x0014,
  nonce: 0x0015,
  messageIntegritySha256: 0x001c,
  passwordAlgorithm: 0x001d,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  passwordAlgorithms: 0x8002,
  software: 0x8022,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

export type StunClass = 'request' | 'indication' | 'success' | 'error';
const CLASSES = ['request', 'indication', 'success', 'error'] as const;

export interface StunMessage {
  /** The array that was parsed, not copied: the message holds only as long as those bytes. */
  readonly bytes: Uint8Array;
  /** Start of the message in `bytes`. */
  readonly offset: number;
  /** Bytes of the whole message. */
  readonly size: number;
  readonly class: StunClass;
  /** 0..0xfff; BINDING_METHOD for connectivity checks. */
  readonly method: number;
  /** A copy of the 12 bytes. */
  readonly transactionId: Uint8Array;
  /** `receiver ufrag:sender ufrag` in a connectivity check (RFC 8445 section 7.2.2). */
  username: string | undefined;
  priority: number | undefined;
  useCandidate: boolean;
  iceControlling: boolean;
  iceControlled: boolean;
  /** In a success response. */
  xorMappedAddress: RemoteAddress | undefined;
  /** 300..699, in an error response. */
  errorCode: number | undefined;
  /** Types below 0x8000 that are not understood, at most MAX_ATTRIBUTES of them: a request is answered with 420. */
  unknownRequired: number[];
  /** Where attribute MESSAGE-INTEGRITY starts in `bytes`; −1 when there is none. */
  integrityOffset: number;
  /** Where attribute MESSAGE-INTEGRITY-SHA256 starts in `bytes`; −1 when there is none. ICE goes by the other. */
  integritySha256Offset: number;
  /** Where attribute FINGERPRINT starts in `bytes`; −1 when there is none. */
  fingerprintOffset: number;
}

/**
 * Reads the message that fills the `size` bytes at `offset`. Undefined when it is malformed: header, cookie, a length
 * that lies, a known attribute of the wrong size, anything after FINGERPRINT, or more than 32 attributes. Neither
 * integrity nor fingerprint is checked here (see `stun-integrity.ts`). Attributes after MESSAGE-INTEGRITY but
 * MESSAGE-INTEGRITY-SHA256 and FINGERPRINT are not authenticated and thus ignored; of equal attributes the first
 * counts (RFC 8489 section 14).
 */
export function parseStun(bytes: Uint8Array, offset: number, size: number): StunMessage | undefined {
  if (size < STUN_HEADER_BYTES || !inBounds(bytes, offset, size)) return undefined;
  const type = readUint16(bytes, offset);
  if (type > 0x3fff || readUint32(bytes, offset + 4) !== STUN_MAGIC_COOKIE) return undefined;
  const bodySize = readUint16(bytes, offset + 2);
  if (bodySize % 4 !== 0 || STUN_HEADER_BYTES + bodySize !== size) return undefined;

  const message: StunMessage = {
    bytes,
    offset,
    size,
    // C1 is bit 8, C0 bit 4; the method lies around them (RFC 8489 section 5).
    class: CLASSES[((type >>> 7) & 2) | ((type >>> 4) & 1)] as StunClass,
    method: ((type >>> 2) & 0xf80) | ((type >>> 1) & 0x70) | (type & 0x0f),
    transactionId: bytes.slice(offset + 8, offset + STUN_HEADER_BYTES),
    username: undefined,
    priority: undefined,
    useCandidate: false,
    iceControlling: false,
    iceControlled: false,
    xorMappedAddress: undefined,
    errorCode: undefined,
    unknownRequired: [],
    integrityOffset: -1,
    integritySha256Offset: -1,
    fingerprintOffset: -1,
  };
  return readAttributes(message) ? message : undefined;
}

function readAttributes(message: StunMessage): boolean {
  const { bytes, offset, size } = message;
  const end = offset + size;
  let count = 0;
  for (let at = offset + STUN_HEADER_BYTES; at < end; ) {
    // `at` and `end` are multiples of 4 apart, so type and length always fit.
    const type = readUint16(bytes, at);
    const valueSize = readUint16(bytes, at + 2);
    const next = at + ATTRIBUTE_HEADER_BYTES + ((valueSize + 3) & ~3);
    if (next > end || ++count > MAX_ATTRIBUTES || message.fingerprintOffset >= 0) return false;
    if (type === StunAttribute.fingerprint) {
      if (valueSize !== 4) return false;
      message.fingerprintOffset = at;
    } else if (message.integritySha256Offset >= 0) {
      // Not authenticated by any.
    } else if (type === StunAttribute.messageIntegritySha256) {
      // 32 bytes unless a usage allows less, and none here does (section 14.6).
      if (valueSize !== 32) return false;
      message.integritySha256Offset = at;
    } else if (message.integrityOffset < 0 && !readAttribute(message, type, at, valueSize)) {
      return false;
    }
    at = next;
  }
  return true;
}

/** Takes one attribute into the message; false when its value is malformed. */
function readAttribute(message: StunMessage, type: number, at: number, size: number): boolean {
  const { bytes } = message;
  const value = at + ATTRIBUTE_HEADER_BYTES;
  switch (type) {
    case StunAttribute.username:
      if (size > MAX_USERNAME_BYTES) return false;
      message.username ??= new TextDecoder().decode(bytes.subarray(value, value + size));
      return true;
    case StunAttribute.messageIntegrity:
      message.integrityOffset = at;
      return size === 20;
    case StunAttribute.priority:
      message.priority ??= readUint32(bytes, value);
      return size === 4;
    case StunAttribute.useCandidate:
      message.useCandidate = true;
      return size === 0;
    case StunAttribute.iceControlling:
      message.iceControlling = true;
      return size === 8;
    case StunAttribute.iceControlled:
      message.iceControlled = true;
      return size === 8;
    case StunAttribute.xorMappedAddress:
      message.xorMappedAddress ??= readXorAddress(message, value, size);
      return message.xorMappedAddress !== undefined;
    case StunAttribute.errorCode:
      message.errorCode ??= ((bytes[value + 2] as number) & 0x07) * 100 + (bytes[value + 3] as number);
      return size >= 4;
    default:
      if (type < 0x8000 && !UNDERSTOOD.has(type)) message.unknownRequired.push(type);
      return true;
  }
}

/** Comprehension-required types that are understood well enough to be passed over. */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  StunAttribute.mappedAddress,
  StunAttribute.unknownAttributes,
  StunAttribute.realm,
  StunAttribute.nonce,
]);

/**
 * Where the next attribute of a type starts in `bytes`, from the first one or from after the attribute at `after`; −1
 * when there is none. What no integrity attribute covers is not looked at when there is one. For the attributes of
 * usages other than ICE.
 */
export function findAttribute(message: StunMessage, type: number, after?: number): number {
  const { bytes, offset } = message;
  const end = endOfCovered(message);
  let at = after === undefined ? offset + STUN_HEADER_BYTES : attributeEnd(bytes, after);
  while (at < end && readUint16(bytes, at) !== type) at = attributeEnd(bytes, at);
  return at < end ? at : -1;
}

function endOfCovered({ offset, size, integrityOffset, integritySha256Offset }: StunMessage): number {
  if (integrityOffset >= 0) return integrityOffset;
  return integritySha256Offset >= 0 ? integritySha256Offset : offset + size;
}

function attributeEnd(bytes: Uint8Array, at: number): number {
  return at + ATTRIBUTE_HEADER_BYTES + ((readUint16(bytes, at + 2) + 3) & ~3);
}

/** A XOR-… address (RFC 8489 section 14.2): the address is XORed with cookie and transaction id. */
export function readXorAddress(message: StunMessage, value: number, size: number): RemoteAddress | undefined {
  const { bytes, offset } = message;
  const family = bytes[value + 1] === 1 ? 4 : bytes[value + 1] === 2 ? 6 : undefined;
  if (family === undefined || size !== (family === 4 ? 8 : 20)) return undefined;
  const address = bytes.slice(value + 4, value + size);
  for (let i = 0; i < address.length; i++) address[i] = (address[i] as number) ^ (bytes[offset + 4 + i] as number);
  return { family, port: readUint16(bytes, value + 2) ^ (STUN_MAGIC_COOKIE >>> 16), bytes: address };
}
