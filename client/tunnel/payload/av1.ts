/**
 * AV1 in RTP (RTP Payload Format For AV1 1.0, section 4), read. Packets carry OBUs without their sizes; decoders take
 * them with sizes (AV1 specification section 5.2, low-overhead format), so these are put in.
 */
import { concatenate } from '../concatenate.ts';
import type { PayloadInfo, VideoFormat } from './video-format.ts';

const TEMPORAL_DELIMITER = 2;
const TILE_LIST = 8;

export const AV1: VideoFormat = {
  name: 'AV1',

  describe(payload: Uint8Array): PayloadInfo | undefined {
    const header = payload[0];
    if (header === undefined || payload.length < 2) return undefined;
    // Z: continues an OBU of the packet before. N: first packet of a coded video sequence.
    const isContinued = (header & 0x80) !== 0;
    const isKey = !isContinued && (header & 0x08) !== 0;
    // Where a frame starts is told by the packet before, which has the marker; the first OBU is whole there.
    return { startsFrame: !isContinued, isKey, temporal: undefined, baseIndex: undefined };
  },

  join(payloads: readonly Uint8Array[]): Uint8Array | undefined {
    const obus: Uint8Array[][] = [];
    let isOpen = false;
    for (const payload of payloads) {
      const header = payload[0] ?? 0;
      const elements = readElements(payload);
      if (elements === undefined || isOpen !== ((header & 0x80) !== 0)) return undefined;
      for (const [i, element] of elements.entries()) {
        if (i === 0 && isOpen) obus.at(-1)?.push(element);
        else obus.push([element]);
      }
      isOpen = (header & 0x40) !== 0;
    }
    return isOpen ? undefined : concatenate(obus.flatMap((parts) => withSize(concatenate(parts))));
  },
};

/** Section 4.3: W elements of which the last has no size, or with W = 0 all with a size. Undefined when they do not fit. */
function readElements(payload: Uint8Array): Uint8Array[] | undefined {
  const told = ((payload[0] ?? 0) >>> 4) & 3;
  const elements: Uint8Array[] = [];
  for (let at = 1; at < payload.length; ) {
    let size = payload.length - at;
    if (told === 0 || elements.length < told - 1) {
      const read = readLeb128(payload, at);
      if (read === undefined) return undefined;
      [size, at] = read;
    }
    if (at + size > payload.length) return undefined;
    elements.push(payload.subarray(at, at + size));
    at += size;
  }
  return told === 0 || elements.length === told ? elements : undefined;
}

/** The OBU with its size written into it; nothing of those that do not belong into a stream of one operating point. */
function withSize(obu: Uint8Array): Uint8Array[] {
  const header = obu[0] ?? 0;
  const type = (header >>> 3) & 0x0f;
  if (obu.length === 0 || type === TEMPORAL_DELIMITER || type === TILE_LIST) return [];
  if ((header & 0x02) !== 0) return [obu];
  const headerBytes = (header & 0x04) === 0 ? 1 : 2;
  const head = Uint8Array.from(obu.subarray(0, headerBytes));
  head[0] = header | 0x02;
  return [head, writeLeb128(obu.length - headerBytes), obu.subarray(headerBytes)];
}

/** Value and where what follows begins. */
function readLeb128(bytes: Uint8Array, start: number): [value: number, end: number] | undefined {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, start + i + 1];
  }
  return undefined;
}

function writeLeb128(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Uint8Array.from(bytes);
}
