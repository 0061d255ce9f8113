/** The records that a carrier carries (proto/tunnel.ts): read from a message that holds whole ones, and written into one. */
import { MAX_MEDIA_BYTES, MORE_FOLLOWS, RECORD_HEADER_BYTES, TunnelChannel } from '../../../proto/tunnel.ts';

export interface OutgoingRecord {
  /** With MORE_FOLLOWS, for a part of a text. */
  readonly channel: number;
  readonly payload: Uint8Array;
}

export function isMedia(channel: number): boolean {
  return channel === TunnelChannel.media || channel === TunnelChannel.secondMedia;
}

/** Whether records of this channel are numbered and kept: control and signalling, parts of texts included. */
export function isNumbered(channel: number): boolean {
  const plain = channel & ~MORE_FOLLOWS;
  return plain === TunnelChannel.control || plain === TunnelChannel.signalling;
}

function isKnown(channel: number): boolean {
  return isMedia(channel) || isNumbered(channel) || channel === TunnelChannel.session;
}

/**
 * Gives each record to `handle`, until it returns false: what follows belongs to nobody any more. False when the message does not consist
 * of whole records of known channels; what came before has been given out. Payloads are views of `message`.
 */
export function readRecords(message: Buffer, handle: (channel: number, payload: Buffer) => boolean): boolean {
  for (let at = 0; at < message.length; ) {
    if (at + RECORD_HEADER_BYTES > message.length) return false;
    const channel = message[at] as number;
    const start = at + RECORD_HEADER_BYTES;
    const end = start + message.readUInt16BE(at + 1);
    if (end > message.length || !isKnown(channel)) return false;
    if (isMedia(channel) && end - start > MAX_MEDIA_BYTES) return false;
    if (!handle(channel, message.subarray(start, end))) return true;
    at = end;
  }
  return true;
}

export function writeRecords(records: readonly OutgoingRecord[]): Buffer {
  const message = Buffer.allocUnsafe(records.reduce((sum, record) => sum + sizeOf(record), 0));
  let at = 0;
  for (const { channel, payload } of records) {
    message[at] = channel;
    message.writeUInt16BE(payload.length, at + 1);
    message.set(payload, at + RECORD_HEADER_BYTES);
    at += RECORD_HEADER_BYTES + payload.length;
  }
  return message;
}

export function sizeOf({ payload }: OutgoingRecord): number {
  return RECORD_HEADER_BYTES + payload.length;
}
