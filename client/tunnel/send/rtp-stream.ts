/** One stream of ours: numbers its packets and counts for its sender reports. */
import { toNtp } from '../rtp/ntp-time.ts';
import type { SenderInfo } from '../rtp/rtcp-writer.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';

export interface StreamOptions {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly clockRateHz: number;
  /** Header extensions of every packet. */
  readonly extensions: readonly (readonly [id: number, value: Uint8Array])[];
  /** 0 to 1: where numbers begin. */
  readonly random: number;
}

export class RtpStream {
  packets = 0;
  bytes = 0;
  readonly #options: StreamOptions;
  readonly #base: number;
  #sequence: number;
  #reported = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#base = Math.floor(options.random * 2 ** 32);
    this.#sequence = Math.floor(options.random * 0x8000);
  }

  get ssrc(): number {
    return this.#options.ssrc;
  }

  /** @param capturedMs On a clock that all streams share. @param more Header extensions of this packet. */
  next(
    capturedMs: number,
    payload: Uint8Array,
    marker: boolean,
    more: readonly (readonly [id: number, value: Uint8Array])[] = [],
  ): RtpPacket {
    const { payloadType, ssrc, extensions } = this.#options;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.packets++;
    this.bytes += payload.length;
    const timestamp = this.#timestampAt(capturedMs);
    return {
      payloadType,
      marker,
      sequenceNumber: this.#sequence,
      timestamp,
      ssrc,
      extensions: new Map([...extensions, ...more]),
      payload,
    };
  }

  /** Undefined when nothing was sent since the last one. @param epochMs what the shared clock is to be added to: Unix time of its zero */
  takeReport(nowMs: number, epochMs: number): SenderInfo | undefined {
    if (this.packets === this.#reported) return undefined;
    this.#reported = this.packets;
    return {
      ntp: toNtp(epochMs + nowMs),
      timestamp: this.#timestampAt(nowMs),
      packets: this.packets % 2 ** 32,
      bytes: this.bytes % 2 ** 32,
    };
  }

  #timestampAt(atMs: number): number {
    const ticks = Math.round((atMs / 1000) * this.#options.clockRateHz);
    return (((this.#base + ticks) % 2 ** 32) + 2 ** 32) % 2 ** 32;
  }
}
