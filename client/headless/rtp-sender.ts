/** One outgoing RTP stream: numbers and times the frames of a source and answers key-frame requests. */
import type { FrameSource } from './frame-sources.ts';
import { writeRtpPacket } from './rtp-writer.ts';

/** Frames: who talks is quiet between words, and what never pauses is taken for noise. */
const PAUSE_EVERY = 15;

export interface RtpSenderOptions {
  readonly source: FrameSource;
  readonly payloadType: number;
  readonly ssrc: number;
  /** Header extensions of every packet; what `level` is written to is `audioLevelId`. */
  readonly mid: { readonly id: number; readonly value: string } | undefined;
  readonly audioLevelId: number | undefined;
  readonly send: (packet: Buffer) => boolean;
}

export class RtpSender {
  readonly #options: RtpSenderOptions;
  readonly #mid: Uint8Array;
  #sequenceNumber = (Math.random() * 0x8000) | 0;
  #timestamp = Math.floor(Math.random() * 2 ** 32);
  #nextFrameMs: number | undefined;
  /** While talking, RFC 6464: 0 is loudest, 127 silence, in −dBov. */
  audioLevel = 127;
  muted = false;
  packets = 0;
  frames = 0;
  /** Packets that the stack did not take. */
  refused = 0;

  constructor(options: RtpSenderOptions) {
    this.#options = options;
    this.#mid = new TextEncoder().encode(options.mid?.value ?? '');
  }

  get source(): FrameSource {
    return this.#options.source;
  }

  /** Sends the frames that are due. After a stall the missed ones are skipped: their time passes, nothing is sent. */
  handleTick(nowMs: number): void {
    const { source } = this.#options;
    this.#nextFrameMs ??= nowMs;
    while (this.#nextFrameMs <= nowMs) {
      const late = nowMs - this.#nextFrameMs > 5 * source.frameMs;
      if (!this.muted && !late) this.#sendFrame(source.next());
      this.#nextFrameMs += source.frameMs;
      this.#timestamp = (this.#timestamp + source.frameTicks) % 2 ** 32;
    }
  }

  #sendFrame(payloads: readonly Uint8Array[]): void {
    const { payloadType, ssrc, send, source } = this.#options;
    this.frames++;
    for (const [i, payload] of payloads.entries()) {
      // RFC 7741 section 4.1: the marker ends a frame; for audio (RFC 3551 section 4.1) it would start a talkspurt.
      const marker = source.frameTicks !== 960 && i === payloads.length - 1;
      const sequenceNumber = this.#sequenceNumber;
      this.#sequenceNumber = (sequenceNumber + 1) & 0xffff;
      const fields = { payloadType, marker, sequenceNumber, timestamp: this.#timestamp, ssrc };
      const packet = writeRtpPacket({ ...fields, extensions: this.#extensions() }, payload);
      if (send(packet)) this.packets++;
      else this.refused++;
    }
  }

  #extensions(): { id: number; value: Uint8Array }[] {
    const { mid, audioLevelId } = this.#options;
    const extensions: { id: number; value: Uint8Array }[] = [];
    if (mid !== undefined) extensions.push({ id: mid.id, value: this.#mid });
    if (audioLevelId !== undefined) {
      const level = this.frames % PAUSE_EVERY === 0 ? 127 : this.audioLevel;
      // The first bit says "voice".
      const value = Uint8Array.of((level < 127 ? 0x80 : 0) | level);
      extensions.push({ id: audioLevelId, value });
    }
    return extensions;
  }
}
