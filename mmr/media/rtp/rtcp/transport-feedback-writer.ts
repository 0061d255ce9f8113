/**
 * Writes transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1):
 * when each packet of a range of transport-wide sequence numbers arrived. Publishers estimate their uplink by it.
 */
import { writeUint16, writeUint24, writeUint32 } from '../bytes.ts';
import { FEEDBACK_HEADER_BYTES, RtcpType, TransportFormat } from './rtcp-types.ts';

/** Header, SSRCs, base number, status count, reference time and feedback count. */
const FIXED_BYTES = FEEDBACK_HEADER_BYTES + 8;
const DELTA_UNIT_US = 250;
/** The reference time counts 64 ms, which is 256 delta units. */
const DELTAS_PER_REFERENCE = 256;
const MAX_RUN = 0x1fff;
const ONE_BIT_SYMBOLS = 14;
const TWO_BIT_SYMBOLS = 7;
/** Number of statuses that one packet can count. */
const MAX_STATUSES = 0xffff;

/** Packet status symbols (section 3.1.1); each equals the size of its delta in bytes. */
const LOST = 0;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;

/** What is to be reported; `writeTransportFeedback` moves it forward past what it has written. */
export class TransportFeedback {
  senderSsrc = 0;
  mediaSsrc = 0;
  /** 0..255, grows by one with every packet. */
  feedbackCount = 0;
  /** Transport-wide sequence number (mod 2^16) of `arrivalsUs[first]`. */
  baseSequence = 0;
  /** Arrival times in microseconds, one per consecutive sequence number; negative or NaN: not received. */
  arrivalsUs: Float64Array = new Float64Array(0);
  /** Index of the first status that is still to be reported. */
  first = 0;
  /** How many statuses are still to be reported. */
  count = 0;
  /** Reference time of the latest packet, in 64 ms: kept for one that reports nothing but losses. */
  referenceTime = 0;
}

/**
 * Writes one RTCP packet of at most `limitBytes` at `offset` and returns its size, a multiple of 4. It covers as many
 * statuses from `feedback.first` as fit: it ends early at the limit, and before an arrival whose distance to the one
 * before it exceeds a large delta (±8.19 s). `feedback` moves on accordingly, so the caller loops while `count` > 0.
 * Returns 0, and moves nothing, when there is nothing to report or not even one status fits (under 24 bytes).
 * Work is linear in the statuses covered. Allocates nothing.
 */
export function writeTransportFeedback(
  bytes: Uint8Array,
  offset: number,
  limitBytes: number,
  feedback: TransportFeedback,
): number {
  const reference = referenceOf(feedback);
  const covered = classify(limitBytes, feedback, reference);
  if (covered === 0) return 0;

  const chunksEnd = writeChunks(bytes, offset + FIXED_BYTES, covered);
  let end = writeDeltas(bytes, chunksEnd, feedback, covered, reference);
  while (((end - offset) & 3) !== 0) bytes[end++] = 0;

  bytes[offset] = 0x80 | TransportFormat.transportWide;
  bytes[offset + 1] = RtcpType.transportFeedback;
  writeUint16(bytes, offset + 2, (end - offset) / 4 - 1);
  writeUint32(bytes, offset + 4, feedback.senderSsrc);
  writeUint32(bytes, offset + 8, feedback.mediaSsrc);
  writeUint16(bytes, offset + 12, feedback.baseSequence);
  writeUint16(bytes, offset + 14, covered);
  writeUint24(bytes, offset + 16, reference);
  bytes[offset + 19] = feedback.feedbackCount;

  feedback.feedbackCount = (feedback.feedbackCount + 1) & 0xff;
  feedback.baseSequence = (feedback.baseSequence + covered) & 0xffff;
  feedback.first += covered;
  feedback.count -= covered;
  feedback.referenceTime = reference;
  return end - offset;
}

/** Arrival in delta units of 250 µs, rounded once from the absolute time so that errors never add up; −1: lost. */
function ticksAt(feedback: TransportFeedback, i: number): number {
  const arrivalUs = feedback.arrivalsUs[feedback.first + i] as number;
  return arrivalUs >= 0 ? Math.round(arrivalUs / DELTA_UNIT_US) : -1;
}

