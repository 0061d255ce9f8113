/**
 * For tests: a publisher of VP8 simulcast with three temporal layers per encoding, as Chromium sends it, and a receiver
 * who tells what he could not decode.
 */
import type { SentRtp } from '../packet-path-test-engine.ts';
import { type RtpFields, rtpPacket } from '../packet-path-test-rtp.ts';
import { parseVp8Descriptor, Vp8Descriptor } from '../rtp/codec/vp8-descriptor.ts';

const MID = [...'camera'].map((letter) => letter.charCodeAt(0));
/** Temporal layer of each frame of a group, and whether it refers to the base only. */
const PATTERN = [
  { temporal: 0, isSync: false, refersTo: [-4] },
  { temporal: 2, isSync: true, refersTo: [-1] },
  { temporal: 1, isSync: true, refersTo: [-2] },
  { temporal: 2, isSync: false, refersTo: [-1, -3] },
] as const;
/** What the payload says behind its descriptor: a VP8 header that names frame and encoding, and what it refers to. */
const HEAD_BYTES = 10;

export interface Vp8Options {
  readonly rid: string;
  readonly ssrc: number;
  readonly height: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly pictureId: number;
  readonly zeroIndex: number;
}

/** One encoding. */
export class Vp8Encoder {
  readonly options: Vp8Options;
  readonly #number: number;
  #sequenceNumber: number;
  #pictureId: number;
  #zeroIndex: number;
  #frame = 0;
  #group = 0;

  constructor(options: Vp8Options) {
    this.options = options;
    this.#number = options.ssrc & 0xff;
    this.#sequenceNumber = options.sequenceNumber;
    this.#pictureId = options.pictureId;
    this.#zeroIndex = options.zeroIndex;
  }

  /** RTP packets of the next frame, captured `ms` after the start. A key frame begins a new group. */
  frame(ms: number, isKeyframe: boolean, packets: number): Uint8Array[] {
    if (isKeyframe) this.#group = this.#frame;
    const { temporal, isSync, refersTo } = PATTERN[(this.#frame - this.#group) % 4] as (typeof PATTERN)[number];
    if (temporal === 0) this.#zeroIndex = (this.#zeroIndex + 1) & 0xff;
    const refs = isKeyframe ? [] : refersTo.map((step) => this.#frame + step);
    const out = Array.from({ length: packets }, (_, i) => {
      const payload = this.#payload(i === 0, isKeyframe, temporal, isSync, refs);
      return this.#packet({ timestamp: this.options.timestamp + ms * 90, marker: i === packets - 1, payload });
    });
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
    this.#frame++;
    return out;
  }

  /** A packet of padding. */
  padding(ms: number): Uint8Array {
    return this.#packet({ timestamp: this.options.timestamp + ms * 90, payload: [], padding: 20 });
  }

  #packet(fields: Omit<RtpFields, 'ssrc' | 'sequenceNumber'>): Uint8Array {
    const { ssrc, rid } = this.options;
    const extensions = [
      { id: 4, bytes: MID },
      { id: 10, bytes: [...rid].map((letter) => letter.charCodeAt(0)) },
    ];
    const sequenceNumber = this.#sequenceNumber;
    this.#sequenceNumber = (sequenceNumber + 1) & 0xffff;
    return rtpPacket({ ...fields, ssrc, sequenceNumber, extensions });
  }

  #payload(starts: boolean, isKeyframe: boolean, temporal: number, isSync: boolean, refs: readonly number[]): number[] {
    const first = 0x80 | (temporal === 2 ? 0x20 : 0) | (starts ? 0x10 : 0);
    const descriptor = [
      first,
      0xe0,
      0x80 | (this.#pictureId >> 8),
      this.#pictureId & 0xff,
      this.#zeroIndex,
      (temporal << 6) | (isSync ? 0x20 : 0),
    ];
    const { height } = this.options;
    const head = isKeyframe
      ? [0, 0, 0, 0x9d, 0x01, 0x2a, 0, 1, height & 0xff, height >> 8]
      : [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const frames = [this.#frame, ...refs].flatMap((frame) => [frame >> 8, frame & 0xff]);
    return [...descriptor, ...head, this.#number, ...frames];
  }
}

export interface ReceivedFrame {
  readonly encoder: number;
  readonly frame: number;
  readonly temporal: number;
  readonly pictureId: number;
  readonly zeroIndex: number;
  readonly timestamp: number;
  readonly isKeyframe: boolean;
  readonly refs: readonly string[];
  /** Its first packet starts it, its last one has the marker, and none is missing between. */
  isWhole: boolean;
  lastIndex: number;
}

/** Frames of a slot's packets, in the order of their numbers. Packets of padding belong to none. */
export function framesOf(packets: readonly SentRtp[]): ReceivedFrame[] {
  const frames: ReceivedFrame[] = [];
  const descriptor = new Vp8Descriptor();
  for (const { index, header, payload } of packets.toSorted((a, b) => a.index - b.index)) {
    if (header.payloadSize === 0) continue;
    if (!parseVp8Descriptor(payload, 0, payload.length, descriptor)) throw new Error('not VP8');
    const before = frames.at(-1);
    if (!descriptor.startOfPartition && before?.timestamp === header.timestamp) {
      if (index !== before.lastIndex + 1) before.isWhole = false;
      before.lastIndex = index;
      continue;
    }
    const at = descriptor.size + HEAD_BYTES;
    const numbers = [...payload.subarray(at + 1)];
    const names = numbers.flatMap((high, i) =>
      i % 2 === 0 ? [`${payload[at]}/${(high << 8) | (numbers[i + 1] ?? 0)}`] : [],
    );
    frames.push({
      encoder: payload[at] ?? -1,
      frame: Number(names[0]?.split('/')[1]),
      temporal: descriptor.temporalLayer,
      pictureId: descriptor.pictureId,
      zeroIndex: descriptor.temporalLayerZeroIndex,
      timestamp: header.timestamp,
      isKeyframe: ((payload[descriptor.size] ?? 1) & 1) === 0,
      refs: names.slice(1),
      isWhole: descriptor.startOfPartition,
      lastIndex: index,
    });
  }
  return frames;
}

/** Frames that refer to something that the receiver has not got since the last key frame. */
export function undecodable(frames: readonly ReceivedFrame[]): ReceivedFrame[] {
  let known = new Set<string>();
  return frames.filter((frame) => {
    if (frame.isKeyframe) known = new Set();
    const isDecodable = frame.refs.every((ref) => known.has(ref));
    if (isDecodable) known.add(`${frame.encoder}/${frame.frame}`);
    return !isDecodable;
  });
}
