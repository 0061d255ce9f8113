/** The records that a carrier carries (proto/tunnel.ts): written, and read from bytes as they come. Pure. */

import { MORE_FOLLOWS, RECORD_HEADER_BYTES, type SessionWord, TunnelChannel } from '../../../proto/tunnel.ts';
import { concatenate } from '../concatenate.ts';

/** Whether records of this channel are numbered and kept: control and signalling, parts of texts included. */
export function isNumbered(channel: number): boolean {
  const plain = channel & ~MORE_FOLLOWS;
  return plain === TunnelChannel.control || plain === TunnelChannel.signalling;
}

/** `payload`: 65 535 bytes at most. */
export function writeRecord(channel: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(RECORD_HEADER_BYTES + payload.length);
  record[0] = channel;
  new DataView(record.buffer).setUint16(1, payload.length);
  record.set(payload, RECORD_HEADER_BYTES);
  return record;
}

export function writeWord(word: SessionWord): Uint8Array<ArrayBuffer> {
  return writeRecord(TunnelChannel.session, new TextEncoder().encode(JSON.stringify(word)));
}

/** Of one carrier: a record may come in pieces. */
export class RecordReader {
  readonly #handle: (channel: number, payload: Uint8Array) => void;
  #rest: Uint8Array = new Uint8Array(0);
  #bytes = 0;

  constructor(handle: (channel: number, payload: Uint8Array) => void) {
    this.#handle = handle;
  }

  /** Of all whole records so far, with their headers. */
  get bytes(): number {
    return this.#bytes;
  }

  push(bytes: Uint8Array): void {
    const all = this.#rest.length === 0 ? bytes : concatenate([this.#rest, bytes]);
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
    let at = 0;
    while (at + RECORD_HEADER_BYTES <= all.length) {
      const start = at + RECORD_HEADER_BYTES;
      const end = start + view.getUint16(at + 1);
      if (end > all.length) break;
      this.#bytes += end - at;
      this.#handle(view.getUint8(at), all.subarray(start, end));
      at = end;
    }
    this.#rest = all.slice(at);
  }
}
