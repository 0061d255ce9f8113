/** AV1 RTP payloads (RTP Payload Format For AV1 1.0, section 4): whether a packet starts a coded video sequence. */

/** OBU size fields are LEB128 of at most eight bytes (AV1 specification section 4.10.5). */
const MAX_LEB128_BYTES = 8;

/**
 * Whether the payload starts a key frame: N of the aggregation header says that the packet is the first of a coded
 * video sequence (section 4.4). False as well when Z contradicts it (the first element would continue an earlier
 * packet's), or when the elements do not fit into the payload.
 */
export function isAv1Keyframe(bytes: Uint8Array, offset: number, size: number): boolean {
  if (size < 2) return false;
  const header = bytes[offset] as number;
  return (header & 0x08) !== 0 && (header & 0x80) === 0 && elementsFit(bytes, offset + 1, offset + size, header);
}

/**
 * Walks the OBU elements: W of them, the last without a size; or, with W = 0, all with a size, up to the end. An element
 * that is too long leaves `at` behind the end.
 */
function elementsFit(bytes: Uint8Array, start: number, end: number, header: number): boolean {
  const told = (header >>> 4) & 0x03;
  let at = start;
  for (let element = 1; told === 0 ? at < end : element < told; element++) {
    let elementSize = 0;
    let read = 0;
    let more = true;
    while (more) {
      if (at >= end || read === MAX_LEB128_BYTES) return false;
      const byte = bytes[at++] as number;
      elementSize += (byte & 0x7f) * 2 ** (7 * read++);
      more = byte >= 0x80;
    }
    at += elementSize;
  }
  return told === 0 ? at === end : at < end;
}
