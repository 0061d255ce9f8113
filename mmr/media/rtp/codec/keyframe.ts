/** Whether a packet starts a key frame, by codec: where a slot may begin to show a new source. */
import type { CodecName } from '../../negotiated.ts';
import { inBounds } from '../bytes.ts';
import { isAv1Keyframe } from './av1-aggregation.ts';
import { isH264Keyframe } from './h264-payload.ts';
import { isVp8Keyframe } from './vp8-descriptor.ts';
import { isVp9Keyframe } from './vp9-descriptor.ts';

/**
 * Looks at the RTP payload of `size` bytes (padding taken off) at `offset`. Every Opus packet with content can be
 * decoded by itself (RFC 7587 section 4.1). False for malformed payloads. Work is linear in `size`; allocates nothing.
 */
export function isKeyframe(codec: CodecName, bytes: Uint8Array, offset: number, size: number): boolean {
  if (size < 1 || !inBounds(bytes, offset, size)) return false;
  switch (codec) {
    case 'opus':
      return true;
    case 'VP8':
      return isVp8Keyframe(bytes, offset, size);
    case 'VP9':
      return isVp9Keyframe(bytes, offset, size);
    case 'H264':
      return isH264Keyframe(bytes, offset, size);
    case 'AV1':
      return isAv1Keyframe(bytes, offset, size);
  }
}
