/** The null strategy: the stream has no layers that could be told apart, so every packet belongs to every target. */
import type { FrameInfo } from './frame-info.ts';
import type { Layer } from './layer.ts';
import type { LayerSelector } from './layer-selector.ts';

export class PassThroughSelector implements LayerSelector {
  readonly target: Layer;
  readonly activeDecodeTargets = undefined;
  readonly decodeTargetCount = 0;

  constructor(target: Layer) {
    this.target = target;
  }

  keeps(): boolean {
    return true;
  }

  canEnter(frame: FrameInfo, from: Layer | undefined): boolean {
    return frame.isKeyframe || (from !== undefined && frame.startsPicture);
  }

  endsPicture(_frame: FrameInfo, marker: boolean): boolean {
    return marker;
  }
}
