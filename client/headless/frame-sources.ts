/** What a headless participant sends: Opus silence and a still VP8 picture, frame by frame, as RTP payloads. */
import { VP8_INTER_FRAME, VP8_KEY_FRAME } from './vp8-frames.ts';

/** RFC 6716 section 3.1: config 31 (CELT, 20 ms, fullband), mono, one frame, whose two bytes decode to silence. */
const OPUS_SILENCE = Uint8Array.of(0xf8, 0xff, 0xfe);

/** One RTP stream's payloads; `next` is called once per `frameMs`. */
export interface FrameSource {
  readonly frameMs: number;
  /** RTP clock units per frame. */
  readonly frameTicks: number;
  /** Payloads of the next frame's packets, in order. */
  next(): readonly Uint8Array[];
  requestKeyframe(): void;
  readonly keyframes: number;
}

export class OpusSilenceSource implements FrameSource {
  readonly frameMs = 20;
  readonly frameTicks = 960;
  readonly keyframes = 0;

  next(): readonly Uint8Array[] {
    return [OPUS_SILENCE];
  }

  /** Every Opus packet decodes alone. */
  requestKeyframe(): void {}
}

/** Payload bytes per packet; with headers, extensions and the SRTP tag it stays below the 1200 that browsers use. */
const MAX_PAYLOAD_BYTES = 1100;

export class Vp8StillSource implements FrameSource {
  readonly frameMs = 1000 / 30;
  readonly frameTicks = 3000;
  readonly #frameBytes: number;
  #wantsKeyframe = true;
  #pictureId = 0;
  #keyframes = 0;

  /**
   * `frameBytes` makes every frame at least that large, for load: a decoder ignores what follows the last partition
   * (RFC 6386 section 9.5).
   */
  constructor(frameBytes = 0) {
    this.#frameBytes = frameBytes;
  }

  get keyframes(): number {
    return this.#keyframes;
  }

  requestKeyframe(): void {
    this.#wantsKeyframe = true;
  }

  next(): readonly Uint8Array[] {
    const frame = this.#wantsKeyframe ? VP8_KEY_FRAME : VP8_INTER_FRAME;
    if (this.#wantsKeyframe) this.#keyframes++;
    this.#wantsKeyframe = false;
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
    return packetizeVp8(pad(frame, this.#frameBytes), this.#pictureId);
  }
}

function pad(frame: Uint8Array, sizeBytes: number): Uint8Array {
  if (frame.length >= sizeBytes) return frame;
  const padded = new Uint8Array(sizeBytes);
  padded.set(frame);
  return padded;
}

/** RFC 7741 section 4.2: descriptor with a 15-bit picture id; S marks the first packet of the frame. */
export function packetizeVp8(frame: Uint8Array, pictureId: number): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  for (let at = 0; at < frame.length; at += MAX_PAYLOAD_BYTES) {
    const part = frame.subarray(at, at + MAX_PAYLOAD_BYTES);
    const payload = new Uint8Array(4 + part.length);
    // X = 1, and S = 1, PID = 0 at the start; then I = 1; then M = 1 and the picture id.
    payload.set([at === 0 ? 0x90 : 0x80, 0x80, 0x80 | (pictureId >> 8), pictureId & 0xff]);
    payload.set(part, 4);
    payloads.push(payload);
  }
  return payloads;
}
