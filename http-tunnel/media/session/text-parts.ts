/** Texts of control and signalling, which may be longer than a record holds: cut into parts, and put together again. */
import { MAX_TEXT_BYTES, MAX_WHOLE_TEXT_BYTES, MORE_FOLLOWS } from '../../../proto/tunnel.ts';
import type { OutgoingRecord } from './records.ts';

export function cutText(channel: number, text: string): OutgoingRecord[] {
  const bytes = Buffer.from(text);
  const records: OutgoingRecord[] = [];
  for (let at = 0; at + MAX_TEXT_BYTES < bytes.length; at += MAX_TEXT_BYTES) {
    records.push({ channel: channel | MORE_FOLLOWS, payload: bytes.subarray(at, at + MAX_TEXT_BYTES) });
  }
  const rest = bytes.subarray(records.length * MAX_TEXT_BYTES);
  return [...records, { channel, payload: rest }];
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Of one channel. */
export class TextJoiner {
  #parts: Buffer[] = [];
  #bytes = 0;

  /**
   * The text that this part ends; '' while it goes on, and undefined when it gets too long or is no UTF-8. The bytes of `part` are
   * copied when they have to be kept.
   */
  push(part: Buffer, moreFollows: boolean): string | undefined {
    this.#bytes += part.length;
    // An empty part brings nothing nearer to its end, and costs memory.
    if (this.#bytes > MAX_WHOLE_TEXT_BYTES || (moreFollows && part.length === 0)) return undefined;
    if (moreFollows) {
      this.#parts.push(Buffer.from(part));
      return '';
    }
    const whole = this.#parts.length === 0 ? part : Buffer.concat([...this.#parts, part]);
    this.#parts = [];
    this.#bytes = 0;
    try {
      return decoder.decode(whole);
    } catch {
      return undefined;
    }
  }
}
