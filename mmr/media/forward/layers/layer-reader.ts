/**
 * Reads where packets stand among the layers of their stream. One reader per stream and codec (`makeLayerReader`), because
 * some codecs say it once and refer to it later (VP9 scalability structure, AV1 dependency structure).
 */
import type { ExtensionIds } from '../../negotiated.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import type { Layer } from './layer.ts';
import type { LayerSelector } from './layer-selector.ts';

export interface LayerReader {
  /**
   * Fills `packet.frame` from the descriptor and header extensions, whose ids are the publisher's. False when the
   * descriptor is truncated or contradicts itself: the packet is malformed. Allocates nothing but at a new structure.
   */
  read(packet: IncomingPacket, extensions: ExtensionIds): boolean;
  /** Spatial layers of the stream as far as they are known, at least 1. Grows and shrinks with the stream. */
  readonly spatialLayers: number;
  readonly temporalLayers: number;
  /** Height of a spatial layer's picture in pixels, from key frames or structures; undefined when not told. */
  height(spatial: number): number | undefined;
  /** The rule by which packets of this stream are kept for `target`. */
  selector(target: Layer): LayerSelector;
}
