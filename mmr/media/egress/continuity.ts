/**
 * Keeps the numbers of one slot continuous: what it sent last, and from that the offsets with which it goes on when the
 * rendition that feeds it changes. docs/slots.md tells it by scenarios.
 */
import { CLOCK_UNITS_PER_SECOND } from '../forward/encoding-run.ts';
import type { FrameInfo } from '../forward/layers/frame-info.ts';
import type { Rendition } from '../forward/rendition.ts';
import { Segment, SQUEEZE_SHIFT } from './segment.ts';
import type { UnusedNumbers } from './unused-numbers.ts';

/** Stretches that a receiver may still ask packets of: the present one and seven before. */
const SEGMENTS = 8;
/** Nobody asks for packets of a segment that ended so long ago; its rendition is let go. */
const SEGMENT_MEMORY_US = 3_000_000;
/** By how much two clocks of a publisher may differ from the arrival times before they are not believed. */
const MAX_CLOCK_DIFFERENCE_SECONDS = 2;

export class Continuity {
  readonly #clockRateHz: number;
  readonly #segments: Segment[] = [];
  #current = new Segment();
  /** The rendition that feeds the present segment; undefined between segments. */
  #feeding: Rendition | undefined;
  /** Of the last packet of the last finished segment. */
  #lastIndex: number;
  #lastTimestamp: number;
  /** Undefined before the first packet. */
  #lastArrivalUs: number | undefined;
  /** Publisher's wall clock then; NaN when he has not told, and whose clock. */
  #lastClock = Number.NaN;
  #lastPublisher = '';
  /** −1 before the first. */
  #lastPictureId = -1;
  #lastZeroIndex = -1;
  #lastFrameNumber = -1;
  /** The slot left its rendition only to go on with another one of the same encoding at once. */
  #isDirect = false;
  #entryIndex = Number.NEGATIVE_INFINITY;
  #packetsSent = 0;
  #payloadBytesSent = 0;

  /** Numbers begin at random (RFC 3550 section 5.1), drawn from the SSRC, which is random. */
  constructor(ssrc: number, clockRateHz: number) {
    this.#clockRateHz = clockRateHz;
    // In the lower half of the range: a receiver who misses the first packets cannot mistake the roll-over counter then.
    this.#lastIndex = (ssrc & 0x7fff) - 1;
    this.#lastTimestamp = Math.imul(ssrc, 0x9e3779b1) >>> 0;
  }

  get packetsSent(): number {
    const feeding = this.#feeding;
    return this.#packetsSent + (feeding === undefined ? 0 : feeding.packetsSent - this.#current.packetsBefore);
  }

  get payloadBytesSent(): number {
    const feeding = this.#feeding;
    const now = feeding === undefined ? 0 : feeding.payloadBytesSent - this.#current.payloadBytesBefore;
    return this.#payloadBytesSent + now;
  }

  /** Highest widened sequence number sent so far, or one less than the first. */
  get highestIndex(): number {
    const feeding = this.#feeding;
    return feeding === undefined ? this.#lastIndex : feeding.highestIndex + this.#current.indexOffset;
  }

  /** Number of the packet with which the slot last began without building on anything before: for video, a key frame's first. */
  get entryIndex(): number {
    return this.#entryIndex;
  }

  /** The slot goes on with `rendition` from the packet on that it placed last, a packet of `frame`. */
  begin(rendition: Rendition, payloadType: number, frame: FrameInfo, clockJumped: boolean): Segment {
    const before = this.#current;
    const { placement } = rendition;
    const goesOn = this.#isDirect && before.rendition?.run === rendition.run;
    const segment = this.#open(rendition, payloadType, placement.index);
    segment.timestampOffset =
      goesOn && !clockJumped
        ? before.timestampOffset
        : this.#timestampOffset(rendition, rendition.highestTimestamp, rendition.highestArrivalUs, 1, clockJumped);
    if (goesOn) {
      segment.pictureIdOffset =
        rendition.run.compactsPictures && !clockJumped && frame.pictureIdBits !== 0
          ? this.#lastPictureId + 1 - placement.pictureId
          : before.pictureIdOffset;
      segment.zeroIndexOffset = before.zeroIndexOffset;
      segment.frameNumberOffset = before.frameNumberOffset;
    } else {
      this.#continue(segment, placement.pictureId, frame);
    }
    this.#start(segment, rendition);
    // What the rendition counts when it sends the packet at hand is this slot's first.
    segment.packetsBefore = rendition.packetsSent;
    segment.payloadBytesBefore = rendition.payloadBytesSent;
    return segment;
  }

