/** Microphone, camera and screen of one connection: as much of them as the way takes. */
import type { EncodingEntry, SourceKind } from '../../../proto/signalling.ts';
import type { PublishOptions } from '../../sdk/encoding-plan.ts';
import type { ReportBlock } from '../rtp/rtcp-reader.ts';
import type { AnsweredLine } from '../sdp/answer.ts';
import { ExtensionId, type OfferedLine, OPUS, VIDEO_CODECS } from '../sdp/offer.ts';
import { audioLevelByte } from '../send/audio-level.ts';
import { planBitrates } from '../send/bitrate-plan.ts';
import { RtpStream } from '../send/rtp-stream.ts';
import { type SendCarrier, SendPath } from '../send/send-path.ts';
import type { UplinkEstimate } from '../send/uplink-estimate.ts';
import { type EncodedSound, MicrophoneSender } from './microphone-sender.ts';
import type { SoundContext } from './sound-context.ts';
import { VideoEncoding } from './video-encoding.ts';
import { VideoSource } from './video-source.ts';

export interface OutgoingOptions {
  readonly publish: PublishOptions;
  readonly sound: SoundContext;
  readonly track: (kind: SourceKind) => MediaStreamTrack | undefined;
  readonly send: (packet: Uint8Array) => void;
  readonly carrier: SendCarrier;
}

/** M-lines of our own sources, in the order of the offer. */
export const SOURCE_MIDS: Readonly<Record<SourceKind, string>> = { microphone: '0', camera: '1', screen: '2' };
const MICROPHONE_BPS = 40_000;

export class OutgoingMedia {
  readonly microphone: RtpStream;
  readonly videos: readonly VideoSource[];
  /** By SSRC, what the router says of our streams. */
  readonly reports = new Map<number, ReportBlock>();
  readonly #options: OutgoingOptions;
  readonly #sender: MicrophoneSender;
  readonly #path: SendPath;
  readonly #encoder = new TextEncoder();
  readonly #tracks = new Map<SourceKind, MediaStreamTrack>();
  #isOn = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.#path = new SendPath(options.carrier, options.send);
    this.microphone = this.#newStream('microphone', OPUS.payloadType, 48_000, '');
    this.#sender = new MicrophoneSender(options.sound, MICROPHONE_BPS, (sound) => this.#sendSound(sound));
    this.videos = (['camera', 'screen'] as const).map((kind) => this.#newSource(kind));
    for (const kind of ['microphone', 'camera', 'screen'] as const) {
      const track = options.track(kind);
      if (track !== undefined) this.#tracks.set(kind, track);
    }
  }

  get estimate(): UplinkEstimate {
    return this.#path.estimate;
  }

  lines(): OfferedLine[] {
    const microphone: OfferedLine = {
      mid: SOURCE_MIDS.microphone,
      kind: 'audio',
      direction: 'sendonly',
      codecs: [OPUS],
      ssrc: this.microphone.ssrc,
    };
    const videos = this.videos.map(({ kind, rids, encodings }): OfferedLine => {
      const line = {
        mid: SOURCE_MIDS[kind],
        kind: 'video',
        direction: 'sendonly',
        codecs: [VIDEO_CODECS.VP8],
      } as const;
      const ssrc = encodings[0]?.stream.ssrc;
      return rids.length > 1 || ssrc === undefined ? { ...line, rids } : { ...line, ssrc };
    });
    return [microphone, ...videos];
  }

