/**
 * One RTCPeerConnection for the whole stay: three send-only m-lines (microphone, camera, screen) and the slots, offered
 * once. Who is heard and seen in a slot is the server's business and needs no further negotiation.
 */

import type { SourceKind } from '../../proto/signalling.ts';
import type { MediaKind } from './media-kind.ts';
import type { VideoCodec } from './video-codec.ts';
import { preferCodec } from './video-codec.ts';

export interface MediaOptions {
  codec: VideoCodec;
  audioSlots: number;
  videoSlots: number;
  track: (kind: SourceKind) => MediaStreamTrack | undefined;
  onState: (state: MediaConnectionState) => void;
}

/** `interrupted` may still heal by itself; `failed` does not. */
export type MediaConnectionState = 'connecting' | 'connected' | 'interrupted' | 'failed';

export interface Slot {
  readonly kind: MediaKind;
  /** One and the same for the whole stay, whoever is in it. */
  readonly track: MediaStreamTrack;
}

const CAMERA_BITRATE_BPS = 800_000;
const SCREEN_BITRATE_BPS = 2_500_000;
const MICROPHONE_BITRATE_BPS = 40_000;

export class MediaConnection {
  readonly peer: RTCPeerConnection;
  readonly #senders: Record<SourceKind, RTCRtpTransceiver>;
  readonly #slots: readonly { kind: MediaKind; transceiver: RTCRtpTransceiver }[];

  constructor(options: MediaOptions) {
    this.peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
    this.#senders = {
      microphone: this.#addSource('audio', options.track('microphone'), MICROPHONE_BITRATE_BPS),
      camera: this.#addSource('video', options.track('camera'), CAMERA_BITRATE_BPS),
      screen: this.#addSource('video', options.track('screen'), SCREEN_BITRATE_BPS),
    };
    preferVideoCodec(this.#senders.camera, options.codec);
    preferVideoCodec(this.#senders.screen, options.codec);
    this.#slots = [
      ...Array.from({ length: options.audioSlots }, () => this.#addSlot('audio')),
      ...Array.from({ length: options.videoSlots }, () => this.#addSlot('video')),
    ];
    const report = () => options.onState(stateOf(this.peer));
    this.peer.addEventListener('connectionstatechange', report);
    this.peer.addEventListener('iceconnectionstatechange', report);
  }

  /** The router is ICE-lite and learns our addresses from our checks, so the offer leaves at once, without candidates. */
  async offer(): Promise<{ offer: string; sources: Record<string, SourceKind> }> {
    await this.peer.setLocalDescription(await this.peer.createOffer());
    const sources: Record<string, SourceKind> = {};
    for (const kind of ['microphone', 'camera', 'screen'] as const) {
      const { mid } = this.#senders[kind];
      if (mid !== null) sources[mid] = kind;
    }
    return { offer: this.peer.localDescription?.sdp ?? '', sources };
  }

  async accept(answer: string): Promise<void> {
    await this.peer.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** Sends a track from now on, or nothing. */
  async send(kind: SourceKind, track: MediaStreamTrack | undefined): Promise<void> {
    await this.#senders[kind].sender.replaceTrack(track ?? null);
  }

  /** Slots by mid. Empty before the offer was made. */
  slots(): Map<string, Slot> {
    const slots = new Map<string, Slot>();
    for (const { kind, transceiver } of this.#slots) {
      if (transceiver.mid !== null) slots.set(transceiver.mid, { kind, track: transceiver.receiver.track });
    }
    return slots;
  }

  /** The m-line that carries a source of our own. */
  sourceMid(kind: SourceKind): string | undefined {
    return this.#senders[kind].mid ?? undefined;
  }

  close(): void {
    this.peer.close();
  }

  #addSource(kind: MediaKind, track: MediaStreamTrack | undefined, maxBitrate: number): RTCRtpTransceiver {
    return this.peer.addTransceiver(track ?? kind, { direction: 'sendonly', sendEncodings: [{ maxBitrate }] });
  }

  #addSlot(kind: MediaKind): { kind: MediaKind; transceiver: RTCRtpTransceiver } {
    return { kind, transceiver: this.peer.addTransceiver(kind, { direction: 'recvonly' }) };
  }
}

function preferVideoCodec(transceiver: RTCRtpTransceiver, codec: VideoCodec): void {
  const codecs = RTCRtpSender.getCapabilities('video')?.codecs;
  if (codecs === undefined) return;
  transceiver.setCodecPreferences(preferCodec(codecs, codec));
}

function stateOf(peer: RTCPeerConnection): MediaConnectionState {
  if (peer.connectionState === 'failed' || peer.connectionState === 'closed') return 'failed';
  if (peer.iceConnectionState === 'failed') return 'failed';
  if (peer.iceConnectionState === 'disconnected') return 'interrupted';
  return peer.connectionState === 'connected' ? 'connected' : 'connecting';
}
