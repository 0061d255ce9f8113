/**
 * AV1 (RTP Payload Format For AV1 1.0): layers by the dependency descriptor; without one a single layer, with key frames
 * by the N bit of the aggregation header.
 */

import type { ExtensionIds } from '../../negotiated.ts';
import { isAv1Keyframe } from '../../rtp/codec/av1-aggregation.ts';
import { readAv1Height } from '../../rtp/codec/av1-sequence-header.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import { DependencyFrames } from './dependency-frames.ts';
import { DependencySelector } from './dependency-selector.ts';
import type { Layer } from './layer.ts';
import type { LayerReader } from './layer-reader.ts';
import { SingleFrames } from './single-frames.ts';

export class Av1Reader implements LayerReader {
  readonly #frames = new DependencyFrames();
  readonly #single = new SingleFrames();
  /** From the sequence header, for streams whose structure tells no sizes; undefined before the first. */
  #height: number | undefined;

  get spatialLayers(): number {
    return this.#frames.spatialLayers;
  }

  get temporalLayers(): number {
    return this.#frames.temporalLayers;
  }

  height(spatial: number): number | undefined {
    // A sequence header tells the largest picture: that of the top layer.
    return this.#frames.height(spatial) ?? (spatial === this.spatialLayers - 1 ? this.#height : undefined);
  }

  read(packet: IncomingPacket, extensions: ExtensionIds): boolean {
    const { header, frame } = packet;
    if (header.payloadSize === 0) return false;
    frame.reset();
    const outcome = this.#frames.read(packet, extensions.dependencyDescriptor);
    if (outcome === 'malformed') return false;
    if (outcome === 'none') {
      this.#single.read(packet, isAv1Keyframe(packet.bytes, header.payloadOffset, header.payloadSize));
    }
    if (frame.isKeyframe) {
      const height = readAv1Height(packet.bytes, header.payloadOffset, header.payloadSize);
      if (height > 0) this.#height = height;
    }
    return true;
  }

  selector(target: Layer): DependencySelector {
    return new DependencySelector(target, this.#frames);
  }
}
