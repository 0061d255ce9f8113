/** Texts of control and signalling, which may be longer than a record holds: cut into parts, and put together again. Pure. */
import { MAX_TEXT_BYTES, MORE_FOLLOWS } from '../../../proto/tunnel.ts';
import { concatenate } from '../concatenate.ts';
import { writeRecord } from './records.ts';

/** The records of a text. */
export function cutText(channel: number, text: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const records: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (; at + MAX_TEXT_BYTES < text.length; at += MAX_TEXT_BYTES) {
    records.push(writeRecord(channel | MORE_FOLLOWS, text.subarray(at, at + MAX_TEXT_BYTES)));
  }
  return [...records, writeRecord(channel, text.subarray(at))];
}

/** Of all channels of a session, whichever carriers its records come by. */
export class TextJoiner {
  readonly #parts = new Map<number, Uint8Array[]>();

  /** The text that this record ends, and its channel; undefined while it goes on. */
  push(channel: number, payload: Uint8Array): { channel: number; text: Uint8Array } | undefined {
    const plain = channel & ~MORE_FOLLOWS;
    const parts = this.#parts.get(plain) ?? [];
    if (plain !== channel) {
      this.#parts.set(plain, [...parts, payload]);
      return undefined;
    }
    this.#parts.delete(plain);
    return { channel, text: parts.length === 0 ? payload : concatenate([...parts, payload]) };
  }
}
