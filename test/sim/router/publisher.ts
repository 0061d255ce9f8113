/** The sending half of a simulated browser: a microphone, and a camera in one or more encodings. */
import { RtcpWriter } from '../../../mmr/media/rtp/rtcp/rtcp-writer.ts';
import type { Chance } from '../network/chance.ts';
import { CAMERA_SSRC, EXTENSIONS, MICROPHONE_SSRC, OPUS_TYPE } from './negotiated-media.ts';
import { type Extension, text, uint16, writeRtp } from './rtp-writer.ts';
import { type EncodingOptions, Vp8Encoding } from './vp8-encoding.ts';

/** Opus at 24 kb/s, 20 ms a packet. */
const AUDIO_BYTES = 60;
const AUDIO_TICKS = 960;
/** Loud enough to be a speaker, in −dBov, with the voice bit (RFC 6464). */
const LEVEL = 0x80 | 30;
const SILENCE = 127;
/** Packets: who talks is quiet between words, and what never pauses is taken for noise. */
const PAUSE_EVERY = 15;
const NTP_EPOCH_S = 3_900_000_000;

/** 180p, 360p and 720p at the rates that the client SDK sets for them. */
export const SIMULCAST: readonly Omit<EncodingOptions, 'number' | 'ssrc'>[] = [
  { rid: 'l', width: 320, height: 180, bitrateBps: 150_000 },
  { rid: 'm', width: 640, height: 360, bitrateBps: 500_000 },
  { rid: 'h', width: 1280, height: 720, bitrateBps: 1_700_000 },
];

export interface PublisherOptions {
  readonly encodings: readonly Omit<EncodingOptions, 'number' | 'ssrc'>[];
  readonly microphone: boolean;
}

export class Publisher {
  readonly encodings: readonly Vp8Encoding[];
  readonly microphone: boolean;
  /** Sends no voice, so others may speak. */
  silent = false;
  audioPackets = 0;
  /** NACKs of the router: numbers asked for, by how often each was. */
  nackedPackets = 0;
  keyFrameRequests = 0;
  readonly #send: (packet: Uint8Array) => void;
  readonly #writer = new RtcpWriter();
  readonly #bytes = new Uint8Array(2048);
  #transportNumber = 0;
  #audioSequence = 40_000;
  #audioTimestamp = 0;

  constructor(options: PublisherOptions, chance: Chance, send: (packet: Uint8Array) => void) {
    this.#send = send;
    this.microphone = options.microphone;
    const number = (packet: (number: Extension) => Uint8Array) => this.#send(packet(this.#number()));
    this.encodings = options.encodings.map(
      (encoding, i) => new Vp8Encoding({ ...encoding, number: i, ssrc: CAMERA_SSRC + i }, chance, number),
    );
  }

  encode(nowUs: number): void {
    for (const encoding of this.encodings) encoding.encode(nowUs);
  }

  speak(): void {
    if (!this.microphone) return;
    const sequence = this.#audioSequence++ & 0xffff;
    this.#audioTimestamp += AUDIO_TICKS;
    const level = this.silent || this.audioPackets % PAUSE_EVERY === PAUSE_EVERY - 1 ? SILENCE : LEVEL;
    const extensions = [this.#number(), { id: EXTENSIONS.audioLevel, bytes: Uint8Array.of(level) }];
    if (this.audioPackets++ < 50) extensions.push({ id: EXTENSIONS.mid, bytes: text('mic') });
    const payload = new Uint8Array(AUDIO_BYTES);
    this.#send(writeRtp(OPUS_TYPE, false, sequence, this.#audioTimestamp, MICROPHONE_SSRC, extensions, payload));
  }

  handleNack(ssrc: number, packetId: number, bitmask: number): void {
    const encoding = this.encodings.find((each) => each.options.ssrc === ssrc);
    if (encoding === undefined) return;
    for (let bit = -1; bit < 16; bit++) {
      if (bit >= 0 && ((bitmask >>> bit) & 1) === 0) continue;
      this.nackedPackets++;
      encoding.repair((packetId + bit + 1) & 0xffff);
    }
  }

  handleKeyFrameRequest(ssrc: number): void {
    this.keyFrameRequests++;
    this.encodings.find((each) => each.options.ssrc === ssrc)?.requestKeyFrame();
  }

  /** Once a second: a sender report for each stream. */
  senderReport(nowUs: number): Uint8Array | undefined {
    const seconds = nowUs / 1e6;
    const high = NTP_EPOCH_S + Math.floor(seconds);
    const low = Math.floor((seconds % 1) * 2 ** 32);
    this.#writer.begin(this.#bytes, 0);
    for (const { options, timestamp, encodedUs, packetsSent, octetsSent } of this.encodings) {
      if (packetsSent === 0) continue;
      const nowTicks = (timestamp + Math.round((nowUs - encodedUs) * 0.09)) >>> 0;
      this.#writer.senderReport(options.ssrc, high, low, nowTicks, packetsSent, octetsSent);
    }
    if (this.microphone && this.audioPackets > 0) {
      const octets = this.audioPackets * AUDIO_BYTES;
      this.#writer.senderReport(MICROPHONE_SSRC, high, low, this.#audioTimestamp, this.audioPackets, octets);
    }
    const size = this.#writer.end();
    return size === 0 ? undefined : this.#bytes.slice(0, size);
  }

  #number(): Extension {
    return { id: EXTENSIONS.transportSequenceNumber, bytes: uint16(this.#transportNumber++) };
  }
}
