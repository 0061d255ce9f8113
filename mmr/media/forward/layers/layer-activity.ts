/**
 * Which layers of a stream are there now: one that has been told or seen counts until it has been missing for a while.
 * Counted in pictures, since encoders drop single frames of upper layers, and leave layers off without a word.
 */

/** Layer ids have three bits in all descriptors (RFC 9628 section 4.2), VP8's two. */
const LAYERS = 8;
/** Two seconds at 30 pictures a second: longer than any pause of an encoder that only skips frames. */
const PICTURES = 60;

export class LayerActivity {
  /** Pictures so far. */
  #pictures = 0;
  /** `#pictures` when the layer was last seen. */
  readonly #seen = new Float64Array(LAYERS).fill(Number.NEGATIVE_INFINITY);

  /** A new picture starts. */
  handlePicture(): void {
    this.#pictures++;
  }

  /** A frame of `layer`, 0–7, came. */
  handleLayer(layer: number): void {
    this.#seen[layer] = this.#pictures;
  }

  /** The publisher says that there are `count` layers from now on. */
  tell(count: number): void {
    for (let layer = 0; layer < LAYERS; layer++) {
      this.#seen[layer] = layer < count ? this.#pictures : Number.NEGATIVE_INFINITY;
    }
  }

  /** Highest layer that is there, plus one: 1–8. */
  get count(): number {
    for (let layer = LAYERS - 1; layer > 0; layer--) {
      if (this.#pictures - (this.#seen[layer] as number) <= PICTURES) return layer + 1;
    }
    return 1;
  }
}
