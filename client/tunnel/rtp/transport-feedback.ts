/**
 * Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1), read and
 * written: which packets of one transport arrived, and when.
 */
import { ByteWriter, viewOf } from './byte-writer.ts';

export interface TransportFeedback {
  /** 0–255, grows by one with each. */
  readonly count: number;
  /** Transport-wide number (16 bits) of the first entry. */
  readonly base: number;
  /** One entry a number: milliseconds of the receiver's clock, or undefined for a packet that did not arrive. */
  readonly arrivalsMs: readonly (number | undefined)[];
}

const FIXED_BYTES = 20;
const DELTA_MS = 0.25;
const REFERENCE_MS = 64;
/** Reference times begin anew after 2^24 units. */
const REFERENCE_CYCLE = 2 ** 24;
/** Statuses written into one packet: half a kilobyte. */
const MAX_STATUSES = 512;
/** Statuses read of one packet; one that counts more is refused. */
const MAX_READ_STATUSES = 8192;
/** Two-bit status symbols (section 3.1.1); each equals the bytes of its delta. */
const LOST = 0;
const SMALL = 1;
const LARGE = 2;
const SYMBOLS_PER_CHUNK = 7;

/** @param bytes One RTCP packet without padding. Undefined when malformed, or when it counts more than any router says. */
export function readTransportFeedback(bytes: Uint8Array): TransportFeedback | undefined {
  if (bytes.length < FIXED_BYTES) return undefined;
  const view = viewOf(bytes);
  const statuses = view.getUint16(14);
  if (statuses > MAX_READ_STATUSES) return undefined;
  const symbols: number[] = [];
  let at = FIXED_BYTES;
  for (; symbols.length < statuses; at += 2) {
    if (at + 2 > bytes.length) return undefined;
    appendChunk(view.getUint16(at), symbols, statuses);
  }
  let timeMs = (view.getUint32(16) >>> 8) * REFERENCE_MS;
  const arrivalsMs: (number | undefined)[] = [];
  for (const symbol of symbols.slice(0, statuses)) {
    if (symbol > LARGE || at + symbol > bytes.length) return undefined;
    if (symbol === SMALL) timeMs += view.getUint8(at) * DELTA_MS;
    else if (symbol === LARGE) timeMs += view.getInt16(at) * DELTA_MS;
    arrivalsMs.push(symbol === LOST ? undefined : timeMs);
    at += symbol;
  }
  return { count: view.getUint8(19), base: view.getUint16(12), arrivalsMs };
}

/** Run length (section 3.1.3), or a vector of 14 one-bit or 7 two-bit symbols (section 3.1.4). */
function appendChunk(chunk: number, symbols: number[], statuses: number): void {
  if ((chunk & 0x8000) === 0) {
    const run = Math.min(chunk & 0x1fff, statuses - symbols.length);
    for (let i = 0; i < run; i++) symbols.push((chunk >>> 13) & 3);
    return;
  }
  const bits = (chunk & 0x4000) === 0 ? 1 : 2;
  for (let shift = 14 - bits; shift >= 0; shift -= bits) symbols.push((chunk >>> shift) & (bits === 1 ? 1 : 3));
}

/**
 * As many packets as it takes: a new one begins after 512 statuses, and before an arrival that is farther from the one
 * before it than a delta can tell (8 s).
 */
export function writeTransportFeedback(
  senderSsrc: number,
  mediaSsrc: number,
  { count, base, arrivalsMs }: TransportFeedback,
): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let first = 0; first < arrivalsMs.length; ) {
    const part = takePart(arrivalsMs, first);
    const writer = new ByteWriter(FIXED_BYTES + 4 * part.symbols.length + 8);
    writer.uint8(0x8f);
    writer.uint8(205);
    writer.uint16(0);
    writer.uint32(senderSsrc);
    writer.uint32(mediaSsrc);
    writer.uint16((base + first) & 0xffff);
    writer.uint16(part.symbols.length);
    writer.uint24(part.reference % REFERENCE_CYCLE);
    writer.uint8((count + packets.length) & 0xff);
    writeChunks(writer, part.symbols);
    for (const [i, delta] of part.deltas.entries()) {
      if (part.symbols[i] === SMALL) writer.uint8(delta);
      else if (part.symbols[i] === LARGE) writer.uint16(delta & 0xffff);
    }
    writer.align();
    writer.patchUint16(2, writer.size / 4 - 1);
    packets.push(writer.take());
    first += part.symbols.length;
  }
  return packets;
}

interface Part {
  readonly reference: number;
  readonly symbols: number[];
  /** In 250 µs; 0 for what did not arrive. */
  readonly deltas: number[];
}

/** Times are rounded once, from the start of the clock, so that errors do not add up. */
function takePart(arrivalsMs: TransportFeedback['arrivalsMs'], first: number): Part {
  const earliest = arrivalsMs.slice(first, first + MAX_STATUSES).find((each) => each !== undefined) ?? 0;
  const reference = Math.floor(Math.round(earliest / DELTA_MS) / (REFERENCE_MS / DELTA_MS));
  const part: Part = { reference, symbols: [], deltas: [] };
  let before = reference * (REFERENCE_MS / DELTA_MS);
  for (const arrivalMs of arrivalsMs.slice(first, first + MAX_STATUSES)) {
    const units = arrivalMs === undefined ? before : Math.round(arrivalMs / DELTA_MS);
    const delta = units - before;
    if (delta < -0x8000 || delta > 0x7fff) break;
    part.symbols.push(arrivalMs === undefined ? LOST : delta >= 0 && delta <= 0xff ? SMALL : LARGE);
    part.deltas.push(delta);
    before = units;
  }
  return part;
}

/** Two-bit vectors, and runs where they are longer. */
function writeChunks(writer: ByteWriter, symbols: readonly number[]): void {
  for (let i = 0; i < symbols.length; ) {
    let run = 1;
    while (i + run < symbols.length && symbols[i + run] === symbols[i]) run++;
    if (run >= SYMBOLS_PER_CHUNK) {
      writer.uint16(((symbols[i] ?? 0) << 13) | run);
      i += run;
      continue;
    }
    let chunk = 0xc000;
    for (let n = 0; n < SYMBOLS_PER_CHUNK; n++) chunk |= (symbols[i + n] ?? 0) << (12 - 2 * n);
    writer.uint16(chunk);
    i += SYMBOLS_PER_CHUNK;
  }
}
