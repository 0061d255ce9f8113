/** H264 RTP payloads (RFC 6184): whether a packet starts a key frame. */
import { readUint16 } from '../bytes.ts';

/** NAL unit types (ITU-T H.264 table 7-1; RFC 6184 section 5.2). */
const NAL_SEQUENCE_PARAMETERS = 7;
const NAL_STAP_A = 24;
const NAL_FU_A = 28;

/**
 * Whether the payload of `size` bytes starts a key frame: it holds a sequence parameter set, as a single NAL unit, in a
 * STAP-A, or as the first fragment of a FU-A. Encoders of WebRTC send the parameter sets before each IDR slice; an IDR
 * slice without them is not decodable by a receiver who begins there, so it is no start. False for truncated payloads
 * and for the interleaved mode, which WebRTC does not use (RFC 7742 section 6.2).
 */
export function isH264Keyframe(bytes: Uint8Array, offset: number, size: number): boolean {
  if (size < 2) return false;
  const type = (bytes[offset] as number) & 0x1f;
  if (type === NAL_FU_A) {
    const fuHeader = bytes[offset + 1] as number;
    return size > 2 && (fuHeader & 0xc0) === 0x80 && (fuHeader & 0x1f) === NAL_SEQUENCE_PARAMETERS;
  }
  return type === NAL_STAP_A
    ? aggregateHasParameters(bytes, offset + 1, offset + size)
    : type === NAL_SEQUENCE_PARAMETERS;
}

/** Walks the units of a STAP-A (RFC 6184 section 5.7.1); a unit that does not fit makes the whole packet invalid. */
function aggregateHasParameters(bytes: Uint8Array, start: number, end: number): boolean {
  let found = false;
  let at = start;
  while (at < end) {
    const unitSize = readUint16(bytes, at);
    if (unitSize === 0 || at + 2 + unitSize > end) return false;
    found ||= ((bytes[at + 2] as number) & 0x1f) === NAL_SEQUENCE_PARAMETERS;
    at += 2 + unitSize;
  }
  return found;
}
