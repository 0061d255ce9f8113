/**
 * One connection to one router by a tunnel: an RTP endpoint in this page. The tunnel holds ICE and DTLS-SRTP toward the router for it; sound
 * and pictures are encoded and decoded here, and RTCP is ours, so that the router sees the whole way up to this page.
 */
import type { EncodingEntry, SourceKind } from '../../proto/signalling.ts';
import type { MediaConnectionState, MediaOptions, Slot } from '../sdk/media-connection.ts';
import type { MediaWay, Prospect } from '../sdk/media-way.ts';
import { SlotContents } from '../sdk/slot-contents.ts';
import { AudioSlot } from './browser/audio-slot.ts';
import { IncomingMedia } from './browser/incoming-media.ts';
import { decodableCodecs } from './browser/media-apis.ts';
import { OutgoingMedia, SOURCE_MIDS } from './browser/outgoing-media.ts';
import { SoundContext } from './browser/sound-context.ts';
import { describeConnection } from './browser/tunnel-statistics.ts';
import { VideoSlot } from './browser/video-slot.ts';
import type { Leg } from './leg.ts';
import { RtcpTimes } from './rtcp-times.ts';
import { writeReports } from './rtp/reports.ts';
import { RoundTrip } from './rtp/round-trip.ts';
import { type RtcpMessage, readRtcp } from './rtp/rtcp-reader.ts';
import { isRtcp, readRtp } from './rtp/rtp-packet.ts';
import { readAnswer } from './sdp/answer.ts';
import { type OfferedLine, OPUS, VIDEO_CODECS, writeOffer } from './sdp/offer.ts';

/** Between two looks at what time brings; packets that arrive look as well, for timers of hidden pages sleep. */
const LOOK_MS = 40;
const SOURCES = ['microphone', 'camera', 'screen'] as const;

export class TunnelMediaConnection implements MediaWay {
  readonly contents = new SlotContents();
  readonly prospect: Prospect = 'unknown';
  readonly #leg: Leg;
  readonly #onState: (state: MediaConnectionState) => void;
  readonly #sound = new SoundContext();
  readonly #incoming: IncomingMedia;
  readonly #outgoing: OutgoingMedia;
  readonly #roundTrip = new RoundTrip();
  readonly #times = new RtcpTimes();
  readonly #cname = crypto.randomUUID();
  readonly #waiting = new Set<() => void>();
  readonly #timer: number;
  #received = 0;
  #isOffered = false;
  #isClosed = false;

