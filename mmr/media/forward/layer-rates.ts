/** Bits and frames per second of each layer of an encoding, over about the last second. */
import { MAX_SPATIAL_LAYERS, MAX_TEMPORAL_LAYERS } from './layers/layer.ts';

/** Eight windows of 2^17 µs: 1.05 s. */
const WINDOW_SHIFT = 17;
const WINDOWS = 8;
const WINDOW_US = 2 ** WINDOW_SHIFT;
const LAYERS = MAX_SPATIAL_LAYERS * MAX_TEMPORAL_LAYERS;

export class LayerRates {
  /** By window and layer. */
  readonly #bytes = new Float64Array(WINDOWS * LAYERS);
  readonly #frames = new Float64Array(WINDOWS * LAYERS);
  /** Number of the newest window, and of the first one ever. */
  #window = -1;
  #firstUs = Number.POSITIVE_INFINITY;

  /** Layers above the highest that is counted count as that. Hot. */
  handle(nowUs: number, spatial: number, temporal: number, sizeBytes: number, startsFrame: boolean): void {
    this.#advance(nowUs);
    const layer =
      Math.min(spatial, MAX_SPATIAL_LAYERS - 1) * MAX_TEMPORAL_LAYERS + Math.min(temporal, MAX_TEMPORAL_LAYERS - 1);
    const at = (this.#window % WINDOWS) * LAYERS + layer;
    (this.#bytes[at] as number) += sizeBytes;
    if (startsFrame) (this.#frames[at] as number)++;
  }

  /** Of all layers up to and with this one. */
  bitrateBps(nowUs: number, spatial: number, temporal: number): number {
    let bytes = 0;
    this.#advance(nowUs);
    for (let s = 0; s <= spatial && s < MAX_SPATIAL_LAYERS; s++) {
      for (let t = 0; t <= temporal && t < MAX_TEMPORAL_LAYERS; t++) {
        bytes += this.#sum(this.#bytes, s * MAX_TEMPORAL_LAYERS + t);
      }
    }
    return (bytes * 8e6) / this.#coveredUs(nowUs);
  }

  /** Pictures per second of a receiver who gets these layers. */
  framesPerSecond(nowUs: number, spatial: number, temporal: number): number {
    let frames = 0;
    this.#advance(nowUs);
    for (let s = 0; s <= spatial && s < MAX_SPATIAL_LAYERS; s++) {
      let ofLayer = 0;
      for (let t = 0; t <= temporal && t < MAX_TEMPORAL_LAYERS; t++) {
        ofLayer += this.#sum(this.#frames, s * MAX_TEMPORAL_LAYERS + t);
      }
      frames = Math.max(frames, ofLayer);
    }
    return (frames * 1e6) / this.#coveredUs(nowUs);
  }

  /** Time that the windows stand for: the newest one is not over, and a new stream has not filled them all. */
  #coveredUs(nowUs: number): number {
    const oldestUs = (this.#window - WINDOWS + 1) * WINDOW_US;
    return Math.max(WINDOW_US, nowUs - Math.max(oldestUs, this.#firstUs));
  }

  #sum(values: Float64Array, layer: number): number {
    let sum = 0;
    for (let window = 0; window < WINDOWS; window++) sum += values[window * LAYERS + layer] as number;
    return sum;
  }

  #advance(nowUs: number): void {
    const window = Math.floor(nowUs / WINDOW_US);
    if (window <= this.#window) return;
    if (this.#window < 0) this.#firstUs = nowUs;
    const first = Math.max(this.#window + 1, window - WINDOWS + 1);
    for (let passed = first; passed <= window; passed++) {
      const at = (passed % WINDOWS) * LAYERS;
      this.#bytes.fill(0, at, at + LAYERS);
      this.#frames.fill(0, at, at + LAYERS);
    }
    this.#window = window;
  }
}
