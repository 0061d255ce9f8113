/** RTP packets as publishers send them, for tests. */

export interface RtpFields {
  readonly ssrc: number;
  readonly payloadType?: number;
  readonly sequenceNumber: number;
  readonly timestamp?: number;
  readonly marker?: boolean;
  /** One-byte extensions, at most 16 bytes each. */
  readonly extensions?: readonly { readonly id: number; readonly bytes: readonly number[] }[];
  readonly payload?: readonly number[];
  /** Bytes of padding, its count included. */
  readonly padding?: number;
}

export const VP8_KEY = [0x10, 0, 0, 0, 0x9d, 0x01, 0x2a] as const;
export const VP8_DELTA = [0x10, 1, 0, 0] as const;

export function rtpPacket(fields: RtpFields): Uint8Array {
  const elements = (fields.extensions ?? []).flatMap(({ id, bytes }) => [(id << 4) | (bytes.length - 1), ...bytes]);
  while (elements.length % 4 !== 0) elements.push(0);
  const extended = elements.length > 0;
  const block = extended ? [0xbe, 0xde, 0, elements.length / 4, ...elements] : [];
  const padding = fields.padding === undefined ? [] : [...Array(fields.padding - 1).fill(0), fields.padding];
  const head = new Uint8Array(12);
  const view = new DataView(head.buffer);
  view.setUint8(0, 0x80 | (extended ? 0x10 : 0) | (padding.length > 0 ? 0x20 : 0));
  view.setUint8(1, (fields.marker ? 0x80 : 0) | (fields.payloadType ?? 96));
  view.setUint16(2, fields.sequenceNumber);
  view.setUint32(4, (fields.timestamp ?? 0) >>> 0);
  view.setUint32(8, fields.ssrc);
  return Uint8Array.from([...head, ...block, ...(fields.payload ?? VP8_DELTA), ...padding]);
}