  /** From now on something is sent of what the answer takes. */
  async start(lines: readonly AnsweredLine[]): Promise<void> {
    const takes = (kind: SourceKind) => lines.some(({ mid, isTaken }) => mid === SOURCE_MIDS[kind] && isTaken);
    const videos = this.videos.filter(({ kind }) => takes(kind));
    await Promise.all(videos.flatMap(({ encodings }) => encodings.map((encoding) => encoding.prepare())));
    this.#isOn = true;
    for (const video of videos) video.use(this.#tracks.get(video.kind));
    if (takes('microphone')) await this.#sender.use(this.#tracks.get('microphone'));
  }

  /** Sends a track from now on, or nothing. */
  async use(kind: SourceKind, track: MediaStreamTrack | undefined): Promise<void> {
    if (track === undefined) this.#tracks.delete(kind);
    else this.#tracks.set(kind, track);
    if (!this.#isOn) return;
    if (kind === 'microphone') await this.#sender.use(track);
    else this.#videoOf(kind)?.use(track);
  }

  setDemand(kind: SourceKind, demand: readonly EncodingEntry[]): void {
    const video = this.#videoOf(kind);
    if (video !== undefined) video.demand = demand;
  }

  demandOf(kind: SourceKind, rid: string): EncodingEntry | undefined {
    return this.#videoOf(kind)?.demandOf(rid);
  }

  handleKeyFrameRequest(ssrc: number): void {
    for (const { encodings } of this.videos) {
      for (const encoding of encodings) if (encoding.stream.ssrc === ssrc) encoding.requestKeyFrame();
    }
  }

  /** Divides what the way takes now. Screens come before faces, and each in its smaller form before the larger ones. */
  poll(nowMs: number): void {
    const uplinkBps = this.#path.poll(nowMs);
    const order = this.videos
      .flatMap((video) => video.plan().map((planned, index) => ({ video, index, planned })))
      .sort((a, b) => a.index - b.index || Number(b.video.kind === 'screen') - Number(a.video.kind === 'screen'));
    const wasSent = order.map(({ video, index }) => video.encodings[index]?.isActive ?? false);
    const bitratesBps = planBitrates(
      uplinkBps,
      order.map(({ planned }) => planned),
      wasSent,
    );
    for (const video of this.videos) {
      const own: number[] = [];
      for (const [i, { video: owner, index }] of order.entries()) if (owner === video) own[index] = bitratesBps[i] ?? 0;
      video.apply(own);
    }
  }

  streams(): RtpStream[] {
    return [this.microphone, ...this.videos.flatMap(({ encodings }) => encodings.map(({ stream }) => stream))];
  }

  close(): void {
    this.#isOn = false;
    this.#sender.close();
    for (const video of this.videos) video.close();
  }

  #videoOf(kind: SourceKind): VideoSource | undefined {
    return this.videos.find((video) => video.kind === kind);
  }

  #newSource(kind: 'camera' | 'screen'): VideoSource {
    const { publish, track } = this.#options;
    const source = new VideoSource(kind, track(kind), publish, () => this.#path.isFull(performance.now()));
    source.encodings = source.rids.map((rid) => {
      const stream = this.#newStream(kind, VIDEO_CODECS.VP8.payloadType, 90_000, rid);
      return new VideoEncoding(kind, rid, stream, (packet) => {
        if (this.#isOn) this.#path.pushPicture(performance.now(), packet);
      });
    });
    return source;
  }

  #newStream(kind: SourceKind, payloadType: number, clockRateHz: number, rid: string): RtpStream {
    const text = (value: string) => this.#encoder.encode(value);
    const extensions: [number, Uint8Array][] = [[ExtensionId.mid, text(SOURCE_MIDS[kind])]];
    if (rid !== '') extensions.push([ExtensionId.rid, text(rid)]);
    const ssrc = 1 + Math.floor(Math.random() * (2 ** 32 - 1));
    return new RtpStream({ ssrc, payloadType, clockRateHz, extensions, random: Math.random() });
  }

  #sendSound({ data, capturedMs, level }: EncodedSound): void {
    if (!this.#isOn) return;
    const levelElement = [ExtensionId.audioLevel, audioLevelByte(level)] as const;
    this.#path.sendSound(performance.now(), () => this.microphone.next(capturedMs, data, false, [levelElement]));
  }
}
