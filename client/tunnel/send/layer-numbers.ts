/**
 * Numbers of VP8 frames with up to three temporal layers in the order 0 2 1 2 or 0 1 (W3C webrtc-svc, L1T3 and L1T2). There
 * frames of the middle layer build on the base alone, and nothing builds on frames of the top layer.
 */
import type { Vp8Frame } from '../payload/vp8.ts';

export class LayerNumbers {
  #pictureId: number;
  #baseIndex: number;

  /** @param random 0 to 1: where numbers begin. */
  constructor(random: number) {
    this.#pictureId = Math.floor(random * 0x8000);
    this.#baseIndex = Math.floor(random * 0x100);
  }

  /** @param layers that the encoder makes, 1–3 */
  next(temporal: number, layers: number): Vp8Frame {
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
    if (temporal === 0) this.#baseIndex = (this.#baseIndex + 1) & 0xff;
    return {
      pictureId: this.#pictureId,
      baseIndex: this.#baseIndex,
      temporal,
      isLayerSync: temporal === 1,
      isDisposable: layers > 1 && temporal === layers - 1,
    };
  }
}
