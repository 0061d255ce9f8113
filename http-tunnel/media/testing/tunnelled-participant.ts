/** Test support: somebody in a meeting by a tunnel, with a still picture and silence, and all the RTCP of a WebRTC client. */
import { OpusSilenceSource, Vp8StillSource } from '../../../client/headless/frame-sources.ts';
import { requestsKeyframe } from '../../../client/headless/headless-media.ts';
import { RtpSender } from '../../../client/headless/rtp-sender.ts';
import { type SlotCounters, SlotReceiver } from '../../../client/headless/slot-receiver.ts';
import { type RtcpMessage, readRtcp } from '../../../client/tunnel/rtp/rtcp-reader.ts';
import { writePictureLoss, writeReceiverReport } from '../../../client/tunnel/rtp/rtcp-writer.ts';
import { isRtcp, readRtp } from '../../../client/tunnel/rtp/rtp-packet.ts';
import { readAnswer } from '../../../client/tunnel/sdp/answer.ts';
import { ExtensionId, type OfferedLine, OPUS, VIDEO_CODECS, writeOffer } from '../../../client/tunnel/sdp/offer.ts';
import type { SourceKind } from '../../../proto/signalling.ts';
import { mediaChannelOf, TUNNEL_PADDING_TYPES, TUNNEL_PAYLOAD_TYPES } from '../../../proto/tunnel.ts';
import type { TestTunnelClient } from './test-client.ts';

const LEG = 0;
const CHANNEL = mediaChannelOf(LEG);
const TICK_MS = 10;
const REPORT_MS = 100;

export interface ParticipantOptions {
  /** Least size of a video frame; 0 = that of the still picture. */
  readonly videoFrameBytes?: number;
}

export class TunnelledParticipant {
  readonly microphone: RtpSender;
  readonly camera: RtpSender;
  readonly rtcp: RtcpMessage[] = [];
  keyframeRequests = 0;
  readonly #client: TestTunnelClient;
  readonly #slots = new Map<number, SlotReceiver>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #ssrcs = [0, 1].map(() => 2 + Math.floor(Math.random() * 2 ** 31));

  constructor(client: TestTunnelClient, { videoFrameBytes = 0 }: ParticipantOptions = {}) {
    this.#client = client;
    const send = (packet: Buffer) => {
      client.sendPacket(CHANNEL, packet);
      return true;
    };
    const [microphone = 0, camera = 0] = this.#ssrcs;
    const mid = (value: string) => ({ id: ExtensionId.mid, value });
    this.microphone = new RtpSender({
      ...{ source: new OpusSilenceSource(), payloadType: TUNNEL_PAYLOAD_TYPES.opus, ssrc: microphone, send },
      ...{ mid: mid('0'), audioLevelId: ExtensionId.audioLevel },
    });
    const picture = new Vp8StillSource(videoFrameBytes);
    this.camera = new RtpSender({
      ...{ source: picture, payloadType: TUNNEL_PAYLOAD_TYPES.VP8, ssrc: camera, send },
      ...{ mid: mid('1'), audioLevelId: undefined },
    });
    client.onPacket = (_channel, packet) => this.#handlePacket(packet, picture);
  }

  get ssrcOfMicrophone(): number {
    return this.#ssrcs[0] as number;
  }

  async offer(): Promise<{ offer: string; sources: Record<string, SourceKind> }> {
    this.#client.request({ type: 'open', leg: LEG });
    const credentials = await this.#client.newsOf('opened');
    const [microphone = 0, camera = 0] = this.#ssrcs;
    const audio = { kind: 'audio', codecs: [OPUS] } as const;
    const video = { kind: 'video', codecs: [VIDEO_CODECS.VP8] } as const;
    const lines: OfferedLine[] = [
      { ...audio, mid: '0', direction: 'sendonly', ssrc: microphone },
      { ...video, mid: '1', direction: 'sendonly', ssrc: camera },
      { ...audio, mid: '2', direction: 'recvonly' },
      { ...video, mid: '3', direction: 'recvonly' },
    ];
    return { offer: writeOffer(lines, credentials, '1', 'tunnelled'), sources: { 0: 'microphone', 1: 'camera' } };
  }

  /** Resolves when the leg is connected; media goes both ways from then on. */
  async accept(sdp: string): Promise<void> {
    const { transport, candidates, lines } = readAnswer(sdp);
    for (const { mid, ssrc } of lines) {
      if (ssrc !== undefined) this.#slots.set(ssrc, new SlotReceiver(mid, (type) => type === TUNNEL_PAYLOAD_TYPES.VP8));
    }
    this.#client.request({ type: 'connect', leg: LEG, candidates: [...candidates], ...transport });
    const { state, reason } = await this.#client.newsOf('legState', (news) => news.state !== 'connecting');
    if (state !== 'connected') throw new Error(`${state}: ${reason}`);
    const tick = () => {
      for (const sender of [this.microphone, this.camera]) sender.handleTick(performance.now());
    };
    this.#timers.push(
      setInterval(tick, TICK_MS),
      setInterval(() => this.#report(), REPORT_MS),
    );
  }

  slots(): SlotCounters[] {
    return [...this.#slots.values()].map((slot) => slot.counters());
  }

  /** PLI for every picture that is received. */
  requestKeyframes(): void {
    const own = this.ssrcOfMicrophone;
    for (const ssrc of this.#slots.keys()) this.#client.sendPacket(CHANNEL, writePictureLoss(own, ssrc));
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #report(): void {
    const own = this.ssrcOfMicrophone;
    this.#client.sendPacket(CHANNEL, writeReceiverReport(own, []));
  }

  #handlePacket(bytes: Buffer, picture: Vp8StillSource): void {
    const nowMs = performance.now();
    if (isRtcp(bytes)) {
      const [, camera = 0] = this.#ssrcs;
      if (requestsKeyframe(bytes, camera)) {
        this.keyframeRequests++;
        picture.requestKeyframe();
      }
      const read = readRtcp(bytes);
      if (read === undefined) throw new Error('malformed RTCP from the router');
      this.rtcp.push(...read);
      return;
    }
    const packet = readRtp(bytes);
    if (packet === undefined) throw new Error('malformed RTP from the router');
    if (TUNNEL_PADDING_TYPES.includes(packet.payloadType)) return;
    const slot = this.#slots.get(packet.ssrc);
    if (slot === undefined) throw new Error('a stream that the answer does not name');
    slot.handleRtp(nowMs, bytes);
  }
}