/** Reference time in 64 ms just before the first arrival, so that its delta is small. */
function referenceOf(feedback: TransportFeedback): number {
  for (let i = 0; i < feedback.count; i++) {
    const ticks = ticksAt(feedback, i);
    if (ticks >= 0) return Math.floor(ticks / DELTAS_PER_REFERENCE);
  }
  return feedback.referenceTime;
}

/** Symbols of the packet being written; filled by `classify`. Only ever read within the same call. */
const symbols = new Uint8Array(MAX_STATUSES);

/**
 * Finds the symbol of each status and how many statuses one packet can cover. Room is counted with two-bit chunks
 * throughout, which is never less than what `writeChunks` takes.
 */
function classify(limitBytes: number, feedback: TransportFeedback, reference: number): number {
  const count = Math.min(feedback.count, MAX_STATUSES);
  const room = (limitBytes & ~3) - FIXED_BYTES;
  let previous = reference * DELTAS_PER_REFERENCE;
  let deltaBytes = 0;
  for (let i = 0; i < count; i++) {
    let symbol: number = LOST;
    const ticks = ticksAt(feedback, i);
    if (ticks >= 0) {
      const delta = ticks - previous;
      if (delta < -0x8000 || delta > 0x7fff) return i;
      symbol = delta >= 0 && delta <= 0xff ? SMALL_DELTA : LARGE_DELTA;
      deltaBytes += symbol;
      previous = ticks;
    }
    if (2 * (Math.floor(i / TWO_BIT_SYMBOLS) + 1) + deltaBytes > room) return i;
    symbols[i] = symbol;
  }
  return count;
}

/**
 * Writes the status chunks of the first `covered` statuses and returns their end. Chunks are chosen greedily: a run
 * where it is at least as long as the vector it replaces, else one bit per status where no delta is large, else two.
 */
function writeChunks(bytes: Uint8Array, offset: number, covered: number): number {
  let at = offset;
  for (let i = 0; i < covered; at += 2) {
    const perVector = hasLargeDelta(i, Math.min(i + ONE_BIT_SYMBOLS, covered)) ? TWO_BIT_SYMBOLS : ONE_BIT_SYMBOLS;
    const run = runLength(i, Math.min(i + MAX_RUN, covered));
    if (run >= perVector || i + run === covered) {
      writeUint16(bytes, at, ((symbols[i] as number) << 13) | run);
      i += run;
    } else {
      writeUint16(bytes, at, statusVector(i, covered, perVector));
      i += perVector;
    }
  }
  return at;
}

function hasLargeDelta(from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (symbols[i] === LARGE_DELTA) return true;
  return false;
}

/** How many statuses from `from` on, `to` excluded, are the same. */
function runLength(from: number, to: number): number {
  let i = from + 1;
  while (i < to && symbols[i] === symbols[from]) i++;
  return i - from;
}

/** A status vector chunk (section 3.1.4): of 14 one-bit or 7 two-bit symbols, zeros past the last status. */
function statusVector(from: number, covered: number, perVector: number): number {
  const bits = ONE_BIT_SYMBOLS / perVector;
  let vector = bits === 1 ? 0x8000 : 0xc000;
  for (let i = 0; i < perVector && from + i < covered; i++) {
    vector |= (symbols[from + i] as number) << (ONE_BIT_SYMBOLS - bits * (i + 1));
  }
  return vector;
}

/** Writes the receive deltas of the first `covered` statuses and returns their end. */
function writeDeltas(
  bytes: Uint8Array,
  offset: number,
  feedback: TransportFeedback,
  covered: number,
  reference: number,
): number {
  let at = offset;
  let previous = reference * DELTAS_PER_REFERENCE;
  for (let i = 0; i < covered; i++) {
    const ticks = ticksAt(feedback, i);
    if (ticks < 0) continue;
    const delta = ticks - previous;
    if (delta >= 0 && delta <= 0xff) {
      bytes[at++] = delta;
    } else {
      writeUint16(bytes, at, delta);
      at += 2;
    }
    previous = ticks;
  }
  return at;
}
