/**
 * RTX (RFC 4588 section 4): turns a packet that was sent again into the one that it repeats, in place in the packet
 * store, so that all stages behind see what they would have seen if nothing had been lost.
 */
import type { IncomingPacket } from '../forward/incoming-packet.ts';
import { readUint16, writeUint16, writeUint32 } from '../rtp/bytes.ts';
import { sequenceDelta } from '../rtp/serial.ts';
import type { IngressStream } from './ingress-stream.ts';

const ORIGINAL_SEQUENCE_BYTES = 2;

/**
 * `packet` is of `stream`, an RTX stream. Returns the stream that it belongs to from now on; undefined when it holds no
 * packet (padding, or the repeated stream has begun nothing): it is then unchanged. Allocates nothing.
 */
export function restoreOriginal(packet: IncomingPacket, stream: IngressStream): IngressStream | undefined {
  const { header, bytes } = packet;
  const original = stream.repairs;
  const codec = stream.codec(header.payloadType);
  if (original === undefined || codec === undefined || header.payloadSize <= ORIGINAL_SEQUENCE_BYTES) return undefined;
  const { highestIndex } = original.statistics;
  const sequenceNumber = readUint16(bytes, header.payloadOffset);
  const index = highestIndex + sequenceDelta(sequenceNumber, highestIndex & 0xffff);
  if (highestIndex < 0 || index < 0) return undefined;

  const { offset, sizeBytes } = packet;
  bytes.copyWithin(header.payloadOffset, header.payloadOffset + ORIGINAL_SEQUENCE_BYTES, offset + sizeBytes);
  bytes[offset + 1] = (header.marker ? 0x80 : 0) | codec.payloadType;
  writeUint16(bytes, offset + 2, sequenceNumber);
  writeUint32(bytes, offset + 8, original.ssrc);
  packet.sizeBytes = sizeBytes - ORIGINAL_SEQUENCE_BYTES;
  packet.index = index;
  header.payloadType = codec.payloadType;
  header.sequenceNumber = sequenceNumber;
  header.ssrc = original.ssrc;
  header.payloadSize -= ORIGINAL_SEQUENCE_BYTES;
  original.handleRepair(packet.arrivalUs, index);
  return original;
}
