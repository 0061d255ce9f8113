/**
 * The payloads of a simulated VP8 frame, and what a receiver reads of them. Descriptor and frame header are real (RFC 7741
 * section 4, RFC 6386 section 9.1); behind them stands which encoding, frame and packet it is, so that a receiver can tell
 * whether he got what was sent.
 */
import { readUint16, readUint32, writeUint16, writeUint32 } from '../../../mmr/media/rtp/bytes.ts';
import { parseVp8Descriptor, Vp8Descriptor } from '../../../mmr/media/rtp/codec/vp8-descriptor.ts';

/** X, then I, L and T; picture id of 15 bits, TL0PICIDX, TID and Y. */
const DESCRIPTOR_BYTES = 6;
/** Frame tag, start code, width and height: present in the first packet of a key frame, zero elsewhere. */
const FRAME_HEADER_BYTES = 10;
const LABEL_BYTES = 10;
const OVERHEAD_BYTES = DESCRIPTOR_BYTES + FRAME_HEADER_BYTES + LABEL_BYTES;
const MAX_PAYLOAD_BYTES = 1130;

export interface Vp8Frame {
  readonly key: boolean;
  readonly pictureId: number;
  readonly tl0PicIdx: number;
  readonly temporal: number;
  readonly layerSync: boolean;
  readonly width: number;
  readonly height: number;
  /** Number of the encoding, lowest 0. */
  readonly encoding: number;
  /** Counts the frames of the encoding. */
  readonly frameNumber: number;
  readonly sizeBytes: number;
}

export function framePayloads(frame: Vp8Frame): Uint8Array[] {
  const count = Math.max(1, Math.ceil(frame.sizeBytes / MAX_PAYLOAD_BYTES));
  const size = Math.max(OVERHEAD_BYTES, Math.round(frame.sizeBytes / count));
  return Array.from({ length: count }, (_, i) => payload(frame, i, count, size));
}

function payload(frame: Vp8Frame, part: number, count: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  const nonReference = frame.temporal === 2 ? 0x20 : 0;
  bytes[0] = 0x80 | nonReference | (part === 0 ? 0x10 : 0);
  bytes[1] = 0xe0;
  writeUint16(bytes, 2, 0x8000 | (frame.pictureId & 0x7fff));
  bytes[4] = frame.tl0PicIdx & 0xff;
  bytes[5] = (frame.temporal << 6) | (frame.layerSync ? 0x20 : 0);
  if (part === 0) {
    bytes[6] = frame.key ? 0x10 : 0x11;
    if (frame.key) {
      bytes.set([0x9d, 0x01, 0x2a], 9);
      bytes[12] = frame.width & 0xff;
      bytes[13] = frame.width >>> 8;
      bytes[14] = frame.height & 0xff;
      bytes[15] = frame.height >>> 8;
    }
  }
  const label = DESCRIPTOR_BYTES + FRAME_HEADER_BYTES;
  bytes[label] = frame.encoding;
  bytes[label + 1] = frame.temporal;
  writeUint32(bytes, label + 2, frame.frameNumber);
  writeUint16(bytes, label + 6, part);
  writeUint16(bytes, label + 8, count);
  return bytes;
}

/** What a receiver reads of one packet. */
export interface Vp8Part {
  readonly starts: boolean;
  readonly key: boolean;
  readonly pictureId: number;
  readonly tl0PicIdx: number;
  readonly temporal: number;
  readonly layerSync: boolean;
  /** Of a key frame's first packet; 0 elsewhere. */
  readonly height: number;
  readonly encoding: number;
  readonly frameNumber: number;
  readonly part: number;
  readonly parts: number;
}

const descriptor = new Vp8Descriptor();

/** Undefined when it is no payload of ours. */
export function readPart(bytes: Uint8Array, offset: number, size: number): Vp8Part | undefined {
  if (!parseVp8Descriptor(bytes, offset, size, descriptor)) return undefined;
  const header = offset + descriptor.size;
  if (header + FRAME_HEADER_BYTES + LABEL_BYTES > offset + size) return undefined;
  const starts = descriptor.startOfPartition;
  const key = starts && ((bytes[header] as number) & 1) === 0;
  const label = header + FRAME_HEADER_BYTES;
  return {
    starts,
    key,
    pictureId: descriptor.pictureId,
    tl0PicIdx: descriptor.temporalLayerZeroIndex,
    temporal: descriptor.temporalLayer,
    layerSync: descriptor.layerSync,
    height: key ? (bytes[header + 8] as number) | ((bytes[header + 9] as number) << 8) : 0,
    encoding: bytes[label] as number,
    frameNumber: readUint32(bytes, label + 2),
    part: readUint16(bytes, label + 6),
    parts: readUint16(bytes, label + 8),
  };
}
