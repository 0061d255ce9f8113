/** How packets lie in a TCP connection of ICE (RFC 6544 section 3): a length of two bytes before each (RFC 4571 section 2). Pure. */
import { readUint16, writeUint16 } from '../media/rtp/bytes.ts';

export const LENGTH_BYTES = 2;
/** What one Ethernet frame carries. Browsers send no more than 1200 bytes over any transport, and no UDP client could. */
export const MAX_PACKET_BYTES = 1500;

/** As `FrameSize` of common/stream-frames.ts has it; a length of 0 is a packet of nothing. */
export function tcpFrameSize(bytes: Uint8Array, at: number): number | 'invalid' | undefined {
  if (bytes.length - at < LENGTH_BYTES) return undefined;
  const length = readUint16(bytes, at);
  return length > MAX_PACKET_BYTES ? 'invalid' : LENGTH_BYTES + length;
}

/** `packet` with its length before it; a copy. */
export function tcpFrame(packet: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + packet.length);
  writeUint16(frame, 0, packet.length);
  frame.set(packet, LENGTH_BYTES);
  return frame;
}
