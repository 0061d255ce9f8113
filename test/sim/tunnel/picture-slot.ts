/** Pictures that come to a tunnelled client: the receiving code of the page, with a decoder that takes no time. */
import { VP8 } from '../../../client/tunnel/payload/vp8.ts';
import { ArrivalSpread, PICTURE_DELAY } from '../../../client/tunnel/receive/arrival-spread.ts';
import { FrameAssembler, type VideoPacket } from '../../../client/tunnel/receive/frame-assembler.ts';
import { FreezeMeter } from '../../../client/tunnel/receive/freeze-meter.ts';
import { KeyFrameRequests } from '../../../client/tunnel/receive/key-frame-requests.ts';
import { MediaClock } from '../../../client/tunnel/receive/media-clock.ts';
import { type Ordered, PacketOrder } from '../../../client/tunnel/receive/packet-order.ts';
import { VideoQueue } from '../../../client/tunnel/receive/video-queue.ts';
import { Reception } from '../../../client/tunnel/rtp/reception.ts';
import type { RtpPacket } from '../../../client/tunnel/rtp/rtp-packet.ts';
import type { Delay } from './sound-slot.ts';

const CLOCK_RATE_HZ = 90_000;
/** Of a key frame behind the payload descriptor (RFC 6386 section 9.1). */
const HEIGHT_AT = 8;

export class PictureSlot {
  /** From the router to the page, whole frames. */
  readonly arrivals: Delay[] = [];
  /** Pictures as they are shown. */
  readonly shownMs: number[] = [];
  readonly keyFrames = new KeyFrameRequests();
  readonly freezes = new FreezeMeter();
  bytes = 0;
  /** Lines of the picture. */
  height = 0;
  reception: Reception | undefined;
  readonly #clock = new MediaClock(CLOCK_RATE_HZ);
  readonly #order = new PacketOrder<VideoPacket>();
  readonly #assembler = new FrameAssembler();
  readonly #spread = new ArrivalSpread(PICTURE_DELAY);
  readonly #queue = new VideoQueue<number>();

  /** @param sentMs when it left the router */
  handlePacket(nowMs: number, packet: RtpPacket, bytes: number, sentMs: number): void {
    this.reception ??= new Reception(packet.ssrc, CLOCK_RATE_HZ);
    const { sequence, time } = this.reception.handlePacket(nowMs, packet.sequenceNumber, packet.timestamp, bytes);
    const { payload, marker } = packet;
    this.bytes += bytes;
    if (marker) this.arrivals.push({ atMs: nowMs, ms: nowMs - sentMs });
    this.#assemble(nowMs, this.#order.push(nowMs, sequence, { payload, marker, time, format: VP8, arrivedMs: nowMs }));
  }

  /** @returns whether to ask for a key frame */
  poll(nowMs: number): boolean {
    this.#assemble(nowMs, this.#order.poll(nowMs));
    const { baseMs, delayMs } = this.#spread;
    if (baseMs !== undefined) this.#queue.steer(nowMs, baseMs + delayMs, undefined);
    return this.keyFrames.poll(nowMs, this.#assembler.wantsKey);
  }

  show(nowMs: number): void {
    if (this.#queue.due(nowMs).show === undefined) return;
    this.shownMs.push(nowMs);
    this.freezes.handleShown(nowMs);
  }

  #assemble(nowMs: number, ordered: readonly Ordered<VideoPacket>[]): void {
    for (const each of ordered) {
      const frame = this.#assembler.push(each);
      if (frame === undefined) continue;
      const mediaMs = this.#clock.toMs(frame.time);
      if (frame.isKey) this.height = (frame.data[HEIGHT_AT] ?? 0) | ((frame.data[HEIGHT_AT + 1] ?? 0) << 8);
      this.#spread.handleArrival(nowMs, mediaMs);
      this.#queue.push(frame.time, mediaMs);
    }
  }
}
