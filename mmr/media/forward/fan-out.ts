/**
 * One packet to many slots: the innermost loop of the router. The rows are what a record of the egress plan needs of a
 * slot while it stays with its rendition; they lie one after the other in one array, so that the loop reads and writes
 * memory in order and touches no object. Slots change rows only when they change renditions.
 */
import { PACKET_OVERHEAD_BYTES, Priority } from '../egress/egress-gate.ts';
import { EGRESS_CAPACITY, EGRESS_WORDS, EgressKind } from '../egress/egress-plan.ts';
import { type HeaderMapping, MAX_HEADER_BLOCK_BYTES, MAX_WRITTEN_BYTES } from '../egress/header-mapping.ts';
import type { Segment } from '../egress/segment.ts';
import type { Slot } from '../egress/slot.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import { MAX_REWRITTEN_BYTES, writeDescriptor } from './layers/write-descriptor.ts';
import type { Placement } from './placement.ts';
import type { PlanRoom } from './plan-room.ts';

/**
 * Row: 8 words of 32 bits.
 *
 * | word | content |
 * |---|---|
 * | 0 | transport handle |
 * | 1 | SSRC of the slot |
 * | 2 | payload type << 16, in place for the first header word |
 * | 3 | what to add to the publisher's timestamp, modulo 2^32 |
 * | 4–5 | float64: what to add to the rendition's sequence number |
 * | 6–7 | float64: sequence number of the rendition from which on the slot sends |
 */
const ROW_WORDS = 8;
const ROW_FLOATS = ROW_WORDS / 2;
/** Beside each row that rewrites: what to add to picture id, TL0PICIDX and frame number; one word is unused. */
const OFFSET_WORDS = 4;
const INITIAL_ROWS = 8;
const FIXED_HEADER_BYTES = 12;

/** Rows per fan-out at most, so that one packet always fits an empty plan; further slots open a further fan-out. */
export const MAX_FAN_OUT_ROWS = EGRESS_CAPACITY;
/** The same for rows with a block of their own each. */
export const MAX_REWRITTEN_ROWS = 1024;
/** A header block, and the start of a payload behind it. */
export const MAX_BLOCK_BYTES = MAX_HEADER_BLOCK_BYTES + MAX_REWRITTEN_BYTES;

export class FanOut {
  /** Of all rows: slots are grouped by it, and its block is shared. */
  readonly mapping: HeaderMapping;
  /** Whether numbers beside those of the RTP header change from row to row. */
  readonly rewrites: boolean;
  readonly priority: Priority;
  count = 0;
  #words: Int32Array;
  #floats: Float64Array;
  #offsets: Int32Array;
  readonly #slots: Slot[] = [];
  /** No row starts later than this, so packets from here on go to all rows without a look. */
  #latestStart = 0;

  constructor(mapping: HeaderMapping, rewrites = false, isAudio = false) {
    this.mapping = mapping;
    this.rewrites = rewrites;
    this.priority = isAudio ? Priority.audio : Priority.video;
    const memory = new ArrayBuffer(INITIAL_ROWS * ROW_WORDS * 4);
    this.#words = new Int32Array(memory);
    this.#floats = new Float64Array(memory);
    this.#offsets = new Int32Array(rewrites ? INITIAL_ROWS * OFFSET_WORDS : 0);
  }

  /** The slots by row. */
  get slots(): readonly Slot[] {
    return this.#slots;
  }

