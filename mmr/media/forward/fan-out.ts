/**
 * One packet to many slots: the innermost loop of the router. The rows are what a record of the egress plan needs of a
 * slot while its source stays the same; they lie one after the other in one array, so that the loop reads and writes
 * memory in order and touches no object. Slots change rows only when their source changes.
 */
import { EGRESS_CAPACITY, EGRESS_WORDS, EgressKind, type EgressPlan } from '../egress/egress-plan.ts';
import type { HeaderMapping } from '../egress/header-mapping.ts';
import type { Slot } from '../egress/slot.ts';
import type { IncomingPacket } from './incoming-packet.ts';

/**
 * Row: 8 words of 32 bits.
 *
 * | word | content |
 * |---|---|
 * | 0 | transport handle |
 * | 1 | SSRC of the slot |
 * | 2 | payload type << 16, in place for the first header word |
 * | 3 | what to add to the source's timestamp, modulo 2^32 |
 * | 4–5 | float64: what to add to the source's widened sequence number |
 * | 6–7 | float64: widened sequence number of the source from which on the slot sends |
 */
const ROW_WORDS = 8;
const ROW_FLOATS = ROW_WORDS / 2;
const INITIAL_ROWS = 8;

export class FanOut {
  /** Of all rows: slots are grouped by it, and its block is shared. */
  readonly mapping: HeaderMapping;
  count = 0;
  #words: Int32Array;
  #floats: Float64Array;
  readonly #slots: Slot[] = [];
  /** No row starts later than this, so packets from here on go to all rows without a look. */
  #latestStart = 0;

  constructor(mapping: HeaderMapping) {
    this.mapping = mapping;
    const memory = new ArrayBuffer(INITIAL_ROWS * ROW_WORDS * 4);
    this.#words = new Int32Array(memory);
    this.#floats = new Float64Array(memory);
  }

  /** The slots by row. */
  get slots(): readonly Slot[] {
    return this.#slots;
  }

  /** Adds a slot, which will know its row; it sends from `startIndex` on. */
  add(
    slot: Slot,
    transport: number,
    payloadType: number,
    timestampOffset: number,
    indexOffset: number,
    startIndex: number,
  ): void {
    if ((this.count + 1) * ROW_WORDS > this.#words.length) this.#grow();
    const row = this.count++;
    this.#slots[row] = slot;
    slot.row = row;
    const word = row * ROW_WORDS;
    this.#words[word] = transport;
    this.#words[word + 1] = slot.ssrc;
    this.#words[word + 2] = payloadType << 16;
    this.#words[word + 3] = timestampOffset;
    const float = row * ROW_FLOATS;
    this.#floats[float + 2] = indexOffset;
    this.#floats[float + 3] = startIndex;
    if (startIndex > this.#latestStart) this.#latestStart = startIndex;
  }

  /** Takes the slot of `row` out; the last row moves to its place. */
  remove(row: number): void {
    const last = --this.count;
    const moved = this.#slots.pop();
    if (row !== last && moved !== undefined) {
      this.#words.copyWithin(row * ROW_WORDS, last * ROW_WORDS, (last + 1) * ROW_WORDS);
      this.#slots[row] = moved;
      moved.row = row;
    }
  }

  /**
   * Writes one record per row for `packet`, whose header block `mapping` has just written. The caller has made room
   * for `count` records of `out`. Returns how many were written: late packets are not for slots that started after them.
   */
  send(packet: IncomingPacket, out: EgressPlan): number {
    if (packet.index < this.#latestStart) return this.#sendFromStart(packet, out);
    this.#sendRows(packet, out, 0, this.count);
    return this.count;
  }

  #sendRows(packet: IncomingPacket, out: EgressPlan, firstRow: number, endRow: number): void {
    const plan = out.words;
    const rows = this.#words;
    const floats = this.#floats;
    const mapping = this.mapping;
    const index = packet.index;
    const timestamp = packet.header.timestamp | 0;
    const firstWord = mapping.firstWord | 0;
    const storeSlot = packet.storeSlot;
    const generation = packet.generation;
    const payload = ((packet.header.payloadOffset - packet.offset) << 16) | packet.header.payloadSize;
    const sideOffset = mapping.sideOffset;
    const sizes = mapping.sizeBytes << 16;
    let at = out.count * EGRESS_WORDS;
    // The record's layout is in egress-plan.ts. Written here word by word: a call per record costs half as much again.
    for (let row = firstRow; row < endRow; row++) {
      const word = row * ROW_WORDS;
      const egressIndex = index + (floats[row * ROW_FLOATS + 2] as number);
      plan[at] = EgressKind.rtp;
      plan[at + 1] = rows[word] as number;
      plan[at + 2] = storeSlot;
      plan[at + 3] = generation;
      plan[at + 4] = payload;
      plan[at + 5] = firstWord | (rows[word + 2] as number) | (egressIndex & 0xffff);
      plan[at + 6] = timestamp + (rows[word + 3] as number);
      plan[at + 7] = rows[word + 1] as number;
      plan[at + 8] = egressIndex / 65536;
      plan[at + 9] = sideOffset;
      plan[at + 10] = sizes;
      at += EGRESS_WORDS;
    }
    out.count += endRow - firstRow;
  }

  /** A late packet: only the slots that had started before it may send it. */
  #sendFromStart(packet: IncomingPacket, out: EgressPlan): number {
    const before = out.count;
    for (let row = 0; row < this.count; row++) {
      if (packet.index >= (this.#floats[row * ROW_FLOATS + 3] as number)) this.#sendRows(packet, out, row, row + 1);
      else (this.#slots[row] as Slot).skipped(packet.header.payloadSize);
    }
    return out.count - before;
  }

  #grow(): void {
    const memory = new ArrayBuffer(this.#words.length * 4 * 2);
    const words = new Int32Array(memory);
    words.set(this.#words);
    this.#words = words;
    this.#floats = new Float64Array(memory);
  }
}

/** Rows per fan-out at most, so that one packet always fits an empty plan; further slots open a further fan-out. */
export const MAX_FAN_OUT_ROWS = EGRESS_CAPACITY;
