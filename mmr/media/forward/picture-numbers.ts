/**
 * Picture ids of a VP8 rendition without holes. libwebrtc takes a missing VP8 picture id for a lost picture and waits for
 * it (RtpVp8RefFinder), so pictures that a rendition leaves out must not be seen in the ids of the others. Each
 * picture is decided on once, when its first packet comes, whichever that is.
 */

/** Pictures remembered: as many as a rendition's late packets can be of. */
const PICTURES = 1024;
const MASK = PICTURES - 1;
const LEFT_OUT = -0x8000_0000;

export class PictureNumbers {
  /** Of the newest picture, widened; −1 before the first. */
  #highest = -1;
  #bits = 0;
  /** Pictures left out so far. */
  #shift = 0;
  /** By widened picture id: how many were left out before it; LEFT_OUT for one of those. */
  readonly #shifts = new Int32Array(PICTURES).fill(LEFT_OUT);

  /**
   * The id of a picture that the publisher calls `pictureId`, of `bits` bits; −1 when it is left out. `keep` is the
   * wish, heard when the picture is newer than all others; pictures in between that never came count as kept.
   */
  number(pictureId: number, bits: number, keep: boolean): number {
    if (bits !== this.#bits) this.#restart(pictureId, bits);
    const ahead = this.#ahead(pictureId);
    if (ahead > 0) this.#advance(ahead, keep);
    else if (-ahead >= PICTURES) this.#jumpBack(pictureId, keep);
    const picture = ahead > 0 || -ahead >= PICTURES ? this.#highest : this.#highest + ahead;
    const shift = this.#shifts[picture & MASK] as number;
    return shift === LEFT_OUT ? -1 : (picture - shift) & ((1 << bits) - 1);
  }

  /** Distance to the newest picture, on the field's circle. */
  #ahead(pictureId: number): number {
    const unused = 32 - this.#bits;
    return ((pictureId - this.#highest) << unused) >> unused;
  }

  #advance(ahead: number, keep: boolean): void {
    const first = Math.max(this.#highest + 1, this.#highest + ahead - PICTURES);
    const last = this.#highest + ahead;
    for (let picture = first; picture < last; picture++) this.#shifts[picture & MASK] = this.#shift;
    this.#highest = last;
    this.#shifts[last & MASK] = keep ? this.#shift : LEFT_OUT;
    if (!keep) this.#shift++;
  }

  /** The publisher counts anew: its picture is the one after the newest. */
  #jumpBack(pictureId: number, keep: boolean): void {
    const next = this.#highest - this.#shift + 1;
    this.#highest = pictureId - 1;
    this.#shift = this.#highest + 1 - next;
    this.#shifts.fill(this.#shift);
    this.#advance(1, keep);
  }

  #restart(pictureId: number, bits: number): void {
    this.#bits = bits;
    this.#shift = 0;
    this.#highest = pictureId - 1;
    this.#shifts.fill(0);
  }
}
