/** Sound of a track, encoded: Opus in frames of 20 ms, with its level. */
import { SAMPLE_RATE } from '../receive/playout-buffer.ts';
import { audioLevelOf } from '../send/audio-level.ts';
import type { SoundContext } from './sound-context.ts';
import type { CapturedSound } from './sound-messages.ts';

export interface EncodedSound {
  readonly data: Uint8Array;
  /** On the clock of `performance.now()`, in steps of exactly 20 ms. */
  readonly capturedMs: number;
  /** −dBov, 0–127 (RFC 6464). */
  readonly level: number;
}

const PIECE_MS = 20;
/** The microphone's clock is followed by steps when it is so far from ours: the computer slept. */
const DRIFT_MS = 200;

export class MicrophoneSender {
  readonly #sound: SoundContext;
  readonly #bitrateBps: number;
  readonly #onSound: (sound: EncodedSound) => void;
  #encoder: AudioEncoder | undefined;
  #nodes: { readonly source: MediaStreamAudioSourceNode; readonly cutter: AudioWorkletNode } | undefined;
  /** Counts calls of `use`: the last one holds. */
  #uses = 0;
  #nextMs: number | undefined;
  #level = 127;

  constructor(sound: SoundContext, bitrateBps: number, onSound: (sound: EncodedSound) => void) {
    this.#sound = sound;
    this.#bitrateBps = bitrateBps;
    this.#onSound = onSound;
  }

  /** Sends this from now on, or nothing. */
  async use(track: MediaStreamTrack | undefined): Promise<void> {
    const use = ++this.#uses;
    this.#release();
    if (track === undefined) return;
    await this.#sound.ready;
    if (use !== this.#uses) return;
    const { context } = this.#sound;
    const source = new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) });
    const cutter = new AudioWorkletNode(context, 'zonecast-capture', {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    cutter.port.onmessage = ({ data }: MessageEvent<CapturedSound>) => this.#encode(data.samples);
    source.connect(cutter);
    this.#nodes = { source, cutter };
  }

  close(): void {
    this.#uses++;
    this.#release();
    if (this.#encoder?.state === 'configured') this.#encoder.close();
    this.#encoder = undefined;
  }

  #release(): void {
    if (this.#nodes === undefined) return;
    this.#nodes.cutter.port.onmessage = null;
    this.#nodes.cutter.port.postMessage('close');
    this.#nodes.source.disconnect();
    this.#nodes = undefined;
    this.#nextMs = undefined;
  }

  #encode(samples: Float32Array<ArrayBuffer>): void {
    const nowMs = performance.now() - PIECE_MS;
    const isFar = this.#nextMs === undefined || Math.abs(nowMs - this.#nextMs) > DRIFT_MS;
    const capturedMs = isFar || this.#nextMs === undefined ? Math.round(nowMs) : this.#nextMs;
    this.#nextMs = capturedMs + PIECE_MS;
    this.#level = audioLevelOf(samples);
    const sound = new AudioData({
      format: 'f32-planar',
      sampleRate: SAMPLE_RATE,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: capturedMs * 1000,
      data: samples,
    });
    this.#opus().encode(sound);
    sound.close();
  }

  #opus(): AudioEncoder {
    if (this.#encoder?.state === 'configured') return this.#encoder;
    const encoder = new AudioEncoder({
      output: (chunk) => {
        const data = new Uint8Array(chunk.byteLength);
        chunk.copyTo(data);
        this.#onSound({ data, capturedMs: chunk.timestamp / 1000, level: this.#level });
      },
      // The next piece of sound gets a new encoder.
      error: () => undefined,
    });
    encoder.configure({
      codec: 'opus',
      sampleRate: SAMPLE_RATE,
      numberOfChannels: 1,
      bitrate: this.#bitrateBps,
      opus: { frameDuration: 1000 * PIECE_MS },
    });
    this.#encoder = encoder;
    return encoder;
  }
}
