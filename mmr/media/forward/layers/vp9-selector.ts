/**
 * VP9 with spatial and temporal layers. Every layer up to the target is kept, in the _KEY modes too, where pictures
 * other than key pictures do not need the lower ones: so a receiver has what it takes to go down at any picture.
 * Up spatially at key pictures, up temporally at a switching-up point (U, RFC 9628 section 4.2).
 */
import type { FrameInfo } from './frame-info.ts';
import type { Layer } from './layer.ts';
import type { LayerSelector } from './layer-selector.ts';
import type { Vp9Reader } from './vp9-reader.ts';

export class Vp9Selector implements LayerSelector {
  readonly target: Layer;
  readonly activeDecodeTargets = undefined;
  readonly decodeTargetCount = 0;
  readonly #spatial: number;
  readonly #temporal: number;
  readonly #reader: Vp9Reader;

  constructor(target: Layer, reader: Vp9Reader) {
    this.target = target;
    this.#spatial = target.spatial;
    this.#temporal = target.temporal;
    this.#reader = reader;
  }

  keeps(frame: FrameInfo): boolean {
    return frame.spatial <= this.#spatial && frame.temporal <= this.#temporal;
  }

  canEnter(frame: FrameInfo, from: Layer | undefined): boolean {
    if (!frame.startsPicture) return false;
    if (frame.isKeyframe) return true;
    if (from === undefined) return false;
    if (this.#spatial > from.spatial && this.#reader.spatialLayers > from.spatial + 1) return false;
    if (this.#temporal <= from.temporal || this.#reader.temporalLayers <= from.temporal + 1) return true;
    // Later pictures refer to none of the layers above this picture's before it; it must itself be decodable, though.
    return frame.isTemporalSwitch && frame.temporal <= from.temporal;
  }

  endsPicture(frame: FrameInfo, marker: boolean): boolean {
    return marker || (frame.endsFrame && frame.spatial === this.#spatial);
  }
}
