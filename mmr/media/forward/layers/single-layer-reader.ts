/** Streams that say nothing of layers: Opus, where every packet is a point of entry (RFC 7587 section 4.1). */
import type { IncomingPacket } from '../incoming-packet.ts';
import type { Layer } from './layer.ts';
import type { LayerReader } from './layer-reader.ts';
import { PassThroughSelector } from './pass-through-selector.ts';

export class SingleLayerReader implements LayerReader {
  readonly spatialLayers = 1;
  readonly temporalLayers = 1;

  read(packet: IncomingPacket): boolean {
    packet.frame.reset();
    packet.frame.isKeyframe = true;
    return true;
  }

  height(): undefined {
    return undefined;
  }

  selector(target: Layer): PassThroughSelector {
    return new PassThroughSelector(target);
  }
}
