/** Cuts a byte stream into STUN messages and ChannelData (RFC 8656 sections 3.1 and 12.5). */
import { readUint16, readUint32 } from '../../mmr/media/rtp/bytes.ts';
import { STUN_HEADER_BYTES, STUN_MAGIC_COOKIE } from '../../mmr/media/stun/stun-message.ts';
import { CHANNEL_HEADER_BYTES, MAX_CHANNEL, MIN_CHANNEL } from './core/turn-protocol.ts';

/** Room for the longest data that is relayed, in a Send indication. */
export const MAX_FRAME_BYTES = 4096;

const NOTHING = new Uint8Array(0);

/** Holds back less than one frame. */
export class StreamFrames {
  #rest: Uint8Array = NOTHING;

  /**
   * Takes what came and hands out every frame that is whole by now, ChannelData with its padding. False: this is no
   * TURN, or a frame is too long; the stream cannot go on. `onFrame` returning false ends it as well.
   */
  push(chunk: Uint8Array, onFrame: (bytes: Uint8Array, offset: number, size: number) => boolean): boolean {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at < bytes.length) {
      const size = frameSize(bytes, at);
      if (size === 'invalid') return false;
      if (size === undefined || size > bytes.length - at) break;
      if (!onFrame(bytes, at, size)) return false;
      at += size;
    }
    // A copy: a few bytes shall not hold a whole chunk.
    this.#rest = at === bytes.length ? NOTHING : Uint8Array.from(bytes.subarray(at));
    return true;
  }
}

/** Undefined: too little is there to tell. */
function frameSize(bytes: Uint8Array, at: number): number | 'invalid' | undefined {
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
