/** Rewrites the numbers of a VP8 or VP9 payload descriptor: the start of a payload as another receiver is to have it. */
import { writeUint16 } from '../../rtp/bytes.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import type { FrameInfo } from './frame-info.ts';

/** VP8: X, I and L octets around a picture id of two (RFC 7741 section 4.2). VP9: the same less one. */
export const MAX_REWRITTEN_BYTES = 5;

/**
 * Copies the payload up to and including the last field that is rewritten to `out` at `at`, with `pictureId` in place
 * of the picture id and `temporalLayerZeroIndex` in place of TL0PICIDX, each cut to its field's width; a field that the
 * packet lacks stays out. Returns the bytes written, which stand for as many of the payload's; 0 when there is none of
 * the fields. `frame` is the packet's, as its reader filled it.
 */
export function writeDescriptor(
  packet: IncomingPacket,
  frame: FrameInfo,
  pictureId: number,
  temporalLayerZeroIndex: number,
  out: Uint8Array,
  at: number,
): number {
  const size = rewrittenSize(frame);
  const payload = packet.header.payloadOffset;
  for (let i = 0; i < size; i++) out[at + i] = packet.bytes[payload + i] as number;
  if (frame.pictureIdBits === 15) writeUint16(out, at + frame.pictureIdOffset, 0x8000 | (pictureId & 0x7fff));
  else if (frame.pictureIdBits === 7) out[at + frame.pictureIdOffset] = pictureId & 0x7f;
  if (frame.temporalLayerZeroIndexOffset >= 0) {
    out[at + frame.temporalLayerZeroIndexOffset] = temporalLayerZeroIndex & 0xff;
  }
  return size;
}

/** Bytes that `writeDescriptor` writes for such a frame, 0 to MAX_REWRITTEN_BYTES. */
export function rewrittenSize(frame: FrameInfo): number {
  // TL0PICIDX stands behind the picture id in both codecs.
  if (frame.temporalLayerZeroIndexOffset >= 0) return frame.temporalLayerZeroIndexOffset + 1;
  if (frame.pictureIdOffset >= 0) return frame.pictureIdOffset + (frame.pictureIdBits === 15 ? 2 : 1);
  return 0;
}
