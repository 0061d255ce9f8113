/**
 * The media side of a headless participant: one peer connection of node-datachannel (libdatachannel, an implementation
 * of WebRTC that shares nothing with the router), send-only tracks for sources and receive-only tracks for slots.
 */
import {
  Audio,
  PeerConnection,
  RtcpNackResponder,
  RtcpReceivingSession,
  RtcpSrReporter,
  RtpPacketizationConfig,
  type Track,
  Video,
} from 'node-datachannel';
import type { SourceKind } from '../../proto/signalling.ts';
import { type FrameSource, OpusSilenceSource, Vp8StillSource } from './frame-sources.ts';
import type { Reception } from './reception.ts';
import { RtpSender } from './rtp-sender.ts';
import { type SlotCounters, SlotReceiver } from './slot-receiver.ts';

const OPUS_PAYLOAD_TYPE = 111;
const VP8_PAYLOAD_TYPE = 96;
const MID_EXTENSION = { id: 4, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' };
const AUDIO_LEVEL_EXTENSION = { id: 1, uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' };
const TICK_MS = 10;

export interface HeadlessMediaOptions {
  readonly name: string;
  /** What is sent; default microphone and camera. */
  readonly publish?: readonly SourceKind[];
  readonly audioSlots: number;
  readonly videoSlots: number;
  /** Least size of a video frame; 0 = that of the still picture (2180 bytes for key frames, 20 between them). */
  readonly videoFrameBytes?: number;
  /** Local address to bind; all by default. */
  readonly bindAddress?: string;
  /** Told of every RTP packet that arrives. */
  readonly reception?: Reception;
}

export type MediaState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

interface Source {
  readonly kind: SourceKind;
  readonly mid: string;
  readonly ssrc: number;
  readonly sender: RtpSender;
}

export class HeadlessMedia {
  readonly #peer: PeerConnection;
  readonly #options: HeadlessMediaOptions;
  readonly #sources: Source[] = [];
  readonly #slots: SlotReceiver[] = [];
  /** The binding drops callbacks of tracks that are collected. */
  readonly #tracks: Track[] = [];
  readonly #onState: (state: MediaState) => void;
  #ticker: NodeJS.Timeout | undefined;
  #state: MediaState = 'new';
  keyframeRequests = 0;
  #received = 0;

  constructor(options: HeadlessMediaOptions, onState: (state: MediaState) => void = () => {}) {
    this.#options = options;
    this.#onState = onState;
    this.#peer = new PeerConnection(options.name, {
      iceServers: [],
      disableAutoNegotiation: true,
      forceMediaTransport: true,
      ...(options.bindAddress === undefined ? {} : { bindAddress: options.bindAddress }),
    });
    this.#peer.onStateChange((state) => this.#handleState(state as MediaState)); // The binding names these states.
    for (const kind of options.publish ?? ['microphone', 'camera']) this.#addSource(kind, this.#nextMid());
    for (let i = 0; i < options.audioSlots; i++) this.addSlot('audio');
    for (let i = 0; i < options.videoSlots; i++) this.addSlot('video');
  }

  get state(): MediaState {
    return this.#state;
  }

  /** Whether anything can be expected to arrive. The binding keeps most reports to itself: before media comes, nothing. */
  get isUp(): boolean {
    return this.#received > 0 && (this.#state === 'connected' || this.#state === 'disconnected');
  }

  /** Packets that the binding lets through: media, and some RTCP. */
  received(): number {
    return this.#received;
  }

  /** The SSRC of a source, as sent; undefined when it is not published. */
  ssrcOf(kind: SourceKind): number | undefined {
    return this.#sources.find((source) => source.kind === kind)?.ssrc;
  }

  /** The offer, and what each of its send-only m-lines carries. */
  createOffer(): { readonly offer: string; readonly sources: Record<string, SourceKind> } {
    this.#peer.setLocalDescription('offer');
    const description = this.#peer.localDescription();
    if (description === null) throw new Error('node-datachannel made no offer');
    const sources = Object.fromEntries(this.#sources.map(({ mid, kind }) => [mid, kind]));
    return { offer: description.sdp, sources };
  }

  acceptAnswer(answer: string): void {
    this.#peer.setRemoteDescription(answer, 'answer');
  }

  /** A muted source sends nothing. */
  setMuted(kind: SourceKind, muted: boolean): void {
    for (const source of this.#sources) if (source.kind === kind) source.sender.muted = muted;
  }

  /** RFC 6464: 0 is loudest, 127 silence. */
  setAudioLevel(level: number): void {
    for (const source of this.#sources) if (source.kind === 'microphone') source.sender.audioLevel = level;
  }

  sent(): readonly { kind: SourceKind; packets: number; frames: number; refused: number; keyframes: number }[] {
    return this.#sources.map(({ kind, sender }) => ({
      kind,
      packets: sender.packets,
      frames: sender.frames,
      refused: sender.refused,
      keyframes: sender.source.keyframes,
    }));
  }

  slots(): readonly SlotCounters[] {
    return this.#slots.map((slot) => slot.counters());
  }

  /** Asks for a key frame in every video slot (PLI). */
  requestKeyframes(): void {
    for (const track of this.#tracks) {
      if (track.direction() === 'RecvOnly' && track.type() === 'video') track.requestKeyframe();
    }
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#peer.close();
  }

  #handleState(state: MediaState): void {
    this.#state = state;
    if (state === 'connected' && this.#ticker === undefined) {
      this.#ticker = setInterval(() => {
        const nowMs = performance.now();
        for (const { sender } of this.#sources) sender.handleTick(nowMs);
      }, TICK_MS);
    }
    this.#onState(state);
  }

  #nextMid(): string {
    return String(this.#tracks.length);
  }

  #addSource(kind: SourceKind, mid: string): void {
    const ssrc = 1 + Math.floor(Math.random() * (2 ** 32 - 1));
    const isAudio = kind === 'microphone';
    const media = isAudio ? new Audio(mid, 'SendOnly') : new Video(mid, 'SendOnly');
    addCodec(media);
    media.addSSRC(ssrc, 'headless', this.#options.name, kind);
    const track = this.#peer.addTrack(media);
    const payloadType = isAudio ? OPUS_PAYLOAD_TYPE : VP8_PAYLOAD_TYPE;
    const config = new RtpPacketizationConfig(ssrc, 'headless', payloadType, isAudio ? 48_000 : 90_000);
    const reporter = new RtcpSrReporter(config);
    reporter.addToChain(new RtcpNackResponder());
    track.setMediaHandler(reporter);
    const source: FrameSource = isAudio ? new OpusSilenceSource() : new Vp8StillSource(this.#options.videoFrameBytes);
    const sender = new RtpSender({
      source,
      payloadType,
      ssrc,
      mid: { id: MID_EXTENSION.id, value: mid },
      audioLevelId: isAudio ? AUDIO_LEVEL_EXTENSION.id : undefined,
      send: (packet) => {
        config.timestamp = packet.readUInt32BE(4);
        return track.isOpen() && track.sendMessageBinary(packet);
      },
    });
    track.onMessage((message) => {
      this.#received++;
      if (!requestsKeyframe(message, ssrc)) return;
      this.keyframeRequests++;
      source.requestKeyframe();
    });
    this.#tracks.push(track);
    this.#sources.push({ kind, mid, ssrc, sender });
  }

  /** One more slot; a further offer must follow. */
  addSlot(kind: 'audio' | 'video'): void {
    const mid = this.#nextMid();
    const media = kind === 'audio' ? new Audio(mid, 'RecvOnly') : new Video(mid, 'RecvOnly');
    addCodec(media);
    const track = this.#peer.addTrack(media);
    // Answers sender reports with receiver reports, and can send PLI.
    track.setMediaHandler(new RtcpReceivingSession());
    const receiver = new SlotReceiver(mid, (payloadType) => payloadType === VP8_PAYLOAD_TYPE);
    track.onMessage((message) => {
      this.#received++;
      if (isRtcp(message)) return;
      const nowMs = performance.now();
      receiver.handleRtp(nowMs, message);
      this.#options.reception?.handlePacket(nowMs, kind);
    });
    this.#tracks.push(track);
    this.#slots.push(receiver);
  }
}

