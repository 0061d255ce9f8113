/** Whether a video packet is the first one of a key frame: where a stream can begin again after something of it was dropped. */
import { isAv1Keyframe } from '../../../mmr/media/rtp/codec/av1-aggregation.ts';
import { parseVp8Descriptor, Vp8Descriptor } from '../../../mmr/media/rtp/codec/vp8-descriptor.ts';
import { parseVp9Descriptor, Vp9Descriptor } from '../../../mmr/media/rtp/codec/vp9-descriptor.ts';
import { TUNNEL_PAYLOAD_TYPES } from '../../../proto/tunnel.ts';

const vp8 = new Vp8Descriptor();
const vp9 = new Vp9Descriptor();

/** Of the payload of `size` bytes at `offset`. False for what is malformed or of no codec that a tunnelled client offers. */
export function startsKeyFrame(payloadType: number, bytes: Uint8Array, offset: number, size: number): boolean {
  switch (payloadType) {
    case TUNNEL_PAYLOAD_TYPES.VP8:
      if (!parseVp8Descriptor(bytes, offset, size, vp8) || !vp8.startOfPartition || vp8.partition !== 0) return false;
      // RFC 6386 section 9.1: the first bit of a frame is 0 for key frames.
      return ((bytes[offset + vp8.size] as number) & 1) === 0;
    case TUNNEL_PAYLOAD_TYPES.VP9:
      if (!parseVp9Descriptor(bytes, offset, size, vp9)) return false;
      return vp9.startOfFrame && !vp9.interPicturePredicted && vp9.spatialLayer <= 0;
    case TUNNEL_PAYLOAD_TYPES.AV1:
      return isAv1Keyframe(bytes, offset, size);
    default:
      return false;
  }
}
