/** Bits of a byte range, most significant first, as the dependency descriptor and parameter sets are written. */

/** One object is reused. Reads past the end give zeros and are remembered. */
export class BitReader {
  /** Next bit, counted from the start of the range: from that of a large packet store it would not fit 32 bits. */
  position = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #end = 0;

  /** `size` bytes at `offset`. */
  begin(bytes: Uint8Array, offset: number, size: number): void {
    this.#bytes = bytes;
    this.#offset = offset;
    this.position = 0;
    this.#end = size * 8;
  }

  /** Whether more was read than there is. */
  get isOverrun(): boolean {
    return this.position > this.#end;
  }

  /** An unsigned number of `count` bits, 0–32. */
  read(count: number): number {
    if (this.position + count > this.#end) {
      this.position = this.#end + 1;
      return 0;
    }
    let value = 0;
    let left = count;
    while (left > 0) {
      const free = 8 - (this.position & 7);
      const taken = left < free ? left : free;
      const byte = this.#bytes[this.#offset + (this.position >>> 3)] as number;
      value = value * (1 << taken) + ((byte >>> (free - taken)) & ((1 << taken) - 1));
      this.position += taken;
      left -= taken;
    }
    return value;
  }

  readFlag(): boolean {
    return this.read(1) === 1;
  }

  /** ns(n) of the AV1 specification, section 4.10.7: a number of 0..n − 1, n ≥ 1. */
  readNonSymmetric(n: number): number {
    const width = 32 - Math.clz32(n);
    const short = (1 << width) - n;
    const value = this.read(width - 1);
    return value < short ? value : (value << 1) - short + this.read(1);
  }

  /** ue(v) of ITU-T H.264 section 9.1: 0..2^32 − 2. */
  readExpGolomb(): number {
    let zeros = 0;
    while (zeros < 32 && this.read(1) === 0) {
      if (this.isOverrun) return 0;
      zeros++;
    }
    return zeros === 32 ? 0 : 2 ** zeros - 1 + this.read(zeros);
  }
}
