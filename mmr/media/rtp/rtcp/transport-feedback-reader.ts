/**
 * Reads transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1):
 * which of the packets that we sent arrived at the peer, and when. What it counts is bounded before anything is looked
 * at, since a few bytes can claim 65535 statuses.
 */
import { readUint16, readUint24 } from '../bytes.ts';
import { FEEDBACK_HEADER_BYTES } from './rtcp-types.ts';

/** Statuses read of one packet: two seconds of 40 Mb/s. A packet that counts more is refused. */
export const MAX_FEEDBACK_STATUSES = 8192;

/** Base number, status count, reference time and feedback count (section 3.1). */
const FIXED_BYTES = FEEDBACK_HEADER_BYTES + 8;
const DELTA_UNIT_US = 250;
const REFERENCE_UNIT_US = 64_000;
/** The peer's clock as feedback tells it: 24 bits of 64 ms. */
const CLOCK_US = 2 ** 24 * REFERENCE_UNIT_US;

/** Packet status symbols (section 3.1.1); those of received packets equal the size of their delta in bytes. */
const LOST = 0;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;

/** What one packet says. One object serves a whole worker: its content holds until the next packet is read. */
export class TransportFeedbackReport {
  /** 0–255, grows by one with every packet of the peer. */
  feedbackCount = 0;
  /** Transport-wide sequence number (16 bits) of the first status. */
  baseSequence = 0;
  /** Statuses, one per consecutive number: 1–MAX_FEEDBACK_STATUSES. */
  count = 0;
  /** How many of them say "received". */
  received = 0;
  /** Arrival in µs of the peer's clock, 0 to 2^24 · 64 ms, where it begins anew; NaN: not received. */
  readonly arrivalUs = new Float64Array(MAX_FEEDBACK_STATUSES);
}

/** Symbols of the packet being read; only ever used within one call. */
const symbols = new Uint8Array(MAX_FEEDBACK_STATUSES);

/**
 * Reads the feedback packet of `size` bytes (without padding) at `offset`, whose RTCP header has been checked. False,
 * and `report` unchanged, when it is truncated, counts nothing or too much, or uses the reserved symbol. Bytes behind
 * the last delta are ignored. Work is linear in `size` and the statuses. Allocates nothing.
 */
export function readTransportFeedback(
  bytes: Uint8Array,
  offset: number,
  size: number,
  report: TransportFeedbackReport,
): boolean {
  if (size < FIXED_BYTES) return false;
  const count = readUint16(bytes, offset + 14);
  if (count === 0 || count > MAX_FEEDBACK_STATUSES) return false;
  const end = offset + size;
  const deltas = readChunks(bytes, offset + FIXED_BYTES, end, count);
  if (deltas < 0 || deltas + deltaBytes(count) > end) return false;
  report.baseSequence = readUint16(bytes, offset + 12);
  report.feedbackCount = bytes[offset + 19] as number;
  report.count = count;
  report.received = readDeltas(bytes, deltas, readUint24(bytes, offset + 16) * REFERENCE_UNIT_US, report);
  return true;
}

/** Fills `symbols` from the status chunks and returns their end; −1 when they are truncated or use a reserved symbol. */
function readChunks(bytes: Uint8Array, offset: number, end: number, count: number): number {
  let at = offset;
  for (let i = 0; i < count; at += 2) {
    if (at + 2 > end) return -1;
    const chunk = readUint16(bytes, at);
    const read = (chunk & 0x8000) === 0 ? readRun(chunk, i, count) : readVector(chunk, i, count);
    if (read < 0) return -1;
    i += read;
  }
  return at;
}

/** A run-length chunk (section 3.1.3). Returns how many statuses it gave, −1 for the reserved symbol. */
function readRun(chunk: number, first: number, count: number): number {
  const symbol = (chunk >>> 13) & 3;
  if (symbol > LARGE_DELTA) return -1;
  const run = Math.min(chunk & 0x1fff, count - first);
  symbols.fill(symbol, first, first + run);
  return run;
}

/** A status vector chunk (section 3.1.4): of 14 one-bit or 7 two-bit symbols. What it has beyond `count` is ignored. */
function readVector(chunk: number, first: number, count: number): number {
  const bits = (chunk & 0x4000) === 0 ? 1 : 2;
  const length = Math.min(14 / bits, count - first);
  for (let i = 0; i < length; i++) {
    const symbol = (chunk >>> (14 - bits * (i + 1))) & (bits === 1 ? 1 : 3);
    if (symbol > LARGE_DELTA) return -1;
    symbols[first + i] = symbol;
  }
  return length;
}

function deltaBytes(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += symbols[i] as number;
  return sum;
}

/** Adds up the receive deltas (section 3.1.5); returns how many packets were received. */
function readDeltas(bytes: Uint8Array, offset: number, referenceUs: number, report: TransportFeedbackReport): number {
  const { arrivalUs, count } = report;
  let at = offset;
  let timeUs = referenceUs;
  let received = 0;
  for (let i = 0; i < count; i++) {
    const symbol = symbols[i] as number;
    if (symbol === LOST) {
      arrivalUs[i] = Number.NaN;
      continue;
    }
    // The large delta is signed.
    const delta = symbol === SMALL_DELTA ? (bytes[at] as number) : (readUint16(bytes, at) << 16) >> 16;
    at += symbol;
    timeUs += delta * DELTA_UNIT_US;
    if (timeUs < 0) timeUs += CLOCK_US;
    else if (timeUs >= CLOCK_US) timeUs -= CLOCK_US;
    arrivalUs[i] = timeUs;
    received++;
  }
  return received;
}
