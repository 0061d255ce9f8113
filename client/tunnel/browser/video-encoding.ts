/** One encoding of a camera or screen: pictures in, RTP payloads out. */
import type { SourceKind } from '../../../proto/signalling.ts';
import { packetizeVp8 } from '../payload/vp8.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { LayerNumbers } from '../send/layer-numbers.ts';
import type { RtpStream } from '../send/rtp-stream.ts';

export interface EncodingTarget {
  /** 0: nothing is encoded. */
  readonly bitrateBps: number;
  readonly width: number;
  readonly height: number;
  /** At most. */
  readonly framesPerSecond: number;
}

/** What fits beside headers into a packet of 1200 bytes, as routers and paths expect it. */
const PAYLOAD_BYTES = 1_120;
/** Key frames that are asked for more often are joined. */
const KEY_PAUSE_MS = 500;
/** A change of the bitrate by less is not told to the encoder. */
const BITRATE_STEP = 0.1;
/** Frames that wait for the encoder; more means that it is too slow. */
const MAX_UNENCODED = 2;
/** Layers as W3C webrtc-svc names them. */
const MODES = ['L1T3', 'L1T2', 'L1T1'];

export class VideoEncoding {
  readonly rid: string;
  readonly stream: RtpStream;
  framesEncoded = 0;
  keyFrames = 0;
  mode: string | undefined;
  readonly #kind: SourceKind;
  readonly #numbers = new LayerNumbers(Math.random());
  readonly #send: (packet: RtpPacket) => void;
  #encoder: VideoEncoder | undefined;
  #target: EncodingTarget = { bitrateBps: 0, width: 0, height: 0, framesPerSecond: 30 };
  #configured: EncodingTarget | undefined;
  #wantsKey = true;
  #keyMs = Number.NEGATIVE_INFINITY;
  #encodedMs = Number.NEGATIVE_INFINITY;

  constructor(kind: SourceKind, rid: string, stream: RtpStream, send: (packet: RtpPacket) => void) {
    this.#kind = kind;
    this.rid = rid;
    this.stream = stream;
    this.#send = send;
  }

  get target(): EncodingTarget {
    return this.#target;
  }

  get isActive(): boolean {
    return this.#target.bitrateBps > 0;
  }

  set target(target: EncodingTarget) {
    if (!this.isActive && target.bitrateBps > 0) this.#wantsKey = true;
    this.#target = target;
  }

  requestKeyFrame(): void {
    this.#wantsKey = true;
  }

  /** @param capturedMs on the clock of `performance.now()` */
  encode(frame: VideoFrame, capturedMs: number): void {
    if (!this.isActive || this.mode === undefined) return;
    // Half a frame early is not too early: captures are not even.
    if (capturedMs - this.#encodedMs < 500 / this.#target.framesPerSecond) return;
    const encoder = this.#configure();
    if (encoder.encodeQueueSize > MAX_UNENCODED) return;
    this.#encodedMs = capturedMs;
    const keyFrame = this.#wantsKey && capturedMs - this.#keyMs >= KEY_PAUSE_MS;
    if (keyFrame) {
      this.#wantsKey = false;
      this.#keyMs = capturedMs;
    }
    const timed = new VideoFrame(frame, { timestamp: Math.round(capturedMs * 1000) });
    try {
      encoder.encode(timed, { keyFrame });
    } catch {
      // It has just failed: the next picture gets a new one.
      this.#wantsKey = true;
    } finally {
      timed.close();
    }
  }

  /** Finds the most layers that this browser can encode. */
  async prepare(): Promise<void> {
    for (const mode of MODES) {
      const answer = await VideoEncoder.isConfigSupported(this.#config(mode, 640, 360, 500_000)).catch(() => undefined);
      if (answer?.supported !== true) continue;
      this.mode = mode;
      return;
    }
  }

  close(): void {
    this.mode = undefined;
    if (this.#encoder !== undefined && this.#encoder.state !== 'closed') this.#encoder.close();
  }

  #configure(): VideoEncoder {
    const { width, height, bitrateBps } = this.#target;
    const before = this.#configured;
    const isOpen = this.#encoder?.state === 'configured';
    const isSame =
      before?.width === width &&
      before.height === height &&
      Math.abs(bitrateBps - before.bitrateBps) <= BITRATE_STEP * before.bitrateBps;
    if (this.#encoder !== undefined && isOpen && isSame) return this.#encoder;
    if (this.#encoder === undefined || !isOpen) {
      this.#encoder = new VideoEncoder({
        output: (chunk, metadata) => this.#handleChunk(chunk, metadata),
        // The next picture gets a new encoder.
        error: () => undefined,
      });
      this.#wantsKey = true;
    }
    this.#encoder.configure(this.#config(this.mode ?? 'L1T1', width, height, bitrateBps));
    this.#configured = this.#target;
    return this.#encoder;
  }

  #config(mode: string, width: number, height: number, bitrate: number): VideoEncoderConfig {
    return {
      codec: 'vp8',
      width,
      height,
      bitrate,
      framerate: this.#target.framesPerSecond,
      latencyMode: 'realtime',
      scalabilityMode: mode,
      contentHint: this.#kind === 'screen' ? 'detail' : 'motion',
    };
  }

  #handleChunk(chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata | undefined): void {
    if (this.mode === undefined) return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.framesEncoded++;
    if (chunk.type === 'key') this.keyFrames++;
    const numbers = this.#numbers.next(metadata?.svc?.temporalLayerId ?? 0, Number(this.mode[3]));
    const payloads = packetizeVp8(data, numbers, PAYLOAD_BYTES);
    for (const [i, payload] of payloads.entries()) {
      this.#send(this.stream.next(chunk.timestamp / 1000, payload, i === payloads.length - 1));
    }
  }
}