  /**
   * The slot begins with the key frame of `frame` that is number `first` of `rendition` and went by, under RTP timestamp
   * `timestamp`. Returns the segment up to the newest packet, which is over at once; `resume` begins what follows.
   */
  replay(
    rendition: Rendition,
    payloadType: number,
    first: number,
    timestamp: number,
    pictureId: number,
    frame: FrameInfo,
  ): Segment {
    const segment = this.#open(rendition, payloadType, first);
    const newest = rendition.highestTimestamp;
    const span = ((newest - timestamp) | 0) >> SQUEEZE_SHIFT;
    segment.timestampOffset = this.#timestampOffset(rendition, newest, rendition.highestArrivalUs, span + 1, false);
    segment.isSqueezed = true;
    segment.newestTimestamp = newest;
    this.#continue(segment, pictureId, frame);
    segment.lastIndex = rendition.highestIndex + segment.indexOffset;
    segment.endedUs = rendition.highestArrivalUs;
    return segment;
  }

  /** After `replay`, of which `packets` with `payloadBytes` were sent: what comes now is live. */
  resume(rendition: Rendition, packets: number, payloadBytes: number): Segment {
    const before = this.#current;
    const segment = this.#open(rendition, before.payloadType, 0);
    segment.indexOffset = before.indexOffset;
    segment.firstIndex = before.lastIndex + 1;
    segment.timestampOffset = before.timestampOffset;
    segment.pictureIdOffset = before.pictureIdOffset;
    segment.zeroIndexOffset = before.zeroIndexOffset;
    segment.frameNumberOffset = before.frameNumberOffset;
    this.#start(segment, rendition);
    segment.packetsBefore = rendition.packetsSent;
    segment.payloadBytesBefore = rendition.payloadBytesSent;
    this.#packetsSent += packets;
    this.#payloadBytesSent += payloadBytes;
    return segment;
  }

  /**
   * The rendition, before it places a further packet, no longer feeds the slot. `keepsHoles`: numbers at the end whose
   * packets never came stay open, because the slot goes on with the same encoding and needs them.
   */
  end(keepsHoles: boolean): void {
    const rendition = this.#feeding;
    if (rendition === undefined) return;
    const segment = this.#current;
    this.#packetsSent = this.packetsSent;
    this.#payloadBytesSent = this.payloadBytesSent;
    const highest = keepsHoles ? rendition.highestIndex : rendition.sentIndex;
    this.#lastIndex = Math.max(segment.firstIndex - 1, highest + segment.indexOffset);
    this.#lastTimestamp = (rendition.highestTimestamp + segment.timestampOffset) >>> 0;
    this.#lastArrivalUs = rendition.highestArrivalUs;
    this.#lastClock = rendition.run.clock(rendition.highestTimestamp);
    this.#lastPublisher = rendition.run.publisher;
    if (rendition.pictureId >= 0) this.#lastPictureId = rendition.pictureId + segment.pictureIdOffset;
    if (rendition.temporalLayerZeroIndex >= 0) {
      this.#lastZeroIndex = rendition.temporalLayerZeroIndex + segment.zeroIndexOffset;
    }
    if (rendition.frameNumber >= 0) this.#lastFrameNumber = rendition.frameNumber + segment.frameNumberOffset;
    segment.lastIndex = this.#lastIndex;
    this.#isDirect = keepsHoles;
    segment.endedUs = rendition.highestArrivalUs;
    this.#feeding = undefined;
  }

