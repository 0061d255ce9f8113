/** RTP packets of the simulated publishers, with one-byte header extensions. */
import { writeUint16, writeUint32 } from '../../../mmr/media/rtp/bytes.ts';

export interface Extension {
  readonly id: number;
  readonly bytes: Uint8Array;
}

export function writeRtp(
  payloadType: number,
  marker: boolean,
  sequenceNumber: number,
  timestamp: number,
  ssrc: number,
  extensions: readonly Extension[],
  payload: Uint8Array,
): Uint8Array {
  let elements = 0;
  for (const { bytes } of extensions) elements += 1 + bytes.length;
  const words = (elements + 3) >> 2;
  const headerSize = 12 + (words === 0 ? 0 : 4 + 4 * words);
  const packet = new Uint8Array(headerSize + payload.length);
  packet[0] = words === 0 ? 0x80 : 0x90;
  packet[1] = (marker ? 0x80 : 0) | payloadType;
  writeUint16(packet, 2, sequenceNumber & 0xffff);
  writeUint32(packet, 4, timestamp >>> 0);
  writeUint32(packet, 8, ssrc);
  if (words > 0) {
    writeUint16(packet, 12, 0xbede);
    writeUint16(packet, 14, words);
    let at = 16;
    for (const { id, bytes } of extensions) {
      packet[at] = (id << 4) | (bytes.length - 1);
      packet.set(bytes, at + 1);
      at += 1 + bytes.length;
    }
  }
  packet.set(payload, headerSize);
  return packet;
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of((value >>> 8) & 0xff, value & 0xff);
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
