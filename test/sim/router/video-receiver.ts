/**
 * One video slot at a receiver: packets to frames, which frames can be decoded, and what of it does not fit together.
 * The rules are libwebrtc's for VP8 with temporal layers (modules/video_coding/rtp_vp8_ref_finder.cc): a base frame needs the
 * base frame before it, a sync frame the latest base frame, any other all frames since that one.
 */
import { Widener } from '../../../mmr/media/rtp/serial.ts';
import { FreezeMeter } from './freeze-meter.ts';
import { NackRequester } from './nack-requester.ts';
import { readPart, type Vp8Part } from './vp8-frame.ts';

/** Without a frame for this long the receiver asks for a key frame (libwebrtc: kMaxWaitForFrame, kMaxWaitForKeyFrame). */
const MAX_WAIT_US = 3_000_000;
const MAX_KEY_WAIT_US = 200_000;
/** Nothing is asked of a stream that nobody sends. */
const STREAM_TIMEOUT_US = 1_000_000;
const MAX_WAITING_FRAMES = 120;

interface Assembly {
  readonly timestamp: number;
  first: number;
  last: number;
  parts: number;
  part: Vp8Part;
  complete: boolean;
}

interface Decoded {
  readonly pictureId: number;
  readonly tl0PicIdx: number;
  readonly frameNumber: number;
  readonly encoding: number;
}

export interface HeightChange {
  readonly atUs: number;
  readonly height: number;
}

export class VideoReceiver {
  readonly meter = new FreezeMeter();
  readonly nack = new NackRequester();
  readonly heights: HeightChange[] = [];
  packets = 0;
  duplicates = 0;
  keyFrames = 0;
  /** Frames whose parts, numbers or references do not fit together although nothing was lost: the router's fault. */
  readonly faults: string[] = [];
  /** Frames shown by temporal layer. */
  readonly shown = [0, 0, 0, 0];
  height = 0;
  /** Of 16 bits, widened. */
  highestSequence = -1;
  firstSequence = -1;
  readonly #received = new Set<number>();
  readonly #useless = new Set<number>();
  readonly #sequences = new Widener();
  readonly #frames = new Map<number, Assembly>();
  /** Packets of another encoding than that of the last picture have come since the last key frame. */
  #hasSwitched = false;
  #keyNeeded = true;
  #last: Decoded | undefined;
  #base: Decoded | undefined;
  #lastShownUs = 0;
  #lastAskedUs = Number.NEGATIVE_INFINITY;
  #lastPacketUs = Number.NEGATIVE_INFINITY;

  /** The packet's payload lies at `offset`; `size` 0: padding only. `repaired`: it came by RTX. */
  handlePacket(
    nowUs: number,
    sequenceNumber: number,
    timestamp: number,
    marker: boolean,
    bytes: Uint8Array,
    offset: number,
    size: number,
    repaired: boolean,
  ): void {
    const sequence = this.#sequences.widen(sequenceNumber);
    if (this.firstSequence < 0) {
      this.firstSequence = sequence;
      this.#lastShownUs = nowUs;
    }
    this.#lastPacketUs = nowUs;
    if (this.#received.has(sequence)) {
      this.duplicates++;
      return;
    }
    this.#received.add(sequence);
    this.#useless.delete(sequence);
    this.packets++;
    this.highestSequence = Math.max(this.highestSequence, sequence);
    this.nack.receive(sequence, repaired);
    if (size === 0) return;
    const part = readPart(bytes, offset, size);
    if (part === undefined)
      this.faults.push(`${seconds(nowUs)}: packet ${sequenceNumber} is no payload of the sender’s`);
    else this.#assemble(nowUs, sequence, timestamp, marker, part);
  }

