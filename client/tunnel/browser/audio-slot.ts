/** One slot for sound: packets in, one lasting track out. */

import { ArrivalSpread, SOUND_DELAY } from '../receive/arrival-spread.ts';
import { MediaClock } from '../receive/media-clock.ts';
import { PacketOrder } from '../receive/packet-order.ts';
import { SAMPLE_RATE } from '../receive/playout-buffer.ts';
import { Reception } from '../rtp/reception.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import type { SoundContext } from './sound-context.ts';
import type { PlayoutOrder, PlayoutReport } from './sound-messages.ts';

/** A target that moves by less is left as it is. */
const TARGET_STEP_MS = 10;
const SILENT: PlayoutReport = {
  mediaMs: undefined,
  levelMs: 0,
  removed: 0,
  played: 0,
  missing: 0,
  underruns: 0,
  energy: 0,
};

export class AudioSlot {
  readonly kind = 'audio';
  readonly mid: string;
  readonly track: MediaStreamTrack;
  readonly clock = new MediaClock(SAMPLE_RATE);
  readonly #destination: MediaStreamAudioDestinationNode;
  readonly #order = new PacketOrder<{ readonly payload: Uint8Array; readonly mediaMs: number }>();
  readonly #spread = new ArrivalSpread(SOUND_DELAY);
  #reception: Reception | undefined;
  #player: AudioWorkletNode | undefined;
  #decoder: AudioDecoder | undefined;
  /** Media times of what is being decoded. Decoders count samples, and so do not see that packets are missing. */
  #decoding: number[] = [];
  #targetMs = SOUND_DELAY.leastMs;
  #report = SILENT;
  #reportedMs = 0;
  /** Sum of what was heard, in the unit of `totalAudioEnergy` (webrtc-stats): seconds. */
  energy = 0;

  constructor(mid: string, sound: SoundContext) {
    this.mid = mid;
    this.#destination = new MediaStreamAudioDestinationNode(sound.context, { channelCount: 1 });
    const [track] = this.#destination.stream.getAudioTracks();
    if (track === undefined) throw new Error('sound cannot be made a track here');
    this.track = track;
    sound.ready.then(
      () => this.#play(sound),
      () => undefined,
    );
  }

  get reception(): Reception | undefined {
    return this.#reception;
  }

  get playout(): PlayoutReport {
    return this.#report;
  }

  get targetMs(): number {
    return this.#targetMs;
  }

  /** Local time minus media time of what is heard; undefined while it is silent. */
  get offsetMs(): number | undefined {
    return this.#report.mediaMs === undefined ? undefined : this.#reportedMs - this.#report.mediaMs;
  }

  handlePacket(nowMs: number, packet: RtpPacket, bytes: number): void {
    this.#reception ??= new Reception(packet.ssrc, SAMPLE_RATE);
    const { sequence, time } = this.#reception.handlePacket(nowMs, packet.sequenceNumber, packet.timestamp, bytes);
    const mediaMs = this.clock.toMs(time);
    this.#spread.handleArrival(nowMs, mediaMs);
    for (const each of this.#order.push(nowMs, sequence, { payload: packet.payload, mediaMs }))
      this.#decode(each.packet);
  }

  poll(nowMs: number): void {
    for (const { packet } of this.#order.poll(nowMs)) this.#decode(packet);
    if (Math.abs(this.#spread.delayMs - this.#targetMs) < TARGET_STEP_MS) return;
    this.#targetMs = this.#spread.delayMs;
    this.#tell({ targetMs: this.#targetMs });
  }

  close(): void {
    if (this.#decoder?.state === 'configured') this.#decoder.close();
    this.#tell('close');
    this.#player?.disconnect();
    this.track.stop();
  }

  #play({ context }: SoundContext): void {
    const player = new AudioWorkletNode(context, 'zonecast-playout', {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { targetMs: this.#targetMs },
    });
    player.port.onmessage = ({ data }: MessageEvent<PlayoutReport>) => {
      const nowMs = performance.now();
      if (this.#reportedMs > 0) this.energy += (data.energy * (nowMs - this.#reportedMs)) / 1000;
      this.#report = data;
      this.#reportedMs = nowMs;
    };
    player.connect(this.#destination);
    this.#player = player;
  }

  #decode({ payload, mediaMs }: { payload: Uint8Array; mediaMs: number }): void {
    if (payload.length === 0) return;
    const decoder = this.#opus();
    this.#decoding.push(mediaMs);
    decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: Math.round(mediaMs * 1000), data: payload }));
  }

  #opus(): AudioDecoder {
    if (this.#decoder?.state === 'configured') return this.#decoder;
    const decoder = new AudioDecoder({
      output: (sound) => this.#hear(sound),
      // The next packet gets a new decoder.
      error: () => undefined,
    });
    // RFC 7587 section 7: always two channels, whatever the stream holds.
    decoder.configure({ codec: 'opus', sampleRate: SAMPLE_RATE, numberOfChannels: 2 });
    this.#decoder = decoder;
    this.#decoding = [];
    return decoder;
  }

  #hear(sound: AudioData): void {
    const samples = new Float32Array(sound.numberOfFrames);
    const channel = new Float32Array(sound.numberOfFrames);
    for (let planeIndex = 0; planeIndex < sound.numberOfChannels; planeIndex++) {
      sound.copyTo(channel, { planeIndex, format: 'f32-planar' });
      for (const [i, sample] of channel.entries()) samples[i] = (samples[i] ?? 0) + sample / sound.numberOfChannels;
    }
    sound.close();
    const mediaMs = this.#decoding.shift();
    if (mediaMs === undefined) return;
    this.#tell({ samples, mediaMs }, samples.buffer);
  }

  #tell(order: PlayoutOrder, ...transfer: ArrayBuffer[]): void {
    this.#player?.port.postMessage(order, transfer);
  }
}
