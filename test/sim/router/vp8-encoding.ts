/**
 * One encoding of a simulated camera: 30 frames a second in three temporal layers (the pattern 0 2 1 2 that libwebrtc uses),
 * key frames on request, and what was sent kept for retransmission.
 */
import type { Chance } from '../network/chance.ts';
import { EXTENSIONS, RTX_OFFSET, RTX_TYPE, VP8_TYPE } from './negotiated-media.ts';
import { type Extension, text, writeRtp } from './rtp-writer.ts';
import { framePayloads } from './vp8-frame.ts';

export const FRAMES_PER_SECOND = 30;
const TICKS_PER_FRAME = 90_000 / FRAMES_PER_SECOND;
const PATTERN = [0, 2, 1, 2, 0, 2, 1, 2] as const;
/** In the first half of the pattern, enhancement frames refer to the base layer alone. */
const SYNC = [false, true, true, false, false, false, false, false] as const;
/** Shares of the rate that the layers take, spread over their frames of a pattern of four: 40, 20 and 40 %. */
const FRAME_SHARE = [1.6, 0.8, 0.8] as const;
/** A key frame costs this many average frames. */
const KEY_FRAME_COST = 6;
const SIZE_DEVIATION = 0.15;
/** libwebrtc answers requests for key frames at most this often. */
const KEY_FRAME_SPACING_US = 300_000;
/** Packets kept for retransmission, as in libwebrtc's history of 1 s or 600 packets at least. */
const HISTORY_PACKETS = 1200;
/** The stream's ids are sent until the receiver must have seen them. */
const PACKETS_WITH_IDS = 100;

export interface EncodingOptions {
  readonly rid: string;
  readonly number: number;
  readonly ssrc: number;
  readonly width: number;
  readonly height: number;
  readonly bitrateBps: number;
}

interface Kept {
  readonly payload: Uint8Array;
  readonly marker: boolean;
  readonly timestamp: number;
}

export class Vp8Encoding {
  readonly options: EncodingOptions;
  active = true;
  bitrateBps: number;
  framesSent = 0;
  keyFramesSent = 0;
  packetsSent = 0;
  octetsSent = 0;
  /** RTP timestamp of the latest frame, and when it was. */
  timestamp: number;
  encodedUs = 0;
  readonly #chance: Chance;
  readonly #send: (packet: (transportNumber: Extension) => Uint8Array) => void;
  readonly #history = new Map<number, Kept>();
  #sequence: number;
  #rtxSequence: number;
  #pictureId: number;
  #tl0PicIdx = 0;
  #inPattern = 0;
  #keyFrameAsked = true;
  #lastKeyFrameUs = Number.NEGATIVE_INFINITY;
  #repairs = 0;

  constructor(options: EncodingOptions, chance: Chance, send: (packet: (number: Extension) => Uint8Array) => void) {
    this.options = options;
    this.bitrateBps = options.bitrateBps;
    this.#chance = chance;
    this.#send = send;
    this.#sequence = Math.floor(chance.between(0, 0x8000));
    this.#rtxSequence = Math.floor(chance.between(0, 0x8000));
    this.#pictureId = Math.floor(chance.between(0, 0x8000));
    this.timestamp = Math.floor(chance.between(0, 2 ** 32));
  }

  requestKeyFrame(): void {
    this.#keyFrameAsked = true;
  }

  /** Once a frame interval. */
  encode(nowUs: number): void {
    this.timestamp = (this.timestamp + TICKS_PER_FRAME) >>> 0;
    this.encodedUs = nowUs;
    if (!this.active) {
      // Resumed encodings begin with a key frame.
      this.#keyFrameAsked = true;
      return;
    }
    const key = this.#keyFrameAsked && nowUs - this.#lastKeyFrameUs >= KEY_FRAME_SPACING_US;
    if (key) {
      this.#keyFrameAsked = false;
      this.#lastKeyFrameUs = nowUs;
      this.#inPattern = 0;
      this.keyFramesSent++;
    }
    const temporal = PATTERN[this.#inPattern] as number;
    const layerSync = temporal > 0 && (SYNC[this.#inPattern] as boolean);
    this.#inPattern = (this.#inPattern + 1) % PATTERN.length;
    if (temporal === 0) this.#tl0PicIdx++;
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
    this.#sendFrame(key, temporal, layerSync);
  }

  /** Sends the packet of that number again, on the RTX stream (RFC 4588 section 4). False when it is not known. */
  repair(sequenceNumber: number): boolean {
    const kept = this.#history.get(sequenceNumber);
    if (kept === undefined) return false;
    const payload = new Uint8Array(kept.payload.length + 2);
    payload[0] = sequenceNumber >>> 8;
    payload[1] = sequenceNumber & 0xff;
    payload.set(kept.payload, 2);
    const sequence = this.#rtxSequence++;
    const ids = this.#repairs++ < PACKETS_WITH_IDS ? this.#ids(EXTENSIONS.repairedRid) : [];
    const ssrc = this.options.ssrc + RTX_OFFSET;
    this.#send((number) => writeRtp(RTX_TYPE, kept.marker, sequence, kept.timestamp, ssrc, [number, ...ids], payload));
    return true;
  }

  #sendFrame(key: boolean, temporal: number, layerSync: boolean): void {
    const { width, height, number } = this.options;
    const average = this.bitrateBps / 8 / FRAMES_PER_SECOND;
    const noise = 1 + SIZE_DEVIATION * Math.max(-3, Math.min(3, this.#chance.normal()));
    const sizeBytes = average * noise * (key ? KEY_FRAME_COST : (FRAME_SHARE[temporal] as number));
    const payloads = framePayloads({
      key,
      pictureId: this.#pictureId,
      tl0PicIdx: this.#tl0PicIdx,
      temporal,
      layerSync,
      width,
      height,
      encoding: number,
      frameNumber: this.framesSent++,
      sizeBytes,
    });
    for (const [i, payload] of payloads.entries()) this.#sendPart(payload, i === payloads.length - 1);
  }

  #sendPart(payload: Uint8Array, marker: boolean): void {
    const sequence = this.#sequence++ & 0xffff;
    const { timestamp } = this;
    this.#history.set(sequence, { payload, marker, timestamp });
    this.#history.delete((sequence - HISTORY_PACKETS) & 0xffff);
    const ids = this.packetsSent++ < PACKETS_WITH_IDS ? this.#ids(EXTENSIONS.rid) : [];
    this.octetsSent += payload.length;
    const { ssrc } = this.options;
    this.#send((number) => writeRtp(VP8_TYPE, marker, sequence, timestamp, ssrc, [number, ...ids], payload));
  }

  #ids(ridId: number): Extension[] {
    const mid = { id: EXTENSIONS.mid, bytes: text('cam') };
    return this.options.rid === '' ? [mid] : [mid, { id: ridId, bytes: text(this.options.rid) }];
  }
}
