/**
 * Where in a stream of WebSocket frames (RFC 6455 section 5.2) one ends and none has begun: there, a frame of one's own may be put in. Looks at
 * lengths only. Pure.
 */

/** Of a header: two bytes, eight of length, four of a mask. */
const MAX_HEADER_BYTES = 14;
const MASKED = 0x80;

export class FrameEdges {
  readonly #header = Buffer.alloc(MAX_HEADER_BYTES);
  #headerBytes = 0;
  /** Of the frame whose header is whole. */
  #payloadLeft = 0;

  /** Whether what was pushed last ended with a frame. */
  get isAtEdge(): boolean {
    return this.#headerBytes === 0 && this.#payloadLeft === 0;
  }

  /** What goes through, in any pieces. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, bytes.length - at);
        this.#payloadLeft -= taken;
        at += taken;
        continue;
      }
      this.#header[this.#headerBytes++] = bytes[at++] as number;
      if (this.#headerBytes >= 2 && this.#headerBytes === this.#headerSize) {
        this.#payloadLeft = this.#payloadSize;
        this.#headerBytes = 0;
      }
    }
  }

  get #shortLength(): number {
    return (this.#header[1] as number) & ~MASKED;
  }

  get #lengthBytes(): number {
    if (this.#shortLength === 127) return 8;
    return this.#shortLength === 126 ? 2 : 0;
  }

  get #headerSize(): number {
    return 2 + this.#lengthBytes + (((this.#header[1] as number) & MASKED) === 0 ? 0 : 4);
  }

  get #payloadSize(): number {
    if (this.#lengthBytes === 0) return this.#shortLength;
    return this.#lengthBytes === 2 ? this.#header.readUInt16BE(2) : Number(this.#header.readBigUInt64BE(2));
  }
}
