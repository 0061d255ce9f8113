/**
 * Packets of one video slot, in order, become frames that can be decoded: whole ones, beginning with a key frame, and after a
 * loss only such as build on nothing that is missing. What is missing beyond that needs a new key frame.
 */
import type { PayloadInfo, VideoFormat } from '../payload/video-format.ts';
import type { Ordered } from './packet-order.ts';

export interface VideoPacket {
  readonly payload: Uint8Array;
  readonly marker: boolean;
  /** RTP time on a line without end, 90 kHz. */
  readonly time: number;
  readonly format: VideoFormat;
  readonly arrivedMs: number;
}

export interface AssembledFrame {
  readonly format: VideoFormat;
  readonly data: Uint8Array;
  readonly isKey: boolean;
  readonly time: number;
  /** Of its last packet. */
  readonly arrivedMs: number;
}

/** Packets of one frame; a larger one is a fault: 2 MB. */
const MAX_PACKETS = 2000;

export class FrameAssembler {
  /** Whole frames that nothing could be done with. */
  discarded = 0;
  /** The frame that is being put together: of its first packet, and all packets so far. */
  #info: PayloadInfo | undefined;
  #parts: VideoPacket[] = [];
  /** Packets have been lost since the last frame that was passed on. */
  #hasGap = false;
  #baseIndex: number | undefined;
  #format: VideoFormat | undefined;
  /** Nothing can be decoded before the next key frame. */
  #needsKey = true;
  #hasMedia = false;

  /** Something comes that only a key frame can make use of. A slot into which nothing comes needs none. */
  get wantsKey(): boolean {
    return this.#needsKey && this.#hasMedia;
  }

  /** The decoder has lost what frames build on. */
  reset(): void {
    this.#needsKey = true;
  }

  push({ packet, isAfterGap }: Ordered<VideoPacket>): AssembledFrame | undefined {
    if (isAfterGap) this.#break();
    // Padding.
    if (packet.payload.length === 0) return undefined;
    this.#hasMedia = true;
    const info = packet.format.describe(packet.payload);
    if (info === undefined) {
      this.#break();
      return undefined;
    }
    const isNew = this.#parts.length === 0 || packet.time !== this.#parts[0]?.time;
    if (isNew) {
      // The marker of the one before is missing.
      if (this.#parts.length > 0) this.#break();
      if (!info.startsFrame) {
        this.#hasGap = true;
        return undefined;
      }
      this.#info = info;
    }
    this.#parts.push(packet);
    if (this.#parts.length > MAX_PACKETS) this.#break();
    return packet.marker ? this.#finish() : undefined;
  }

  #break(): void {
    this.#hasGap = true;
    this.#parts = [];
    this.#info = undefined;
  }

  #finish(): AssembledFrame | undefined {
    const [first] = this.#parts;
    const parts = this.#parts;
    const info = this.#info;
    this.#parts = [];
    this.#info = undefined;
    if (first === undefined || info === undefined) return undefined;
    const data = this.#isDecodable(info, first.format)
      ? first.format.join(parts.map(({ payload }) => payload))
      : undefined;
    if (data === undefined) {
      this.discarded++;
      return undefined;
    }
    this.#needsKey = false;
    this.#hasGap = false;
    this.#format = first.format;
    this.#baseIndex = info.baseIndex;
    const arrivedMs = parts.at(-1)?.arrivedMs ?? first.arrivedMs;
    return { format: first.format, data, isKey: info.isKey, time: first.time, arrivedMs };
  }

  /**
   * After a loss, a frame of the base layer whose index follows that of the last one shows that only frames above it are
   * missing, which it does not build on (RFC 7741 section 4.2).
   */
  #isDecodable(info: PayloadInfo, format: VideoFormat): boolean {
    if (info.isKey) return true;
    if (this.#needsKey) return false;
    if (format !== this.#format) {
      this.#needsKey = true;
      return false;
    }
    if (!this.#hasGap) return true;
    const { temporal, baseIndex } = info;
    if (temporal === undefined || baseIndex === undefined || this.#baseIndex === undefined) {
      this.#needsKey = true;
      return false;
    }
    const steps = (baseIndex - this.#baseIndex) & 0xff;
    // Of an upper layer one cannot tell what it builds on; the base goes on as long as none of its frames is missing.
    if (steps > (temporal === 0 ? 1 : 0)) this.#needsKey = true;
    return temporal === 0 && steps === 1;
  }
}
