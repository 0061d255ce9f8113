/** The receiving half of a simulated browser: its slots, and the RTCP it sends about them as libwebrtc does. */

import { readUint16 } from '../../../mmr/media/rtp/bytes.ts';
import { ByteRange, findExtension } from '../../../mmr/media/rtp/header-extensions.ts';
import { RtcpWriter } from '../../../mmr/media/rtp/rtcp/rtcp-writer.ts';
import { TransportFeedback } from '../../../mmr/media/rtp/rtcp/transport-feedback-writer.ts';
import type { RtpHeader } from '../../../mmr/media/rtp/rtp-header.ts';
import { TransportFeedbackRecorder } from '../network/transport-feedback-recorder.ts';
import { AudioReceiver } from './audio-receiver.ts';
import { AUDIO_SLOT_SSRC, EXTENSIONS, VIDEO_SLOT_RTX_SSRC, VIDEO_SLOT_SSRC } from './negotiated-media.ts';
import { SenderReports } from './sender-reports.ts';
import { VideoReceiver } from './video-receiver.ts';

const OWN_SSRC = 1;
const MAX_RTCP_BYTES = 1200;
const SLOTS = 100;

interface LossCount {
  expected: number;
  packets: number;
}

export class Subscriber {
  readonly audio: readonly AudioReceiver[];
  readonly video: readonly VideoReceiver[];
  readonly reports = new SenderReports();
  /** Key frames asked for. */
  pictureLossIndications = 0;
  rtxPackets = 0;
  paddingPackets = 0;
  mediaBytes = 0;
  /** Answers with transport-wide feedback. */
  givesFeedback = true;
  readonly #recorder = new TransportFeedbackRecorder();
  readonly #feedback = new TransportFeedback();
  readonly #writer = new RtcpWriter();
  readonly #bytes = new Uint8Array(2048);
  readonly #range = new ByteRange();
  readonly #counted = new Map<number, LossCount>();

  constructor(audioSlots: number, videoSlots: number) {
    this.audio = Array.from({ length: audioSlots }, () => new AudioReceiver());
    this.video = Array.from({ length: videoSlots }, () => new VideoReceiver());
  }

  /** `sentUs`: when it left the router. */
  handleRtp(nowUs: number, header: RtpHeader, bytes: Uint8Array, sentUs: number): void {
    if (findExtension(bytes, header, EXTENSIONS.transportSequenceNumber, this.#range)) {
      this.#recorder.record(nowUs, readUint16(bytes, this.#range.offset));
    }
    this.mediaBytes += header.payloadSize;
    const { ssrc, sequenceNumber, timestamp, marker, payloadOffset, payloadSize } = header;
    if (payloadSize === 0) this.paddingPackets++;
    if (ssrc >= VIDEO_SLOT_RTX_SSRC && ssrc < VIDEO_SLOT_RTX_SSRC + SLOTS) {
      this.#handleRtx(nowUs, header, bytes);
    } else if (ssrc >= VIDEO_SLOT_SSRC && ssrc < VIDEO_SLOT_SSRC + SLOTS) {
      this.video[ssrc - VIDEO_SLOT_SSRC]?.handlePacket(
        nowUs,
        sequenceNumber,
        timestamp,
        marker,
        bytes,
        payloadOffset,
        payloadSize,
        false,
      );
    } else if (payloadSize > 0) {
      this.audio[ssrc - AUDIO_SLOT_SSRC]?.handlePacket(nowUs, sequenceNumber, sentUs);
    }
  }

  /** Packets to ask for again and key frames to ask for; undefined: nothing. Called after packets and every 20 ms. */
  repairs(nowUs: number): Uint8Array | undefined {
    const writer = this.#begin();
    for (let i = 0; i < this.video.length; i++) {
      const video = this.video[i] as VideoReceiver;
      const ssrc = VIDEO_SLOT_SSRC + i;
      for (const sequence of video.nack.due(nowUs)) {
        if (writer.end() < MAX_RTCP_BYTES) writer.nack(OWN_SSRC, ssrc, sequence & 0xffff, 0);
      }
      if (video.needsKeyFrame(nowUs)) {
        this.pictureLossIndications++;
        writer.pictureLossIndication(OWN_SSRC, ssrc);
      }
    }
    return this.#end();
  }

  /** Transport-wide feedback about all that came since the last; undefined: nothing came. */
  feedback(nowUs: number): Uint8Array | undefined {
    const report = this.givesFeedback ? this.#recorder.take(nowUs) : undefined;
    if (report === undefined) return undefined;
    const feedback = this.#feedback;
    feedback.senderSsrc = OWN_SSRC;
    feedback.mediaSsrc = VIDEO_SLOT_SSRC;
    feedback.baseSequence = report.baseSequence;
    feedback.arrivalsUs = report.arrivalsUs;
    feedback.first = 0;
    feedback.count = report.arrivalsUs.length;
    const writer = this.#begin();
    while (feedback.count > 0 && writer.end() < MAX_RTCP_BYTES) {
      if (writer.transportFeedback(MAX_RTCP_BYTES, feedback) === 0) break;
    }
    return this.#end();
  }

  /** Once a second. */
  receiverReport(nowUs: number): Uint8Array | undefined {
    const writer = this.#begin();
    writer.receiverReport(OWN_SSRC);
    for (const [i, slot] of this.video.entries()) this.#block(nowUs, VIDEO_SLOT_SSRC + i, slot);
    for (const [i, slot] of this.audio.entries()) this.#block(nowUs, AUDIO_SLOT_SSRC + i, slot);
    return this.#end();
  }

  #block(nowUs: number, ssrc: number, slot: VideoReceiver | AudioReceiver): void {
    if (slot.packets === 0) return;
    const before = this.#counted.get(ssrc) ?? { expected: 0, packets: 0 };
    const { expected, packets, missing, highestSequence } = slot;
    this.#counted.set(ssrc, { expected, packets });
    const expectedNow = expected - before.expected;
    const lostNow = Math.max(0, expectedNow - (packets - before.packets));
    const fraction = expectedNow > 0 ? Math.floor((lostNow * 256) / expectedNow) & 0xff : 0;
    const delay = this.reports.delaySinceLastSr(nowUs, ssrc);
    this.#writer.addReportBlock(ssrc, fraction, missing, highestSequence >>> 0, 0, this.reports.lastSr(ssrc), delay);
  }

  /** RFC 4588 section 4: the first two bytes are the number of the packet that is repeated. */
  #handleRtx(nowUs: number, header: RtpHeader, bytes: Uint8Array): void {
    if (header.payloadSize < 2) return;
    this.rtxPackets++;
    const { ssrc, timestamp, marker, payloadOffset, payloadSize } = header;
    const original = readUint16(bytes, payloadOffset);
    const slot = this.video[ssrc - VIDEO_SLOT_RTX_SSRC];
    slot?.handlePacket(nowUs, original, timestamp, marker, bytes, payloadOffset + 2, payloadSize - 2, true);
  }

  #begin(): RtcpWriter {
    this.#writer.begin(this.#bytes, 0);
    return this.#writer;
  }

  #end(): Uint8Array | undefined {
    const size = this.#writer.end();
    return size === 0 ? undefined : this.#bytes.slice(0, size);
  }
}
