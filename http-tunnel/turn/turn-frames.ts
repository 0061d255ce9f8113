/** The frames of TURN on a stream: STUN messages and ChannelData with its padding (RFC 8656 sections 3.1 and 12.5). */
import { readUint16, readUint32 } from '../../mmr/media/rtp/bytes.ts';
import { STUN_HEADER_BYTES, STUN_MAGIC_COOKIE } from '../../mmr/media/stun/stun-message.ts';
import { CHANNEL_HEADER_BYTES, MAX_CHANNEL, MIN_CHANNEL } from './core/turn-protocol.ts';

/** Room for the longest data that is relayed, in a Send indication. */
export const MAX_FRAME_BYTES = 4096;

/** As `FrameSize` of common/stream-frames.ts has it. */
export function turnFrameSize(bytes: Uint8Array, at: number): number | 'invalid' | undefined {
  const first = bytes[at] as number;
  const isChannelData = first >= MIN_CHANNEL >>> 8 && first <= MAX_CHANNEL >>> 8;
  if (!isChannelData && first > 0x03) return 'invalid';
  if (bytes.length - at < CHANNEL_HEADER_BYTES) return undefined;
  const length = readUint16(bytes, at + 2);
  if (isChannelData) return limited((CHANNEL_HEADER_BYTES + length + 3) & ~3);
  if (length % 4 !== 0) return 'invalid';
  if (bytes.length - at >= 8 && readUint32(bytes, at + 4) !== STUN_MAGIC_COOKIE) return 'invalid';
  return limited(STUN_HEADER_BYTES + length);
}

function limited(size: number): number | 'invalid' {
  return size > MAX_FRAME_BYTES ? 'invalid' : size;
}
