/** One slot for pictures: packets in, one lasting track out. */
import type { VideoFormat } from '../payload/video-format.ts';
import { ArrivalSpread, PICTURE_DELAY } from '../receive/arrival-spread.ts';
import { type AssembledFrame, FrameAssembler, type VideoPacket } from '../receive/frame-assembler.ts';
import { FreezeMeter } from '../receive/freeze-meter.ts';
import { KeyFrameRequests } from '../receive/key-frame-requests.ts';
import { MediaClock } from '../receive/media-clock.ts';
import { type Ordered, PacketOrder } from '../receive/packet-order.ts';
import { type QueuedPicture, VideoQueue } from '../receive/video-queue.ts';
import { Reception } from '../rtp/reception.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { CODEC_STRINGS } from './media-apis.ts';
import { makePictureTrack, type PictureTrack } from './picture-track.ts';

const CLOCK_RATE_HZ = 90_000;
/** A decoder that is so far behind does not catch up: frames that wait for it. */
const MAX_UNDECODED = 120;

export class VideoSlot {
  readonly kind = 'video';
  readonly mid: string;
  readonly clock = new MediaClock(CLOCK_RATE_HZ);
  readonly keyFrames = new KeyFrameRequests();
  readonly freezes = new FreezeMeter();
  framesDecoded = 0;
  framesShown = 0;
  width: number | undefined;
  height: number | undefined;
  format: VideoFormat | undefined;
  readonly #picture: PictureTrack = makePictureTrack();
  readonly #order = new PacketOrder<VideoPacket>();
  readonly #assembler = new FrameAssembler();
  readonly #spread = new ArrivalSpread(PICTURE_DELAY);
  readonly #queue = new VideoQueue<VideoFrame>();
  #reception: Reception | undefined;
  #decoder: VideoDecoder | undefined;
  #timer: number | undefined;
  #isClosed = false;

  constructor(mid: string) {
    this.mid = mid;
  }

  get track(): MediaStreamTrack {
    return this.#picture.track;
  }

  get reception(): Reception | undefined {
    return this.#reception;
  }

  /** Local time minus media time of what is shown. */
  get offsetMs(): number | undefined {
    return this.#queue.offsetMs;
  }

  handlePacket(nowMs: number, packet: RtpPacket, bytes: number, format: VideoFormat): void {
    this.#reception ??= new Reception(packet.ssrc, CLOCK_RATE_HZ);
    const { sequence, time } = this.#reception.handlePacket(nowMs, packet.sequenceNumber, packet.timestamp, bytes);
    const { payload, marker } = packet;
    this.#assemble(this.#order.push(nowMs, sequence, { payload, marker, time, format, arrivedMs: nowMs }));
  }

  /** @param soundMs Local minus media time, on this slot's clock, of the sound that belongs to it. @returns whether to ask for a key frame */
  poll(nowMs: number, soundMs: number | undefined): boolean {
    this.#assemble(this.#order.poll(nowMs));
    const { baseMs, delayMs } = this.#spread;
    if (baseMs !== undefined) this.#queue.steer(nowMs, baseMs + delayMs, soundMs);
    this.#show();
    return this.keyFrames.poll(nowMs, this.#assembler.wantsKey);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#decoder !== undefined && this.#decoder.state !== 'closed') this.#decoder.close();
    drop(this.#queue.clear());
    this.#picture.close();
  }

  #assemble(ordered: readonly Ordered<VideoPacket>[]): void {
    for (const each of ordered) {
      const frame = this.#assembler.push(each);
      if (frame !== undefined) this.#decode(frame);
    }
  }

  #decode(frame: AssembledFrame): void {
    const decoder = frame.isKey && frame.format !== this.format ? this.#newDecoder(frame.format) : this.#decoder;
    if (decoder === undefined || decoder.state !== 'configured' || decoder.decodeQueueSize > MAX_UNDECODED) {
      this.#decoder = undefined;
      this.format = undefined;
      if (decoder !== undefined && decoder.state !== 'closed') decoder.close();
      this.#assembler.reset();
      return;
    }
    const timestamp = Math.round(this.clock.toMs(frame.time) * 1000);
    decoder.decode(new EncodedVideoChunk({ type: frame.isKey ? 'key' : 'delta', timestamp, data: frame.data }));
  }

  #newDecoder(format: VideoFormat): VideoDecoder {
    if (this.#decoder !== undefined && this.#decoder.state !== 'closed') this.#decoder.close();
    this.format = format;
    const decoder = new VideoDecoder({
      output: (frame) => this.#handlePicture(frame),
      // The next frame finds it closed.
      error: () => this.#assembler.reset(),
    });
    // The name is one of those that we offered.
    decoder.configure({ codec: CODEC_STRINGS[format.name as keyof typeof CODEC_STRINGS], optimizeForLatency: true });
    this.#decoder = decoder;
    return decoder;
  }

  #handlePicture(frame: VideoFrame): void {
    if (this.#isClosed) {
      frame.close();
      return;
    }
    const nowMs = performance.now();
    const mediaMs = frame.timestamp / 1000;
    this.framesDecoded++;
    this.width = frame.displayWidth;
    this.height = frame.displayHeight;
    this.#spread.handleArrival(nowMs, mediaMs);
    this.#queue.push(frame, mediaMs);
    if (this.#queue.offsetMs === undefined && this.#spread.baseMs !== undefined) {
      this.#queue.steer(nowMs, this.#spread.baseMs + this.#spread.delayMs, undefined);
    }
    this.#show();
  }

  #show(): void {
    const nowMs = performance.now();
    const { show, skipped } = this.#queue.due(nowMs);
    drop(skipped);
    if (show !== undefined) {
      this.framesShown++;
      this.freezes.handleShown(nowMs);
      this.#picture.show(show.picture);
    }
    clearTimeout(this.#timer);
    const { nextMs } = this.#queue;
    if (nextMs !== undefined) this.#timer = window.setTimeout(() => this.#show(), Math.max(0, nextMs - nowMs));
  }
}

function drop(pictures: readonly QueuedPicture<VideoFrame>[]): void {
  for (const { picture } of pictures) picture.close();
}