  /** True when a key frame is to be asked for now. */
  needsKeyFrame(nowUs: number): boolean {
    if (this.nack.overflowed) {
      this.nack.overflowed = false;
      this.#keyNeeded = true;
    }
    if (this.firstSequence < 0 || nowUs - this.#lastPacketUs > STREAM_TIMEOUT_US) return false;
    const waitUs = this.#keyNeeded ? MAX_KEY_WAIT_US : MAX_WAIT_US;
    if (nowUs - Math.max(this.#lastShownUs, this.#lastAskedUs) < waitUs) return false;
    this.#lastAskedUs = nowUs;
    return true;
  }

  /** Of `missing`, those that the picture lacked: not what another encoding's key frame had made useless before it was repaired. */
  get lacking(): number {
    return this.missing - this.#useless.size;
  }

  /** Packets that never came. */
  get missing(): number {
    return this.firstSequence < 0 ? 0 : this.highestSequence - this.firstSequence + 1 - this.#received.size;
  }

  get expected(): number {
    return this.firstSequence < 0 ? 0 : this.highestSequence - this.firstSequence + 1;
  }

  #assemble(nowUs: number, sequence: number, timestamp: number, marker: boolean, part: Vp8Part): void {
    if (part.encoding !== this.#last?.encoding) this.#hasSwitched = true;
    let frame = this.#frames.get(timestamp);
    if (frame === undefined) {
      if (this.#last !== undefined && ahead(part.pictureId, this.#last.pictureId, 15) <= 0 && !part.key) return;
      frame = { timestamp, first: -1, last: -1, parts: 0, part, complete: false };
      this.#frames.set(timestamp, frame);
    }
    if (part.frameNumber !== frame.part.frameNumber || part.encoding !== frame.part.encoding) {
      this.faults.push(`${seconds(nowUs)}: two frames under one timestamp`);
    }
    frame.parts++;
    if (part.starts) {
      frame.first = sequence;
      frame.part = part;
    }
    if (marker) frame.last = sequence;
    frame.complete = frame.first >= 0 && frame.last >= 0 && frame.parts === frame.last - frame.first + 1;
    if (!frame.complete) return;
    if (frame.parts !== part.parts) this.faults.push(`${seconds(nowUs)}: ${frame.parts} of ${part.parts} parts`);
    this.#decodeWhatCanBe(nowUs);
  }

  #decodeWhatCanBe(nowUs: number): void {
    for (;;) {
      let next: Assembly | undefined;
      for (const frame of this.#frames.values()) {
        if (!frame.complete || !this.#decodable(frame.part)) continue;
        if (next === undefined || ahead(frame.part.pictureId, next.part.pictureId, 15) < 0) next = frame;
      }
      if (next === undefined) break;
      this.#decode(nowUs, next);
    }
    if (this.#frames.size > MAX_WAITING_FRAMES) {
      this.#frames.clear();
      this.#keyNeeded = true;
    }
  }

  #decodable(part: Vp8Part): boolean {
    if (part.key) return true;
    const [base, last] = [this.#base, this.#last];
    if (this.#keyNeeded || base === undefined || last === undefined) return false;
    const steps = ahead(part.tl0PicIdx, base.tl0PicIdx, 8);
    if (part.temporal === 0) return steps === 1;
    if (steps !== 0) return false;
    return part.layerSync || ahead(part.pictureId, last.pictureId, 15) === 1;
  }

  #decode(nowUs: number, frame: Assembly): void {
    const { part } = frame;
    this.#checkReferences(nowUs, part);
    this.#keyNeeded = false;
    this.#last = part;
    if (part.temporal === 0) this.#base = part;
    if (part.key) {
      this.keyFrames++;
      const cleared = this.nack.clearBelow(frame.first);
      if (this.#hasSwitched) for (const sequence of cleared) this.#useless.add(sequence);
      this.#hasSwitched = false;
      if (part.height !== this.height) {
        this.height = part.height;
        this.heights.push({ atUs: nowUs, height: part.height });
      }
    }
    this.shown[part.temporal] = (this.shown[part.temporal] as number) + 1;
    this.meter.show(nowUs);
    this.#lastShownUs = nowUs;
    for (const other of this.#frames.values()) {
      if (ahead(other.part.pictureId, part.pictureId, 15) <= 0) this.#frames.delete(other.timestamp);
    }
  }

  /** What the sender's own frame numbers say: base frames are four apart at most, the others follow their base frame. */
  #checkReferences(nowUs: number, part: Vp8Part): void {
    const base = this.#base;
    if (part.key || base === undefined) return;
    const distance = part.frameNumber - base.frameNumber;
    const allowed = part.temporal === 0 ? 4 : 3;
    if (part.encoding === base.encoding && distance > 0 && distance <= allowed) return;
    this.faults.push(
      `${seconds(nowUs)}: frame ${part.encoding}/${part.frameNumber} (T${part.temporal}) after base ${base.encoding}/${base.frameNumber}`,
    );
  }
}

/** How far `a` is ahead of `b` in a counter of `bits` bits. */
function ahead(a: number, b: number, bits: number): number {
  const range = 2 ** bits;
  const distance = (((a - b) % range) + range) % range;
  return distance >= range / 2 ? distance - range : distance;
}

function seconds(nowUs: number): string {
  return `${(nowUs / 1e6).toFixed(2)} s`;
}
