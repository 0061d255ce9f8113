/** VP8 in RTP (RFC 7741): payload descriptors written and read. */

import { concatenate } from '../concatenate.ts';
import { ByteWriter } from '../rtp/byte-writer.ts';
import type { PayloadInfo, VideoFormat } from './video-format.ts';

export interface Vp8Frame {
  /** 15 bits, grows by one with each frame. */
  readonly pictureId: number;
  /** TL0PICIDX, 8 bits: grows by one with each frame of layer 0. */
  readonly baseIndex: number;
  /** TID, 0–3. */
  readonly temporal: number;
  /** Y: builds on layer 0 alone. */
  readonly isLayerSync: boolean;
  /** N: nothing builds on it. */
  readonly isDisposable: boolean;
}

/** X, I, L and T present, then 15 bits of picture id, TL0PICIDX and TID: always whole, as routers number all of it anew. */
const DESCRIPTOR_BYTES = 6;

/** The frame in as many payloads of at most `limitBytes` as it takes, about equally long. */
export function packetizeVp8(frame: Uint8Array, about: Vp8Frame, limitBytes: number): Uint8Array<ArrayBuffer>[] {
  const count = Math.max(1, Math.ceil(frame.length / (limitBytes - DESCRIPTOR_BYTES)));
  return Array.from({ length: count }, (_, i) => {
    const part = frame.subarray(Math.floor((i * frame.length) / count), Math.floor(((i + 1) * frame.length) / count));
    const writer = new ByteWriter(DESCRIPTOR_BYTES + part.length);
    // X, N, and S at the first packet of partition 0: the frame is treated as one partition (section 4.4 allows it).
    writer.uint8(0x80 | (about.isDisposable ? 0x20 : 0) | (i === 0 ? 0x10 : 0));
    writer.uint8(0xe0);
    writer.uint16(0x8000 | (about.pictureId & 0x7fff));
    writer.uint8(about.baseIndex & 0xff);
    writer.uint8((about.temporal << 6) | (about.isLayerSync ? 0x20 : 0));
    writer.bytes(part);
    return writer.take();
  });
}

export const VP8: VideoFormat = {
  name: 'VP8',

  describe(payload: Uint8Array): PayloadInfo | undefined {
    const size = descriptorBytes(payload);
    if (size === undefined) return undefined;
    const first = payload[0] ?? 0;
    const startsFrame = (first & 0x17) === 0x10;
    const flags = (first & 0x80) === 0 ? 0 : (payload[1] ?? 0);
    let at = 2;
    if ((flags & 0x80) !== 0) at += ((payload[at] ?? 0) & 0x80) === 0 ? 1 : 2;
    const baseIndex = (flags & 0x40) === 0 ? undefined : payload[at++];
    const temporal = (flags & 0x20) === 0 ? undefined : (payload[at] ?? 0) >>> 6;
    // RFC 6386 section 9.1: the first bit of a frame is 0 for key frames.
    return { startsFrame, isKey: startsFrame && ((payload[size] ?? 1) & 1) === 0, temporal, baseIndex };
  },

  join: (payloads) => concatenate(payloads.map((payload) => payload.subarray(descriptorBytes(payload) ?? 0))),
};

/** Undefined when nothing of the frame follows the descriptor. */
function descriptorBytes(payload: Uint8Array): number | undefined {
  let at = 1;
  if (((payload[0] ?? 0) & 0x80) !== 0) {
    const flags = payload[at++] ?? 0;
    if ((flags & 0x80) !== 0) at += ((payload[at] ?? 0) & 0x80) === 0 ? 1 : 2;
    if ((flags & 0x40) !== 0) at++;
    if ((flags & 0x30) !== 0) at++;
  }
  return at < payload.length ? at : undefined;
}
