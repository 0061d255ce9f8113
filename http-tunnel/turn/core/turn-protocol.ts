/** Numbers of TURN (RFC 8656), and how its attributes are read from a STUN message. */
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';
import { readUint16, readUint32 } from '../../../mmr/media/rtp/bytes.ts';
import {
  ATTRIBUTE_HEADER_BYTES,
  findAttribute,
  readXorAddress,
  StunAttribute,
  type StunMessage,
} from '../../../mmr/media/stun/stun-message.ts';

/** Section 17, and method Binding of STUN. */
export const TurnMethod = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
} as const;

/** Section 18. */
export const TurnAttribute = {
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  xorRelayedAddress: 0x0016,
  requestedAddressFamily: 0x0017,
  evenPort: 0x0018,
  requestedTransport: 0x0019,
  reservationToken: 0x0022,
  additionalAddressFamily: 0x8000,
  addressErrorCode: 0x8001,
} as const;

/** Section 18.7: the protocol number of UDP, the only transport that is relayed by. */
export const UDP_PROTOCOL = 17;

/**
 * The numbers that channels have. Section 12 ends them at 0x4fff; clients of RFC 5766 (section 11) go on to 0x7fff, which
 * takes nothing from anybody here.
 */
export const MIN_CHANNEL = 0x4000;
export const MAX_CHANNEL = 0x7fff;
/** Channel number and length before the data (section 12.4). */
export const CHANNEL_HEADER_BYTES = 4;

/** Sections 3.2 and 7.2. */
export const DEFAULT_LIFETIME_MS = 600_000;
/** Section 7.2 recommends no more than one hour. */
export const MAX_LIFETIME_MS = 3_600_000;
/** Section 9. */
export const PERMISSION_LIFETIME_MS = 300_000;
/** Section 12. */
export const CHANNEL_LIFETIME_MS = 600_000;

/**
 * Attributes below 0x8000 that this server knows beyond those that the STUN reader knows. DONT-FRAGMENT is not among
 * them: the bit cannot be vouched for here, and then it is an unknown attribute (section 14, section 7.2 step 5).
 */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  TurnAttribute.channelNumber,
  TurnAttribute.lifetime,
  TurnAttribute.xorPeerAddress,
  TurnAttribute.data,
  TurnAttribute.xorRelayedAddress,
  TurnAttribute.requestedAddressFamily,
  TurnAttribute.evenPort,
  TurnAttribute.requestedTransport,
  TurnAttribute.reservationToken,
  StunAttribute.passwordAlgorithm,
]);

/** What a request is answered 420 for, and an indication dropped (RFC 8489 section 6.3). */
export function unknownAttributes(message: StunMessage): number[] {
  return message.unknownRequired.filter((type) => !UNDERSTOOD.has(type));
}

/** The value of the first attribute of a type: a view into the message; undefined when there is none. */
export function attributeValue(message: StunMessage, type: number): Uint8Array | undefined {
  const at = findAttribute(message, type);
  if (at < 0) return undefined;
  const value = at + ATTRIBUTE_HEADER_BYTES;
  return message.bytes.subarray(value, value + readUint16(message.bytes, at + 2));
}

/** Text of an attribute; undefined when there is none. */
export function textOf(message: StunMessage, type: number): string | undefined {
  const value = attributeValue(message, type);
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

/** The first byte of an attribute of `size` bytes; `malformed` when it has another size. */
export function byteOf(message: StunMessage, type: number, size: number): number | 'malformed' | undefined {
  const value = attributeValue(message, type);
  if (value === undefined) return undefined;
  return value.length === size ? (value[0] as number) : 'malformed';
}

/** LIFETIME (section 18.2) in seconds. */
export function lifetimeOf(message: StunMessage): number | 'malformed' | undefined {
  const value = attributeValue(message, TurnAttribute.lifetime);
  if (value === undefined) return undefined;
  return value.length === 4 ? readUint32(value, 0) : 'malformed';
}

/** CHANNEL-NUMBER (section 18.1), whatever the number. */
export function channelNumberOf(message: StunMessage): number | 'malformed' | undefined {
  const value = attributeValue(message, TurnAttribute.channelNumber);
  if (value === undefined) return undefined;
  return value.length === 4 ? readUint16(value, 0) : 'malformed';
}

/** All XOR-PEER-ADDRESS attributes (section 18.3). */
export function peerAddressesOf(message: StunMessage): RemoteAddress[] | 'malformed' {
  const peers: RemoteAddress[] = [];
  let at = findAttribute(message, TurnAttribute.xorPeerAddress);
  while (at >= 0) {
    const size = readUint16(message.bytes, at + 2);
    const address = readXorAddress(message, at + ATTRIBUTE_HEADER_BYTES, size);
    if (address === undefined) return 'malformed';
    peers.push(address);
    at = findAttribute(message, TurnAttribute.xorPeerAddress, at);
  }
  return peers;
}
