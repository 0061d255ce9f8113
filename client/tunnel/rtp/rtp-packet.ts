/** Reads and writes RTP packets (RFC 3550 section 5.1) with their header extensions (RFC 8285). */
import { ByteWriter, viewOf } from './byte-writer.ts';

export interface RtpHeader {
  readonly payloadType: number;
  readonly marker: boolean;
  /** 16 bits. */
  readonly sequenceNumber: number;
  /** 32 bits, in units of the codec's clock. */
  readonly timestamp: number;
  readonly ssrc: number;
  /** By id, 1–255. */
  readonly extensions: ReadonlyMap<number, Uint8Array>;
}

export interface RtpPacket extends RtpHeader {
  /** Empty for a packet of padding only. */
  readonly payload: Uint8Array;
}

const FIXED_BYTES = 12;
const ONE_BYTE_PROFILE = 0xbede;
const TWO_BYTE_PROFILE = 0x1000;
const MAX_ONE_BYTE_ID = 14;
const MAX_ONE_BYTE_LENGTH = 16;

/** RFC 5761 section 4: what RTCP packet types look like where RTP has marker and payload type. */
export function isRtcp(packet: Uint8Array): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}

/** Undefined for what is no RTP packet. Nothing is copied: payload and extensions are views. */
export function readRtp(bytes: Uint8Array): RtpPacket | undefined {
  if (bytes.length < FIXED_BYTES) return undefined;
  const view = viewOf(bytes);
  const first = view.getUint8(0);
  if (first >>> 6 !== 2) return undefined;
  let start = FIXED_BYTES + 4 * (first & 0x0f);
  let extensions: ReadonlyMap<number, Uint8Array> = new Map();
  if ((first & 0x10) !== 0) {
    if (start + 4 > bytes.length) return undefined;
    const end = start + 4 + 4 * view.getUint16(start + 2);
    if (end > bytes.length) return undefined;
    extensions = readExtensions(view.getUint16(start), bytes.subarray(start + 4, end));
    start = end;
  }
  const paddingBytes = (first & 0x20) === 0 ? 0 : (bytes.at(-1) ?? 0);
  const end = bytes.length - paddingBytes;
  if (start > end || ((first & 0x20) !== 0 && paddingBytes === 0)) return undefined;
  return {
    payloadType: view.getUint8(1) & 0x7f,
    marker: (view.getUint8(1) & 0x80) !== 0,
    sequenceNumber: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    extensions,
    payload: bytes.subarray(start, end),
  };
}

/** An element that does not fit ends the list; what was read before it holds. */
function readExtensions(profile: number, block: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const isTwoByte = (profile & 0xfff0) === TWO_BYTE_PROFILE;
  if (profile !== ONE_BYTE_PROFILE && !isTwoByte) return found;
  for (let at = 0; at < block.length; ) {
    const first = block[at] ?? 0;
    if (first === 0) {
      at++; // Padding (sections 4.2 and 4.3).
      continue;
    }
    const id = isTwoByte ? first : first >>> 4;
    if (!isTwoByte && (id === 0 || id > MAX_ONE_BYTE_ID)) break;
    const start = at + (isTwoByte ? 2 : 1);
    const end = start + (isTwoByte ? (block[at + 1] ?? Number.POSITIVE_INFINITY) : (first & 0x0f) + 1);
    if (end > block.length) break;
    if (!found.has(id)) found.set(id, block.subarray(start, end));
    at = end;
  }
  return found;
}

/** In the one-byte form when ids and lengths allow it. */
export function writeRtp(header: RtpHeader, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const extensions = [...header.extensions];
  const isTwoByte = extensions.some(
    ([id, { length }]) => id > MAX_ONE_BYTE_ID || length > MAX_ONE_BYTE_LENGTH || length === 0,
  );
  const headBytes = isTwoByte ? 2 : 1;
  const words = Math.ceil(extensions.reduce((sum, [, value]) => sum + headBytes + value.length, 0) / 4);
  const writer = new ByteWriter(FIXED_BYTES + (words === 0 ? 0 : 4 + 4 * words) + payload.length);
  writer.uint8(0x80 | (words === 0 ? 0 : 0x10));
  writer.uint8((header.marker ? 0x80 : 0) | header.payloadType);
  writer.uint16(header.sequenceNumber);
  writer.uint32(header.timestamp);
  writer.uint32(header.ssrc);
  if (words > 0) {
    writer.uint16(isTwoByte ? TWO_BYTE_PROFILE : ONE_BYTE_PROFILE);
    writer.uint16(words);
    for (const [id, value] of extensions) {
      if (isTwoByte) writer.uint16((id << 8) | value.length);
      else writer.uint8((id << 4) | (value.length - 1));
      writer.bytes(value);
    }
    writer.align();
  }
  writer.bytes(payload);
  return writer.take();
}
