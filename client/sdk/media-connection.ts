/**
 * One RTCPeerConnection to one router: three send-only m-lines (microphone, camera, screen) and the slots, offered once.
 * Who is heard and seen in a slot is the server's business and needs no further negotiation.
 */

import type { EncodingEntry, SourceKind } from '../../proto/signalling.ts';
import { codecPreferences } from './codec-preferences.ts';
import type { PublishOptions } from './encoding-plan.ts';
import { receiveDependencyDescriptor } from './header-extensions.ts';
import type { MediaKind } from './media-kind.ts';
import type { MediaWay, Prospect } from './media-way.ts';
import { SlotContents } from './slot-contents.ts';
import { SourceSender } from './source-sender.ts';

export interface MediaOptions {
  publish: PublishOptions;
  audioSlots: number;
  videoSlots: number;
  track: (kind: SourceKind) => MediaStreamTrack | undefined;
  onState: (state: MediaConnectionState) => void;
}

/** `interrupted` may still heal by itself; `failed` does not. */
export type MediaConnectionState = 'connecting' | 'connected' | 'interrupted' | 'failed';

export interface Slot {
  readonly kind: MediaKind;
  /** One and the same as long as the connection lives, whoever is in the slot. */
  readonly track: MediaStreamTrack;
}

export class MediaConnection implements MediaWay {
  readonly #peer: RTCPeerConnection;
  /** What the slots carry now, as the server says. */
  readonly contents = new SlotContents();
  #prospect: Prospect = 'unknown';
  readonly #senders: Record<SourceKind, SourceSender>;
  readonly #slots: readonly { kind: MediaKind; transceiver: RTCRtpTransceiver }[];

  /** `iceServers`: relays that are tried beside the router's own addresses. */
  constructor(options: MediaOptions, iceServers: readonly RTCIceServer[] = []) {
    this.#peer = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
      iceServers: [...iceServers],
    });
    const sender = (kind: SourceKind) => new SourceSender(this.#peer, kind, options.track(kind), options.publish);
    this.#senders = { microphone: sender('microphone'), camera: sender('camera'), screen: sender('screen') };
    this.#slots = [
      ...Array.from({ length: options.audioSlots }, () => this.#addSlot('audio')),
      ...Array.from({ length: options.videoSlots }, () => this.#addSlot('video')),
    ];
    const report = () => options.onState(stateOf(this.#peer));
    this.#peer.addEventListener('connectionstatechange', report);
    this.#peer.addEventListener('iceconnectionstatechange', report);
    if (iceServers.length > 0) this.#peer.addEventListener('icecandidate', ({ candidate }) => this.#look(candidate));
  }

  /** The router is ICE-lite and learns our addresses from our checks, so the offer leaves at once, without candidates. */
  async offer(): Promise<{ offer: string; sources: Record<string, SourceKind> }> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    const sources: Record<string, SourceKind> = {};
    for (const kind of ['microphone', 'camera', 'screen'] as const) {
      const { mid } = this.#senders[kind];
      if (mid !== undefined) sources[mid] = kind;
    }
    return { offer: this.#peer.localDescription?.sdp ?? '', sources };
  }

  async accept(answer: string): Promise<void> {
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer });
    for (const sender of Object.values(this.#senders)) void sender.adjust();
  }

  get state(): MediaConnectionState {
    return stateOf(this.#peer);
  }

  get prospect(): Prospect {
    return this.#prospect;
  }

  /** Whether anything can be expected to arrive. */
  get isUp(): boolean {
    return this.state === 'connected' || this.state === 'interrupted';
  }

  /** Grows with whatever arrives, be it media, a report on what we send, or the answer to a check of the way there. */
  async received(): Promise<number> {
    let sum = 0;
    // RTCStatsReport is a map of dictionaries (webrtc-stats); these members are of candidate-pair and others.
    for (const stats of (await this.#peer.getStats()).values() as Iterable<RTCIceCandidatePairStats>) {
      sum += (stats.bytesReceived ?? 0) + (stats.responsesReceived ?? 0);
    }
    return sum;
  }

  /** Whether media flows within this time; false at once when it never will. */
  connected(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const watched = ['connectionstatechange', 'iceconnectionstatechange'];
      const end = (result: boolean) => {
        clearTimeout(timer);
        for (const name of watched) this.#peer.removeEventListener(name, look);
        resolve(result);
      };
      const look = () => {
        if (this.state === 'connected') end(true);
        else if (this.state === 'failed') end(false);
      };
      const timer = window.setTimeout(() => end(false), withinMs);
      for (const name of watched) this.#peer.addEventListener(name, look);
      look();
    });
  }

  /** Whether all pictures that move in another connection have been decoded in this one, too. */
  async isShowing(others: SlotContents): Promise<boolean> {
    const decoded = new Set<string>();
    // RTCStatsReport is a map of dictionaries (webrtc-stats); these members are of inbound-rtp.
    for (const stats of (await this.#peer.getStats()).values() as Iterable<{ mid?: string; framesDecoded?: number }>) {
      if (stats.mid !== undefined && (stats.framesDecoded ?? 0) > 0) decoded.add(stats.mid);
    }
    return others.pictures.every(([, { participant, kind }]) =>
      decoded.has(this.contents.slotOf(participant, kind) ?? ''),
    );
  }

  /** Sends a track from now on, or nothing. */
  async send(kind: SourceKind, track: MediaStreamTrack | undefined): Promise<void> {
    await this.#senders[kind].send(track);
  }

  /** Which encodings of a source of our own anybody needs. */
  async setDemand(kind: SourceKind, demand: readonly EncodingEntry[]): Promise<void> {
    await this.#senders[kind].setDemand(demand);
  }

  /** What the meeting wants of an encoding of ours; undefined while it has not said. */
  demandOf(kind: SourceKind, rid: string): EncodingEntry | undefined {
    return this.#senders[kind].demandOf(rid);
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
    return this.#senders[kind].mid;
  }

  statistics(): Promise<Iterable<[string, unknown]>> {
    return this.#peer.getStats();
  }

  close(): void {
    this.#peer.close();
  }

  /** Of our own; null: that was the last one (W3C webrtc-pc section 4.8.1). */
  #look(candidate: RTCIceCandidate | null): void {
    if (candidate?.candidate.includes(' typ relay')) this.#prospect = 'good';
    else if (candidate === null && this.#prospect === 'unknown') this.#prospect = 'bad';
  }

  #addSlot(kind: MediaKind): { kind: MediaKind; transceiver: RTCRtpTransceiver } {
    const transceiver = this.#peer.addTransceiver(kind, { direction: 'recvonly' });
    const codecs = codecPreferences(RTCRtpReceiver.getCapabilities(kind)?.codecs, kind, undefined);
    if (codecs !== undefined) transceiver.setCodecPreferences(codecs);
    if (kind === 'video') receiveDependencyDescriptor(transceiver);
    return { kind, transceiver };
  }
}

function stateOf(peer: RTCPeerConnection): MediaConnectionState {
  if (peer.connectionState === 'failed' || peer.connectionState === 'closed') return 'failed';
  if (peer.iceConnectionState === 'failed') return 'failed';
  if (peer.iceConnectionState === 'disconnected') return 'interrupted';
  return peer.connectionState === 'connected' ? 'connected' : 'connecting';
}
