/** Writes whole RTP packets (RFC 3550 section 5.1) with one-byte header extensions (RFC 8285 section 4.2). */

export interface RtpPacketFields {
  readonly payloadType: number;
  readonly marker: boolean;
  /** 0–65535 */
  readonly sequenceNumber: number;
  /** 0–2^32−1 */
  readonly timestamp: number;
  readonly ssrc: number;
  /** Ids 1–14, values of 1–16 bytes. */
  readonly extensions: readonly { readonly id: number; readonly value: Uint8Array }[];
}

/** Profile of the one-byte form. */
const ONE_BYTE_PROFILE = 0xbede;

export function writeRtpPacket(fields: RtpPacketFields, payload: Uint8Array): Buffer {
  const elementBytes = fields.extensions.reduce((sum, { value }) => sum + 1 + value.length, 0);
  const extensionWords = Math.ceil(elementBytes / 4);
  const headerBytes = 12 + (extensionWords > 0 ? 4 + extensionWords * 4 : 0);
  // alloc, not allocUnsafe: the padding after the extensions must be zero.
  const packet = Buffer.alloc(headerBytes + payload.length);
  packet[0] = 0x80 | (extensionWords > 0 ? 0x10 : 0);
  packet[1] = (fields.marker ? 0x80 : 0) | fields.payloadType;
  packet.writeUInt16BE(fields.sequenceNumber, 2);
  packet.writeUInt32BE(fields.timestamp, 4);
  packet.writeUInt32BE(fields.ssrc, 8);
  if (extensionWords > 0) {
    packet.writeUInt16BE(ONE_BYTE_PROFILE, 12);
    packet.writeUInt16BE(extensionWords, 14);
    let at = 16;
    for (const { id, value } of fields.extensions) {
      packet[at++] = (id << 4) | (value.length - 1);
      packet.set(value, at);
      at += value.length;
    }
  }
  packet.set(payload, headerBytes);
  return packet;
}
