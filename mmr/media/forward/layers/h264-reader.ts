/**
 * H264 (RFC 6184): key frames by their parameter sets, which also tell the height; temporal layers by the dependency
 * descriptor where the publisher sends one, else one layer.
 */
import type { ExtensionIds } from '../../negotiated.ts';
import { isH264Keyframe } from '../../rtp/codec/h264-payload.ts';
import { readH264Height } from '../../rtp/codec/h264-sequence-parameters.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import { DependencyFrames } from './dependency-frames.ts';
import { DependencySelector } from './dependency-selector.ts';
import type { Layer } from './layer.ts';
import type { LayerReader } from './layer-reader.ts';
import { SingleFrames } from './single-frames.ts';

export class H264Reader implements LayerReader {
  readonly spatialLayers = 1;
  readonly #frames = new DependencyFrames();
  readonly #single = new SingleFrames();
  #height: number | undefined;

  get temporalLayers(): number {
    return this.#frames.temporalLayers;
  }

  height(spatial: number): number | undefined {
    return spatial === 0 ? this.#height : undefined;
  }

  read(packet: IncomingPacket, extensions: ExtensionIds): boolean {
    const { header, frame } = packet;
    if (header.payloadSize === 0) return false;
    frame.reset();
    const isKeyframeStart = isH264Keyframe(packet.bytes, header.payloadOffset, header.payloadSize);
    const outcome = this.#frames.read(packet, extensions.dependencyDescriptor);
    if (outcome === 'malformed') return false;
    if (outcome === 'none') this.#single.read(packet, isKeyframeStart);
    // Receivers get no descriptor, so what matters to them is the parameter sets.
    else frame.isKeyframe = frame.startsPicture && isKeyframeStart;
    if (isKeyframeStart) {
      const height = readH264Height(packet.bytes, header.payloadOffset, header.payloadSize);
      if (height > 0) this.#height = height;
    }
    return true;
  }

  selector(target: Layer): DependencySelector {
    return new DependencySelector(target, this.#frames);
  }
}
