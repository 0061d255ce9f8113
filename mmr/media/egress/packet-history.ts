/**
 * Which of a rendition's packets lie where in the packet store, and what was written over them: what retransmission
 * reads, for all the slots that carry the rendition together. A slot keeps no packets of its own: it translates a number
 * that its receiver misses to the rendition's number (see `Segment`) and asks here.
 */
import type { FrameInfo } from '../forward/layers/frame-info.ts';

/** Bits of a note: what a stored packet went out as, beside its number. */
const MARKER = 1 << 0;
const FILLER = 1 << 1;
const LONG_PICTURE_ID = 1 << 2;
const UPPER = 1 << 3;
/** Where picture id and TL0PICIDX stand in the payload, plus one; 0: nowhere. */
const PICTURE_ID_SHIFT = 4;
const ZERO_INDEX_SHIFT = 8;
const OFFSET_MASK = 0x0f;

export class PacketHistory {
  readonly #mask: number;
  readonly #index: Float64Array;
  readonly #storeSlot: Uint32Array;
  readonly #generation: Uint32Array;
  readonly #sizeBytes: Uint16Array;
  readonly #note: Uint16Array;
  readonly #pictureId: Uint16Array;
  /** AV1: made with the first count above 0. */
  #activeTargets: Uint32Array | undefined;
  #targetCount: Uint8Array | undefined;

  /** `capacity` in packets, a power of two. */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#index = new Float64Array(capacity).fill(-1);
    this.#storeSlot = new Uint32Array(capacity);
    this.#generation = new Uint32Array(capacity);
    this.#sizeBytes = new Uint16Array(capacity);
    this.#note = new Uint16Array(capacity);
    this.#pictureId = new Uint16Array(capacity);
  }

  get capacity(): number {
    return this.#mask + 1;
  }

  /**
   * `frame` says where its numbers stand, `pictureId` (0–65535) is the one the rendition gave it. A filler is a packet of
   * padding in the place of the stored one.
   */
  put(
    index: number,
    storeSlot: number,
    generation: number,
    sizeBytes: number,
    frame: FrameInfo,
    pictureId: number,
    marker: boolean,
    isFiller: boolean,
  ): void {
    const at = index & this.#mask;
    this.#index[at] = index;
    this.#storeSlot[at] = storeSlot;
    this.#generation[at] = generation;
    this.#sizeBytes[at] = sizeBytes;
    this.#note[at] =
      (marker ? MARKER : 0) |
      (isFiller ? FILLER : 0) |
      (frame.pictureIdBits === 15 ? LONG_PICTURE_ID : 0) |
      (frame.temporal > 0 ? UPPER : 0) |
      ((frame.pictureIdOffset + 1) << PICTURE_ID_SHIFT) |
      ((frame.temporalLayerZeroIndexOffset + 1) << ZERO_INDEX_SHIFT);
    this.#pictureId[at] = pictureId;
  }

  /**
   * AV1: what receivers were told of the active decode targets with the packet of `index`, which was just put; a count of 0:
   * nothing.
   */
  putTargets(index: number, activeTargets: number, targetCount: number): void {
    if (targetCount === 0 && this.#targetCount === undefined) return;
    const at = index & this.#mask;
    this.#activeTargets ??= new Uint32Array(this.capacity);
    this.#targetCount ??= new Uint8Array(this.capacity);
    this.#activeTargets[at] = activeTargets;
    this.#targetCount[at] = targetCount;
  }

  /** Where `index` lies, for the getters below; −1 when it never arrived or is too old. */
  find(index: number): number {
    const at = index & this.#mask;
    return this.#index[at] === index ? at : -1;
  }

  /** Whether `index` was there and of the lowest temporal layer, on which all that follows builds. */
  isBase(index: number): boolean {
    const at = this.find(index);
    return at >= 0 && ((this.#note[at] as number) & UPPER) === 0;
  }

  /** `at` is what `find` returned. */
  storeSlot(at: number): number {
    return this.#storeSlot[at] as number;
  }
  generation(at: number): number {
    return this.#generation[at] as number;
  }
  sizeBytes(at: number): number {
    return this.#sizeBytes[at] as number;
  }
  pictureId(at: number): number {
    return this.#pictureId[at] as number;
  }
  activeTargets(at: number): number {
    return this.#activeTargets?.[at] ?? 0;
  }
  targetCount(at: number): number {
    return this.#targetCount?.[at] ?? 0;
  }
  marker(at: number): boolean {
    return ((this.#note[at] as number) & MARKER) !== 0;
  }
  isFiller(at: number): boolean {
    return ((this.#note[at] as number) & FILLER) !== 0;
  }
  /** Sets what `frame` says about where its numbers stand. */
  readOffsets(at: number, frame: FrameInfo): void {
    const note = this.#note[at] as number;
    frame.pictureIdOffset = ((note >>> PICTURE_ID_SHIFT) & OFFSET_MASK) - 1;
    frame.pictureIdBits = frame.pictureIdOffset < 0 ? 0 : (note & LONG_PICTURE_ID) !== 0 ? 15 : 7;
    frame.temporalLayerZeroIndexOffset = ((note >>> ZERO_INDEX_SHIFT) & OFFSET_MASK) - 1;
  }
}