  /** Nothing has left under these numbers: they are used again. Only while nothing feeds the slot, and when they are its last. */
  takeBack({ last, count }: UnusedNumbers): void {
    if (this.#feeding !== undefined || this.#lastIndex !== last) return;
    this.#lastIndex -= count;
    for (const segment of this.#segments) {
      if (segment.lastIndex < Number.POSITIVE_INFINITY)
        segment.lastIndex = Math.min(segment.lastIndex, this.#lastIndex);
    }
  }

  /** A packet of the rendition that this slot left out, because it is of before the slot's start. */
  skipped(payloadBytes: number): void {
    this.#current.packetsBefore++;
    this.#current.payloadBytesBefore += payloadBytes;
  }

  /** RTP timestamp that corresponds to `nowUs`; undefined before the first packet. */
  timestampAt(nowUs: number): number | undefined {
    const feeding = this.#feeding;
    if (feeding === undefined) {
      return this.#lastArrivalUs === undefined
        ? undefined
        : (this.#lastTimestamp + this.#ticks(nowUs - this.#lastArrivalUs)) >>> 0;
    }
    const elapsed = this.#ticks(nowUs - feeding.highestArrivalUs);
    return (feeding.highestTimestamp + this.#current.timestampOffset + elapsed) >>> 0;
  }

  /** The segment in which the widened number `index` was sent; undefined when it was not, or too long ago. */
  segmentOf(index: number): Segment | undefined {
    if (index > this.highestIndex) return undefined;
    for (const segment of this.#segments) {
      if (segment.firstIndex >= 0 && index >= segment.firstIndex && index <= segment.lastIndex) return segment;
    }
    return undefined;
  }

  /** A segment of which `first` is the first number in the rendition. */
  #open(rendition: Rendition, payloadType: number, first: number): Segment {
    const spare = this.#segments.length < SEGMENTS ? new Segment() : (this.#segments.shift() as Segment);
    for (const old of this.#segments) {
      if (old.lastIndex < Number.POSITIVE_INFINITY && rendition.highestArrivalUs - old.endedUs > SEGMENT_MEMORY_US) {
        old.firstIndex = -1;
        if (old !== this.#current) old.rendition = undefined;
      }
    }
    this.#segments.push(spare);
    this.#current = spare;
    const index = this.#lastIndex + 1;
    spare.rendition = rendition;
    spare.payloadType = payloadType;
    spare.indexOffset = index - first;
    spare.firstIndex = index;
    spare.lastIndex = Number.POSITIVE_INFINITY;
    spare.isSqueezed = false;
    return spare;
  }

  #start(segment: Segment, rendition: Rendition): void {
    this.#current = segment;
    this.#feeding = rendition;
  }

  /** Another encoding: its numbers go on where those of the last one ended; the first keeps its own. */
  #continue(segment: Segment, pictureId: number, frame: FrameInfo): void {
    this.#entryIndex = segment.firstIndex;
    const { temporalLayerZeroIndex: zeroIndex, frameNumber } = frame;
    const hasPictureId = frame.pictureIdBits !== 0;
    segment.pictureIdOffset = hasPictureId && this.#lastPictureId >= 0 ? this.#lastPictureId + 1 - pictureId : 0;
    segment.zeroIndexOffset = zeroIndex >= 0 && this.#lastZeroIndex >= 0 ? this.#lastZeroIndex + 1 - zeroIndex : 0;
    segment.frameNumberOffset =
      frameNumber >= 0 && this.#lastFrameNumber >= 0 ? this.#lastFrameNumber + 1 - frameNumber : 0;
  }

  /** Offset by which `timestamp`, which arrived at `arrivalUs`, comes `atLeast` ticks after the last packet. */
  #timestampOffset(
    rendition: Rendition,
    timestamp: number,
    arrivalUs: number,
    atLeast: number,
    byArrival: boolean,
  ): number {
    const elapsed = this.#elapsed(rendition, timestamp, arrivalUs, byArrival);
    const from = this.#lastArrivalUs === undefined ? this.#lastTimestamp + atLeast - 1 : this.#lastTimestamp;
    return (from + (elapsed === undefined ? 0 : Math.max(atLeast, elapsed)) - timestamp) | 0;
  }

  /** Ticks since the last packet: by the publisher's clock if both are his and he told it, else by arrival. */
  #elapsed(rendition: Rendition, timestamp: number, arrivalUs: number, byArrival: boolean): number | undefined {
    if (this.#lastArrivalUs === undefined) return undefined;
    const seconds = (arrivalUs - this.#lastArrivalUs) / 1e6;
    const { run } = rendition;
    const isComparable = !byArrival && run.publisher === this.#lastPublisher;
    const clock = isComparable ? run.clock(timestamp) : Number.NaN;
    const told = ((clock - this.#lastClock) | 0) / CLOCK_UNITS_PER_SECOND;
    const believable =
      !Number.isNaN(clock) && !Number.isNaN(this.#lastClock) && Math.abs(told - seconds) < MAX_CLOCK_DIFFERENCE_SECONDS;
    return Math.round((believable ? told : seconds) * this.#clockRateHz);
  }

  #ticks(elapsedUs: number): number {
    return Math.round((elapsedUs * this.#clockRateHz) / 1e6);
  }
}
