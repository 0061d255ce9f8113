/**
 * VP8 with temporal layers. Down at any frame, for lower layers never refer to higher ones. Up at any frame when the
 * layers to come have been nobody's references (N) since the key frame, as the top one of libvpx's three: such frames
 * need only what the receiver has. Else up by one layer, at a frame of that layer that refers to the base alone (Y,
 * RFC 7741 section 4.2), and by more when those above it have been nobody's references.
 */
import { DependencySelector } from './dependency-selector.ts';
import type { FrameInfo } from './frame-info.ts';
import type { Layer } from './layer.ts';
import type { LayerSelector } from './layer-selector.ts';
import type { Vp8Reader } from './vp8-reader.ts';

export class Vp8TemporalSelector implements LayerSelector {
  readonly target: Layer;
  // Told to receivers of dependency descriptors only, which those of VP8 are not.
  readonly activeDecodeTargets = undefined;
  readonly decodeTargetCount = 0;
  readonly #temporal: number;
  readonly #reader: Vp8Reader;
  /** For publishers who tell layers by the dependency descriptor. */
  readonly #byDependencies: DependencySelector;

  constructor(target: Layer, reader: Vp8Reader) {
    this.target = target;
    this.#temporal = target.temporal;
    this.#reader = reader;
    this.#byDependencies = new DependencySelector(target, reader.dependencies);
  }

  keeps(frame: FrameInfo): boolean {
    return frame.temporal <= this.#temporal;
  }

  canEnter(frame: FrameInfo, from: Layer | undefined): boolean {
    if (!frame.startsFrame) return false;
    if (frame.isKeyframe) return true;
    if (from === undefined) return false;
    if (this.#temporal <= from.temporal || this.#reader.temporalLayers <= from.temporal + 1) return true;
    if (frame.decodeTargets !== -1) return this.#byDependencies.canEnter(frame, from);
    const next = from.temporal + 1;
    if (this.#reader.areDisposable(next, this.#temporal)) return true;
    const isSync = frame.isTemporalSwitch && frame.temporal === next;
    return isSync && this.#reader.areDisposable(next + 1, this.#temporal);
  }

  endsPicture(_frame: FrameInfo, marker: boolean): boolean {
    return marker;
  }
}
