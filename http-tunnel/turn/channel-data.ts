/** ChannelData (RFC 8656 section 12.4): number, length, data; over a stream padded to a multiple of 4 (section 12.5). */
import { writeUint16 } from '../../mmr/media/rtp/bytes.ts';
import { CHANNEL_HEADER_BYTES } from './core/turn-protocol.ts';

/** `padTo`: 1 or 4. */
export function channelData(
  channel: number,
  bytes: Uint8Array,
  offset: number,
  size: number,
  padTo: 1 | 4,
): Uint8Array {
  const end = CHANNEL_HEADER_BYTES + size;
  const paddedEnd = padTo === 1 ? end : (end + 3) & ~3;
  // From Node's pool, and so not zeroed: padding is.
  const frame = Buffer.allocUnsafe(paddedEnd);
  writeUint16(frame, 0, channel);
  writeUint16(frame, 2, size);
  frame.set(bytes.subarray(offset, offset + size), CHANNEL_HEADER_BYTES);
  for (let at = end; at < paddedEnd; at++) frame[at] = 0;
  return frame;
}
