/**
 * What waits for a slow carrier. Pure: time is an argument. RTCP goes first, then audio, then video, each in order. Audio is kept for a while
 * and then the oldest is dropped; of video, whole streams are dropped up to their next key frame as soon as one packet is too old,
 * because what follows could not be decoded.
 */
import { Fifo } from './fifo.ts';
import { VideoStream } from './video-stream.ts';
import type { PacketKind, WaitingPacket } from './waiting-packet.ts';

/** A jitter buffer makes up for about as much; what is later is heard as a gap anyway. */
export const AUDIO_BOUND_MS = 400;
export const VIDEO_DEADLINE_MS = 300;
/** Sender reports and feedback about what the client sends: worth something for longer than media. */
export const RTCP_BOUND_MS = 2_000;
/** 400 ms of ten speakers with 100 kbit/s are 50 KB; 300 ms of 10 Mbit/s are 375 KB. */
export const MAX_QUEUED_BYTES: Readonly<Record<PacketKind, number>> = {
  rtcp: 32 * 1024,
  audio: 64 * 1024,
  video: 512 * 1024,
};
/** A router has at most 128 slots for one participant, and there may be two legs. */
export const MAX_VIDEO_STREAMS = 256;

export type Drops = Record<PacketKind, number>;

/** What became of a packet; `wantsKeyFrame`: dropped, and its stream is to be asked for a key frame. */
export type Pushed = 'queued' | 'dropped' | 'wantsKeyFrame';

export class MediaQueue {
  /** Packets dropped so far. */
  readonly dropped = noDrops();
  readonly #droppedOf = new Map<number, Drops>();
  readonly #rtcp = new Fifo();
  readonly #audio = new Fifo();
  readonly #video = new Fifo();
  readonly #streams = new Map<number, VideoStream>();

  get length(): number {
    return this.#rtcp.length + this.#audio.length + this.#video.length;
  }

  get bytes(): number {
    return this.#rtcp.bytes + this.#audio.bytes + this.#video.bytes;
  }

  /** `flows`: the carrier takes more, so that a key frame would reach the client in time. */
  push(nowMs: number, packet: WaitingPacket, flows: boolean): Pushed {
    this.handleTimeout(nowMs);
    if (packet.kind === 'video') return this.#pushVideo(nowMs, packet, flows);
    const fifo = packet.kind === 'rtcp' ? this.#rtcp : this.#audio;
    fifo.push(packet);
    while (fifo.bytes > MAX_QUEUED_BYTES[packet.kind]) this.#dropFirst(fifo);
    return fifo.length > 0 ? 'queued' : 'dropped';
  }

  /** The next packet to send, with pictures or without; what is too old by now is never given out. */
  shift(nowMs: number, takesVideo = true): WaitingPacket | undefined {
    this.handleTimeout(nowMs);
    return this.#rtcp.shift() ?? this.#audio.shift() ?? (takesVideo ? this.#video.shift() : undefined);
  }

  /** Drops what is too old. */
  handleTimeout(nowMs: number): void {
    while (isOlder(this.#rtcp.first, nowMs - RTCP_BOUND_MS)) this.#dropFirst(this.#rtcp);
    while (isOlder(this.#audio.first, nowMs - AUDIO_BOUND_MS)) this.#dropFirst(this.#audio);
    for (let oldest = this.#video.first; isOlder(oldest, nowMs - VIDEO_DEADLINE_MS); oldest = this.#video.first) {
      this.#break(oldest);
    }
  }

  /** Of the packets for one channel, since the last `forget` of it. */
  droppedOf(channel: number): Readonly<Drops> {
    return this.#droppedOf.get(channel) ?? noDrops();
  }

  /** Of a leg that is over. */
  forget(channel: number): void {
    for (const fifo of [this.#rtcp, this.#audio, this.#video]) fifo.filter((packet) => packet.channel !== channel);
    this.#droppedOf.delete(channel);
    for (const key of [...this.#streams.keys()]) if (channelOf(key) === channel) this.#streams.delete(key);
  }

  #pushVideo(nowMs: number, packet: WaitingPacket, flows: boolean): Pushed {
    const stream = this.#stream(packet);
    if (stream?.admits(packet) !== true) {
      this.#count(packet);
      return flows && stream?.takeRequest(nowMs) === true ? 'wantsKeyFrame' : 'dropped';
    }
    this.#video.push(packet);
    while (this.#video.bytes > MAX_QUEUED_BYTES.video) this.#break(this.#video.first as WaitingPacket);
    return stream.isBroken ? 'dropped' : 'queued';
  }

  /** Drops all of the stream of `oldest`, the first in the queue, up to a later key frame. */
  #break(oldest: WaitingPacket): void {
    const stream = this.#stream(oldest);
    if (stream === undefined) throw new Error('nothing of a stream that is unknown is queued');
    const key = keyOf(oldest);
    stream.isBroken = true;
    this.#video.filter((packet) => {
      if (keyOf(packet) !== key || (packet !== oldest && stream.admits(packet))) return true;
      this.#count(packet);
      return false;
    });
  }

  #dropFirst(fifo: Fifo): void {
    const packet = fifo.shift();
    if (packet !== undefined) this.#count(packet);
  }

  #count({ channel, kind }: WaitingPacket): void {
    const drops = this.#droppedOf.get(channel) ?? noDrops();
    this.#droppedOf.set(channel, drops);
    drops[kind]++;
    this.dropped[kind]++;
  }

  /** Undefined when there are too many. */
  #stream(packet: WaitingPacket): VideoStream | undefined {
    const key = keyOf(packet);
    const known = this.#streams.get(key);
    if (known !== undefined || this.#streams.size >= MAX_VIDEO_STREAMS) return known;
    const stream = new VideoStream();
    this.#streams.set(key, stream);
    return stream;
  }
}

function noDrops(): Drops {
  return { rtcp: 0, audio: 0, video: 0 };
}

function isOlder(packet: WaitingPacket | undefined, thanMs: number): packet is WaitingPacket {
  return packet !== undefined && packet.arrivedMs < thanMs;
}

function keyOf({ channel, ssrc }: WaitingPacket): number {
  return channel * 2 ** 32 + ssrc;
}

function channelOf(key: number): number {
  return Math.floor(key / 2 ** 32);
}