  /** Adds a slot, which will know its row; it sends from number `startIndex` of the rendition on. */
  add(slot: Slot, segment: Segment, startIndex: number): void {
    if ((this.count + 1) * ROW_WORDS > this.#words.length) this.#grow();
    const row = this.count++;
    this.#slots[row] = slot;
    slot.row = row;
    const word = row * ROW_WORDS;
    this.#words[word] = slot.transport;
    this.#words[word + 1] = slot.ssrc;
    this.#words[word + 2] = segment.payloadType << 16;
    this.#words[word + 3] = segment.timestampOffset;
    const float = row * ROW_FLOATS;
    this.#floats[float + 2] = segment.indexOffset;
    this.#floats[float + 3] = startIndex;
    if (this.rewrites) {
      this.#offsets[row * OFFSET_WORDS] = segment.pictureIdOffset;
      this.#offsets[row * OFFSET_WORDS + 1] = segment.zeroIndexOffset;
      this.#offsets[row * OFFSET_WORDS + 2] = segment.frameNumberOffset;
    }
    if (startIndex > this.#latestStart) this.#latestStart = startIndex;
  }

  /** Rows of `from`, which has the same mapping and rewrites nothing, move here, as many as there is room for. */
  takeFrom(from: FanOut): void {
    while (from.count > 0 && this.count < MAX_REWRITTEN_ROWS) {
      if ((this.count + 1) * ROW_WORDS > this.#words.length) this.#grow();
      const row = from.count - 1;
      const slot = from.#slots[row] as Slot;
      const own = this.count++;
      this.#words.set(from.#words.subarray(row * ROW_WORDS, (row + 1) * ROW_WORDS), own * ROW_WORDS);
      this.#offsets.fill(0, own * OFFSET_WORDS, (own + 1) * OFFSET_WORDS);
      this.#slots[own] = slot;
      from.remove(row);
      slot.row = own;
      slot.fanOut = this;
    }
    this.#latestStart = Math.max(this.#latestStart, from.#latestStart);
  }

  /** Takes the slot of `row` out; the last row moves to its place. */
  remove(row: number): void {
    const last = --this.count;
    const moved = this.#slots.pop();
    if (row !== last && moved !== undefined) {
      this.#words.copyWithin(row * ROW_WORDS, last * ROW_WORDS, (last + 1) * ROW_WORDS);
      if (this.rewrites) {
        this.#offsets.copyWithin(row * OFFSET_WORDS, last * OFFSET_WORDS, (last + 1) * OFFSET_WORDS);
      }
      this.#slots[row] = moved;
      moved.row = row;
    }
  }

  /**
   * Writes one record per row for `packet`, whose header block `mapping` has just written. The caller has made room
   * (`rowBytes`). Returns how many slots it was for: late packets are not for slots that started after them.
   */
  send(packet: IncomingPacket, placement: Placement, out: PlanRoom): number {
    if (placement.index < this.#latestStart) return this.#sendFromStart(packet, placement, out);
    if (this.rewrites) this.#rewriteRows(packet, placement, out, 0, this.count);
    else this.#sendRows(packet, placement, out, 0, this.count);
    return this.count;
  }

  #sendRows(packet: IncomingPacket, placement: Placement, out: PlanRoom, firstRow: number, endRow: number): void {
    const { plan, gate, nowUs } = out;
    const words = plan.words;
    const rows = this.#words;
    const floats = this.#floats;
    const { mapping, priority } = this;
    const index = placement.index;
    const { header } = packet;
    const timestamp = header.timestamp | 0;
    const firstWord = mapping.firstWord | 0;
    const storeSlot = packet.storeSlot;
    const generation = packet.generation;
    const payloadSize = placement.payloadSize;
    const payload = ((placement.payloadOffset - packet.offset) << 16) | payloadSize;
    const prefixSize = mapping.prefixSize;
    const sideOffset = mapping.sideOffset;
    const sizes = (mapping.sizeBytes << 16) | prefixSize;
    const sizeBytes = FIXED_HEADER_BYTES + mapping.sizeBytes + prefixSize + payloadSize + PACKET_OVERHEAD_BYTES;
    const patch = mapping.transportNumberOffset;
    let at = plan.count * EGRESS_WORDS;
    // The record's layout is in egress-plan.ts. Written here word by word: a call per record costs half as much again.
    for (let row = firstRow; row < endRow; row++) {
      const word = row * ROW_WORDS;
      const egressIndex = index + (floats[row * ROW_FLOATS + 2] as number);
      const transport = rows[word] as number;
      words[at] = EgressKind.rtp;
      words[at + 1] = transport;
      words[at + 2] = storeSlot;
      words[at + 3] = generation;
      words[at + 4] = payload;
      words[at + 5] = firstWord | (rows[word + 2] as number) | (egressIndex & 0xffff);
      words[at + 6] = timestamp + (rows[word + 3] as number);
      words[at + 7] = rows[word + 1] as number;
      words[at + 8] = egressIndex / 65536;
      words[at + 9] = sideOffset;
      words[at + 10] = sizes;
      words[at + 11] = 0;
      if (gate.admit(nowUs, transport, plan, at, sizeBytes, priority, patch)) at += EGRESS_WORDS;
    }
    plan.count = at / EGRESS_WORDS;
  }

  /** As `#sendRows`, with a block per row: the shared one, and behind it the start of the payload with the row's numbers. */
  #rewriteRows(packet: IncomingPacket, placement: Placement, out: PlanRoom, firstRow: number, endRow: number): void {
    const { plan, gate, nowUs } = out;
    const { words, side } = plan;
    const rows = this.#words;
    const offsets = this.#offsets;
    const { mapping, priority } = this;
    const { header, frame } = packet;
    const blockSize = mapping.sizeBytes;
    const block = mapping.sideOffset;
    const frameNumberAt = mapping.frameNumberOffset;
    let at = plan.count * EGRESS_WORDS;
    for (let row = firstRow; row < endRow; row++) {
      const word = row * ROW_WORDS;
      const offset = row * OFFSET_WORDS;
      const egressIndex = placement.index + (this.#floats[row * ROW_FLOATS + 2] as number);
      const transport = rows[word] as number;
      const own = plan.openBlock(MAX_BLOCK_BYTES);
      for (let i = 0; i < blockSize; i++) side[own + i] = side[block + i] as number;
      const prefixSize = writePrefix(
        packet,
        placement,
        placement.pictureId + (offsets[offset] as number),
        frame.temporalLayerZeroIndex + (offsets[offset + 1] as number),
        side,
        own + blockSize,
      );
      plan.closeBlock(blockSize + prefixSize);
      const replaced = placement.prefixSize === 0 ? prefixSize : 0;
      const payloadSize = placement.payloadSize - replaced;
      words[at] = EgressKind.rtp | (frameNumberAt << 16);
      words[at + 1] = transport;
      words[at + 2] = packet.storeSlot;
      words[at + 3] = packet.generation;
      words[at + 4] = ((placement.payloadOffset + replaced - packet.offset) << 16) | payloadSize;
      words[at + 5] = mapping.firstWord | (rows[word + 2] as number) | (egressIndex & 0xffff);
      words[at + 6] = header.timestamp + (rows[word + 3] as number);
      words[at + 7] = rows[word + 1] as number;
      words[at + 8] = egressIndex / 65536;
      words[at + 9] = own;
      words[at + 10] = (blockSize << 16) | prefixSize;
      words[at + 11] = frameNumberAt === 0 ? 0 : (frame.frameNumber + (offsets[offset + 2] as number)) & 0xffff;
      const sizeBytes = FIXED_HEADER_BYTES + blockSize + prefixSize + payloadSize + PACKET_OVERHEAD_BYTES;
      if (gate.admit(nowUs, transport, plan, at, sizeBytes, priority, mapping.transportNumberOffset))
        at += EGRESS_WORDS;
    }
    plan.count = at / EGRESS_WORDS;
  }

  /** A late packet: only the slots that had started before it may send it. */
  #sendFromStart(packet: IncomingPacket, placement: Placement, out: PlanRoom): number {
    let sent = 0;
    for (let row = 0; row < this.count; row++) {
      if (placement.index < (this.#floats[row * ROW_FLOATS + 3] as number)) {
        (this.#slots[row] as Slot).skipped(placement.payloadSize);
        continue;
      }
      sent++;
      if (this.rewrites) this.#rewriteRows(packet, placement, out, row, row + 1);
      else this.#sendRows(packet, placement, out, row, row + 1);
    }
    return sent;
  }

  #grow(): void {
    const memory = new ArrayBuffer(this.#words.length * 4 * 2);
    const words = new Int32Array(memory);
    words.set(this.#words);
    this.#words = words;
    this.#floats = new Float64Array(memory);
    const offsets = new Int32Array(this.#offsets.length * 2);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
  }
}

/** Side bytes that `fanOut.send` may need, the shared block included. */
export function rowBytes(fanOut: FanOut): number {
  return MAX_WRITTEN_BYTES + (fanOut.rewrites ? fanOut.count * MAX_BLOCK_BYTES : 0);
}

/**
 * What goes before the stored payload: what the placement says, else the descriptor's start with these numbers. Returns
 * its size; the latter stands for as much of the payload.
 */
export function writePrefix(
  packet: IncomingPacket,
  placement: Placement,
  pictureId: number,
  temporalLayerZeroIndex: number,
  side: Uint8Array,
  at: number,
): number {
  const { prefix, prefixSize } = placement;
  if (prefixSize === 0) return writeDescriptor(packet, packet.frame, pictureId, temporalLayerZeroIndex, side, at);
  for (let i = 0; i < prefixSize; i++) side[at + i] = prefix[i] as number;
  return prefixSize;
}
