/**
 * The fixed RTP header, CSRC list, extension block and padding of a plain packet (RFC 3550 section 5.1). First thing
 * read of every media packet once SRTP held; nothing is copied, the view holds offsets.
 */
import { inBounds, readUint16, readUint32 } from './bytes.ts';
import { extensionElementsFit } from './header-extensions.ts';

const FIXED_HEADER_BYTES = 12;
const EXTENSION_HEADER_BYTES = 4;
/**
 * A list of fifteen means that a mixer had more contributors than the field can name and cut the list (RFC 3550
 * section 5.1), so it can no longer be trusted to name them; no participant sends one. Such packets are refused.
 */
const MAX_CSRC_COUNT = 14;

/** A view of one packet; one object is reused for all of them, so its fields hold until the next parse. */
export class RtpHeader {
  marker = false;
  /** 0..127. */
  payloadType = 0;
  /** 0..65535. */
  sequenceNumber = 0;
  /** 0..2^32-1, in units of the codec's clock. */
  timestamp = 0;
  /** 0..2^32-1. */
  ssrc = 0;
  /** 0..14. */
  csrcCount = 0;
  /** Bytes of fixed header, CSRC list and extension block. */
  headerSize = 0;
  /** "Defined by profile" field of the extension block: 0xBEDE, 0x1000..0x100F or foreign; 0 when there is none. */
  extensionProfile = 0;
  /** Where the first extension element starts, counted from the start of the array. */
  extensionOffset = 0;
  /** Bytes of the extension elements with their padding; 0 when there are none. */
  extensionSize = 0;
  /** Where the payload starts, counted from the start of the array. */
  payloadOffset = 0;
  /** Bytes of payload, padding taken off; 0 for a packet of padding only (a probe). */
  payloadSize = 0;
  /** Bytes of padding, its count byte included; 0 when there is none. */
  paddingSize = 0;
}

/**
 * Reads the packet of `sizeBytes` at `offset` into `header`. False when it is malformed (`header` is then undefined
 * ground): too short, another version, a CSRC list, extension block, extension element or padding that does not
 * fit, or a packet that carries nothing at all. Allocates nothing.
 */
export function parseRtpHeader(bytes: Uint8Array, offset: number, sizeBytes: number, header: RtpHeader): boolean {
  if (sizeBytes < FIXED_HEADER_BYTES || !inBounds(bytes, offset, sizeBytes)) return false;
  const first = bytes[offset] as number;
  if (first >>> 6 !== 2) return false;
  const csrcCount = first & 0x0f;
  if (csrcCount > MAX_CSRC_COUNT) return false;

  let headerSize = FIXED_HEADER_BYTES + 4 * csrcCount;
  header.extensionProfile = 0;
  header.extensionOffset = offset + headerSize;
  header.extensionSize = 0;
  if ((first & 0x10) !== 0) {
    // A block header that is cut makes `headerSize` exceed the packet, whatever is read here.
    header.extensionProfile = readUint16(bytes, offset + headerSize);
    header.extensionSize = 4 * readUint16(bytes, offset + headerSize + 2);
    header.extensionOffset = offset + headerSize + EXTENSION_HEADER_BYTES;
    headerSize += EXTENSION_HEADER_BYTES + header.extensionSize;
  }
  if (headerSize >= sizeBytes) return false;
  if (header.extensionSize !== 0 && !extensionElementsFit(bytes, header)) return false;

  let paddingSize = 0;
  if ((first & 0x20) !== 0) {
    paddingSize = bytes[offset + sizeBytes - 1] as number;
    if (paddingSize === 0 || headerSize + paddingSize > sizeBytes) return false;
  }

  const second = bytes[offset + 1] as number;
  header.marker = second >= 0x80;
  header.payloadType = second & 0x7f;
  header.sequenceNumber = readUint16(bytes, offset + 2);
  header.timestamp = readUint32(bytes, offset + 4);
  header.ssrc = readUint32(bytes, offset + 8);
  header.csrcCount = csrcCount;
  header.headerSize = headerSize;
  header.payloadOffset = offset + headerSize;
  header.payloadSize = sizeBytes - headerSize - paddingSize;
  header.paddingSize = paddingSize;
  return true;
}
