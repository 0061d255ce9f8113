/** The slots of one connection, and what is told to the router about what arrives in them. */
import type { SlotContents } from '../../sdk/slot-contents.ts';
import { AV1 } from '../payload/av1.ts';
import type { VideoFormat } from '../payload/video-format.ts';
import { VP8 } from '../payload/vp8.ts';
import { VP9 } from '../payload/vp9.ts';
import type { ReportBlock, RtcpMessage } from '../rtp/rtcp-reader.ts';
import { writePictureLoss } from '../rtp/rtcp-writer.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { OPUS, VIDEO_CODECS } from '../sdp/offer.ts';
import type { AudioSlot } from './audio-slot.ts';
import type { VideoSlot } from './video-slot.ts';

export type MediaSlot = AudioSlot | VideoSlot;

const FORMATS: ReadonlyMap<number, VideoFormat> = new Map([
  [VIDEO_CODECS.VP8.payloadType, VP8],
  [VIDEO_CODECS.VP9.payloadType, VP9],
  [VIDEO_CODECS.AV1.payloadType, AV1],
]);

export class IncomingMedia {
  readonly slots: readonly MediaSlot[];
  /** Of streams that no slot has. */
  foreignPackets = 0;
  readonly #bySsrc = new Map<number, MediaSlot>();
  readonly #contents: SlotContents;

  constructor(slots: readonly MediaSlot[], contents: SlotContents) {
    this.slots = slots;
    this.#contents = contents;
  }

  /** @param ssrcs By mid, as the answer says. */
  accept(ssrcs: ReadonlyMap<string, number>): void {
    for (const slot of this.slots) {
      const ssrc = ssrcs.get(slot.mid);
      if (ssrc !== undefined) this.#bySsrc.set(ssrc, slot);
    }
  }

  handlePacket(nowMs: number, packet: RtpPacket, bytes: number): void {
    const slot = this.#bySsrc.get(packet.ssrc);
    const format = FORMATS.get(packet.payloadType);
    if (slot?.kind === 'audio' && packet.payloadType === OPUS.payloadType) slot.handlePacket(nowMs, packet, bytes);
    else if (slot?.kind === 'video' && format !== undefined) slot.handlePacket(nowMs, packet, bytes, format);
    else this.foreignPackets++;
  }

  handleSenderReport(nowMs: number, { ssrc, ntp, timestamp }: Extract<RtcpMessage, { type: 'senderReport' }>): void {
    const slot = this.#bySsrc.get(ssrc);
    const time = slot?.reception?.handleSenderReport(nowMs, ntp, timestamp);
    if (slot !== undefined && time !== undefined) slot.clock.handleSenderReport(ntp, time);
  }

  takeBlocks(nowMs: number): ReportBlock[] {
    return this.slots.flatMap((slot) => slot.reception?.takeBlock(nowMs) ?? []);
  }

  /** Lets slots go on with time. @returns requests for key frames */
  poll(nowMs: number, senderSsrc: number): Uint8Array[] {
    const requests: Uint8Array[] = [];
    for (const [ssrc, slot] of this.#bySsrc) {
      if (slot.kind === 'audio') slot.poll(nowMs);
      else if (slot.poll(nowMs, this.#soundMsOf(slot))) requests.push(writePictureLoss(senderSsrc, ssrc));
    }
    return requests;
  }

  close(): void {
    for (const slot of this.slots) slot.close();
  }

  /** Lips move with the voice of the same person: when it is heard, on the picture's clock. */
  #soundMsOf(slot: VideoSlot): number | undefined {
    const content = this.#contents.get(slot.mid);
    if (content?.kind !== 'camera') return undefined;
    const mid = this.#contents.slotOf(content.participant, 'microphone');
    const sound = this.slots.find((each) => each.mid === mid);
    const distanceMs = sound?.clock.distanceTo(slot.clock);
    return sound?.offsetMs === undefined || distanceMs === undefined ? undefined : sound.offsetMs - distanceMs;
  }
}
