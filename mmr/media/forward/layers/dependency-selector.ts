/**
 * Streams with a dependency descriptor (AV1, H264). A target is all decode targets that have no layer above it, so that
 * their chains are whole at the receiver, who can go down at any picture. Up at a key frame, or behind a picture whose
 * frames, as far as the receiver has them, let it switch to all the decode targets that are new to it (DTI "switch", RTP
 * Payload Format For AV1 1.0, appendix A.4.4). Without a descriptor it passes everything.
 */
import type { DependencyFrames } from './dependency-frames.ts';
import type { FrameInfo } from './frame-info.ts';
import { includes, type Layer } from './layer.ts';
import type { LayerSelector } from './layer-selector.ts';

export class DependencySelector implements LayerSelector {
  readonly target: Layer;
  readonly #frames: DependencyFrames;
  #version = -1;
  #targets = -1;

  constructor(target: Layer, frames: DependencyFrames) {
    this.target = target;
    this.#frames = frames;
  }

  get activeDecodeTargets(): number | undefined {
    const { structure, activeTargets } = this.#frames;
    // With one decode target there is nothing to tell.
    if (structure === undefined || structure.decodeTargetCount === 1) return undefined;
    const targets = activeTargets & this.#ownTargets();
    return targets === 0 ? undefined : targets;
  }

  get decodeTargetCount(): number {
    return this.#frames.structure?.decodeTargetCount ?? 0;
  }

  keeps(frame: FrameInfo): boolean {
    return (frame.decodeTargets & this.#ownTargets()) !== 0;
  }

  canEnter(frame: FrameInfo, from: Layer | undefined): boolean {
    if (!frame.startsPicture) return false;
    if (frame.isKeyframe) return true;
    if (from === undefined) return false;
    if (includes(from, this.target)) return true;
    const had = this.#frames.targetsUpTo(from);
    const missing = this.#ownTargets() & ~had & this.#frames.activeTargets;
    return this.#frames.canSwitch(had, missing);
  }

  endsPicture(frame: FrameInfo, marker: boolean): boolean {
    return marker || (frame.endsFrame && frame.decodeTargets !== -1 && frame.spatial === this.target.spatial);
  }

  #ownTargets(): number {
    if (this.#version !== this.#frames.version) {
      this.#version = this.#frames.version;
      this.#targets = this.#frames.targetsUpTo(this.target);
    }
    return this.#targets;
  }
}
