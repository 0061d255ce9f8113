/** Writes big-endian numbers one after the other. Whoever uses it knows how much it will be. */
export class ByteWriter {
  readonly #view: DataView<ArrayBuffer>;
  #at = 0;

  /** @param capacity Bytes; writing more throws a RangeError. */
  constructor(capacity: number) {
    this.#view = new DataView(new ArrayBuffer(capacity));
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#at;
  }

  uint8(value: number): void {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  uint16(value: number): void {
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  uint24(value: number): void {
    this.uint8(value >>> 16);
    this.uint16(value & 0xffff);
  }

  uint32(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  bytes(bytes: Uint8Array): void {
    new Uint8Array(this.#view.buffer).set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Zeros up to a multiple of four, counted from the start. */
  align(): void {
    this.#at += -this.#at & 3;
  }

  /** Puts a number where one was left out before. */
  patchUint16(at: number, value: number): void {
    this.#view.setUint16(at, value);
  }

  /** What was written; later writing does not change it. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#view.buffer.slice(0, this.#at));
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
