/** Microphone, camera and screen of one connection: as much of them as the way takes. */
import type { EncodingEntry, SourceKind } from '../../../proto/signalling.ts';
import type { PublishOptions } from '../../sdk/encoding-plan.ts';
import { NumberLine } from '../rtp/number-line.ts';
import type { ReportBlock } from '../rtp/rtcp-reader.ts';
import { type RtpPacket, writeRtp } from '../rtp/rtp-packet.ts';
import type { TransportFeedback } from '../rtp/transport-feedback.ts';
import type { AnsweredLine } from '../sdp/answer.ts';
import { ExtensionId, type OfferedLine, OPUS, VIDEO_CODECS } from '../sdp/offer.ts';
import { audioLevelByte } from '../send/audio-level.ts';
import { planBitrates } from '../send/bitrate-plan.ts';
import { PictureQueue } from '../send/picture-queue.ts';
import { RtpStream } from '../send/rtp-stream.ts';
import { UplinkEstimate } from '../send/uplink-estimate.ts';
import { type EncodedSound, MicrophoneSender } from './microphone-sender.ts';
import type { SoundContext } from './sound-context.ts';
import { VideoEncoding } from './video-encoding.ts';
import { VideoSource } from './video-source.ts';

export interface OutgoingOptions {
  readonly publish: PublishOptions;
  readonly sound: SoundContext;
  readonly track: (kind: SourceKind) => MediaStreamTrack | undefined;
  readonly send: (packet: Uint8Array) => void;
  /** Bytes that stand in the carrier now. */
  readonly queuedBytes: () => number;
}

/** M-lines of our own sources, in the order of the offer. */
export const SOURCE_MIDS: Readonly<Record<SourceKind, string>> = { microphone: '0', camera: '1', screen: '2' };
const MICROPHONE_BPS = 40_000;
/** A voice that could not leave for so long is not worth sending: what waits in the carrier. */
const MOST_SOUND_WAIT_MS = 2_000;
/** A picture that would have to wait for so long before it even gets into the carrier is not encoded. */
const MOST_PICTURE_WAIT_MS = 150;

export class OutgoingMedia {
  readonly estimate = new UplinkEstimate();
  readonly microphone: RtpStream;
  readonly videos: readonly VideoSource[];
  /** By SSRC, what the router says of our streams. */
  readonly reports = new Map<number, ReportBlock>();
  /** Pieces of sound that were not sent because the way has stood still for too long. */
  droppedSound = 0;
  readonly #options: OutgoingOptions;
  readonly #sender: MicrophoneSender;
  readonly #pictures: PictureQueue<RtpPacket>;
  readonly #transportLine = new NumberLine(16);
  readonly #encoder = new TextEncoder();
  readonly #tracks = new Map<SourceKind, MediaStreamTrack>();
  #transportNumber = Math.floor(Math.random() * 0x8000);
  #isOn = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.#pictures = new PictureQueue((packet) => this.#send(packet), options.queuedBytes);
    this.microphone = this.#newStream('microphone', OPUS.payloadType, 48_000, '');
    this.#sender = new MicrophoneSender(options.sound, MICROPHONE_BPS, (sound) => this.#sendSound(sound));
    this.videos = (['camera', 'screen'] as const).map((kind) => this.#newSource(kind));
    for (const kind of ['microphone', 'camera', 'screen'] as const) {
      const track = options.track(kind);
      if (track !== undefined) this.#tracks.set(kind, track);
    }
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

  handleFeedback(nowMs: number, { base, arrivalsMs }: TransportFeedback): void {
    const first = this.#transportLine.place(base);
    for (const [i, arrivalMs] of arrivalsMs.entries()) this.estimate.handleArrival(nowMs, first + i, arrivalMs);
  }

  /** Divides what the way takes now. Screens come before faces, and each in its smaller form before the larger ones. */
  poll(nowMs: number): void {
    const uplinkBps = this.estimate.poll(nowMs, this.#options.queuedBytes());
    this.#pictures.poll(uplinkBps);
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
    const isFull = () => this.estimate.isFull || this.#pictures.waitMs(performance.now()) > MOST_PICTURE_WAIT_MS;
    const source = new VideoSource(kind, track(kind), publish, isFull);
    source.encodings = source.rids.map((rid) => {
      const stream = this.#newStream(kind, VIDEO_CODECS.VP8.payloadType, 90_000, rid);
      return new VideoEncoding(kind, rid, stream, (packet) => {
        this.#pictures.push(performance.now(), packet, this.estimate.bitrateBps);
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
    if (this.estimate.carrierMs > MOST_SOUND_WAIT_MS) {
      this.droppedSound++;
      return;
    }
    const levelElement = [ExtensionId.audioLevel, audioLevelByte(level)] as const;
    this.#send(this.microphone.next(capturedMs, data, false, [levelElement]));
  }

  #send(packet: RtpPacket): void {
    if (!this.#isOn) return;
    this.#transportNumber = (this.#transportNumber + 1) & 0xffff;
    const number = Uint8Array.of(this.#transportNumber >>> 8, this.#transportNumber & 0xff);
    const extensions = new Map([...packet.extensions, [ExtensionId.transportNumber, number] as const]);
    const bytes = writeRtp({ ...packet, extensions }, packet.payload);
    this.estimate.handleSent(performance.now(), this.#transportLine.place(this.#transportNumber), bytes.length);
    this.#options.send(bytes);
  }
}
