/** What a receiver can make use of, beyond what he wants. */
import type { CodecName } from '../../negotiated.ts';
import type { Layer } from './layer.ts';

/**
 * `layer`, or less. Without dependency descriptors libwebrtc takes each spatial layer of AV1 for a picture that needs the
 * packet before, and decodes nothing of it once there are two; the base layer alone, in all its frame rates, it decodes.
 * `hasDescriptor`: the receiver gets dependency descriptors.
 */
export function decodableLayer(codec: CodecName | undefined, layer: Layer, hasDescriptor: boolean): Layer {
  if (codec !== 'AV1' || hasDescriptor || layer.spatial === 0) return layer;
  return { spatial: 0, temporal: layer.temporal };
}