  constructor(leg: Leg, options: MediaOptions) {
    this.#leg = leg;
    this.#onState = options.onState;
    const { audioSlots, videoSlots, publish, track } = options;
    const midOf = (index: number) => String(SOURCES.length + index);
    this.#incoming = new IncomingMedia(
      [
        ...Array.from({ length: audioSlots }, (_, i) => new AudioSlot(midOf(i), this.#sound)),
        ...Array.from({ length: videoSlots }, (_, i) => new VideoSlot(midOf(audioSlots + i))),
      ],
      this.contents,
    );
    this.#outgoing = new OutgoingMedia({
      publish,
      track,
      sound: this.#sound,
      send: (packet) => leg.send(packet),
      carrier: leg.carrier,
    });
    leg.onPacket = (packet) => this.#handlePacket(packet);
    leg.onState = () => this.#handleState();
    this.#timer = window.setInterval(() => this.#look(performance.now()), LOOK_MS);
  }

  async offer(): Promise<{ offer: string; sources: Record<string, SourceKind> }> {
    const [credentials, names] = await Promise.all([this.#leg.open(), decodableCodecs()]);
    const video = names.map((name) => VIDEO_CODECS[name]);
    const slots = this.#incoming.slots.map(({ mid, kind }): OfferedLine => {
      return { mid, kind, direction: 'recvonly', codecs: kind === 'audio' ? [OPUS] : video };
    });
    const sessionId = String(Math.floor(Math.random() * 2 ** 52));
    const offer = writeOffer([...this.#outgoing.lines(), ...slots], credentials, sessionId, this.#cname);
    this.#isOffered = true;
    return { offer, sources: Object.fromEntries(SOURCES.map((kind) => [SOURCE_MIDS[kind], kind])) };
  }

  async accept(answer: string): Promise<void> {
    const { transport, candidates, lines } = readAnswer(answer);
    const ssrcs = lines.flatMap(({ mid, ssrc }) => (ssrc === undefined ? [] : [[mid, ssrc] as const]));
    this.#incoming.accept(new Map(ssrcs));
    this.#leg.connect(candidates, transport);
    await this.#outgoing.start(lines);
  }

  get state(): MediaConnectionState {
    switch (this.#leg.state) {
      case 'connecting':
        return 'connecting';
      case 'connected':
        return this.#leg.isInterrupted ? 'interrupted' : 'connected';
      default:
        return 'failed';
    }
  }

  get isUp(): boolean {
    return this.state === 'connected' || this.state === 'interrupted';
  }

  async received(): Promise<number> {
    return this.#received;
  }

  connected(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (result: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(result);
      };
      const look = () => {
        if (this.state === 'connected') end(true);
        else if (this.state === 'failed') end(false);
      };
      const timer = window.setTimeout(() => end(false), withinMs);
      this.#waiting.add(look);
      look();
    });
  }

  async isShowing(others: SlotContents): Promise<boolean> {
    return others.pictures.every(([, { participant, kind }]) => {
      const mid = this.contents.slotOf(participant, kind);
      return this.#incoming.slots.some((slot) => slot.mid === mid && slot.kind === 'video' && slot.framesDecoded > 0);
    });
  }

  async send(kind: SourceKind, track: MediaStreamTrack | undefined): Promise<void> {
    await this.#outgoing.use(kind, track);
  }

  async setDemand(kind: SourceKind, demand: readonly EncodingEntry[]): Promise<void> {
    this.#outgoing.setDemand(kind, demand);
  }

  demandOf(kind: SourceKind, rid: string): EncodingEntry | undefined {
    return this.#outgoing.demandOf(kind, rid);
  }

  slots(): Map<string, Slot> {
    return new Map(this.#isOffered ? this.#incoming.slots.map((slot) => [slot.mid, slot]) : []);
  }

  sourceMid(kind: SourceKind): string | undefined {
    return this.#isOffered ? SOURCE_MIDS[kind] : undefined;
  }

  async statistics(): Promise<Iterable<[string, unknown]>> {
    return describeConnection(this.#incoming, this.#outgoing, this.#roundTrip.ms);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#outgoing.close();
    this.#incoming.close();
    this.#sound.close();
    this.#leg.close();
  }

  #handleState(): void {
    for (const look of [...this.#waiting]) look();
    this.#onState(this.state);
  }

  #handlePacket(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const nowMs = performance.now();
    this.#received += bytes.length;
    if (isRtcp(bytes)) {
      for (const message of readRtcp(bytes) ?? []) this.#handleRtcp(nowMs, message);
    } else {
      const packet = readRtp(bytes);
      if (packet !== undefined) this.#incoming.handlePacket(nowMs, packet, bytes.length);
    }
    this.#look(nowMs);
  }

  #handleRtcp(nowMs: number, message: RtcpMessage): void {
    switch (message.type) {
      case 'senderReport':
        this.#incoming.handleSenderReport(nowMs, message);
        break;
      case 'keyFrame':
        this.#outgoing.handleKeyFrameRequest(message.ssrc);
        break;
      case 'remb':
        this.#outgoing.estimate.handleRemb(message.bitrateBps);
        break;
    }
    if (!('blocks' in message)) return;
    for (const block of message.blocks) {
      this.#outgoing.reports.set(block.ssrc, block);
      this.#roundTrip.handleBlock(performance.timeOrigin + nowMs, block);
    }
  }

  #look(nowMs: number): void {
    if (this.#isClosed || this.#leg.state !== 'connected') return;
    const { isLook, isReport } = this.#times.due(nowMs);
    const { ssrc } = this.#outgoing.microphone;
    if (isReport) {
      const blocks = this.#incoming.takeBlocks(nowMs);
      const streams = this.#outgoing.streams();
      for (const packet of writeReports(nowMs, performance.timeOrigin, streams, blocks, this.#cname))
        this.#leg.send(packet);
    }
    if (!isLook) return;
    for (const request of this.#incoming.poll(nowMs, ssrc)) this.#leg.send(request);
    this.#outgoing.poll(nowMs);
  }
}