function addCodec(media: Audio | Video): void {
  if ('addOpusCodec' in media) {
    media.addOpusCodec(OPUS_PAYLOAD_TYPE);
    media.parseSdpLine(`a=extmap:${AUDIO_LEVEL_EXTENSION.id} ${AUDIO_LEVEL_EXTENSION.uri}`);
  } else {
    media.addVP8Codec(VP8_PAYLOAD_TYPE);
  }
  media.parseSdpLine(`a=extmap:${MID_EXTENSION.id} ${MID_EXTENSION.uri}`);
}

/** RFC 5761 section 4. */
function isRtcp(message: Buffer): boolean {
  const type = message[1] ?? 0;
  return type >= 192 && type <= 223;
}

/** Whether a compound RTCP packet holds a PLI (RFC 4585 section 6.3.1) or FIR (RFC 5104 section 4.3.1) for `ssrc`. */
export function requestsKeyframe(compound: Buffer, ssrc: number): boolean {
  for (let at = 0; at + 12 <= compound.length; ) {
    const sizeBytes = (compound.readUInt16BE(at + 2) + 1) * 4;
    if (at + sizeBytes > compound.length) return false;
    const format = compound.readUInt8(at) & 0x1f;
    if (compound.readUInt8(at + 1) === 206) {
      if (format === 1 && compound.readUInt32BE(at + 8) === ssrc) return true;
      if (format === 4 && sizeBytes >= 20 && compound.readUInt32BE(at + 12) === ssrc) return true;
    }
    at += sizeBytes;
  }
  return false;
}
