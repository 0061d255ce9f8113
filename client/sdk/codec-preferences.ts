import type { MediaKind } from './media-kind.ts';
import { preferCodec, type VideoCodec } from './video-codec.ts';

interface Codec {
  readonly mimeType: string;
  readonly sdpFmtpLine?: string;
}

/**
 * What is offered on an m-line: the codecs that routers forward, with what repairs them. Everything else would only make
 * the offer longer, which has one m-line for each slot.
 *
 * @param capabilities What the browser has; undefined or without one of ours: leave the m-line as it is.
 * @param codec For a source of our own: what it is sent in. Undefined for a slot, which takes all alike.
 */
export function codecPreferences<C extends Codec>(
  capabilities: readonly C[] | undefined,
  media: MediaKind,
  codec: VideoCodec | undefined,
): C[] | undefined {
  const ours = capabilities?.filter((each) => (media === 'audio' ? isAudioOfOurs(each) : isVideoOfOurs(each))) ?? [];
  if (ours.every(({ mimeType }) => /\/(rtx|red)$/i.test(mimeType))) return undefined;
  if (codec === undefined) return ours;
  // Sent redundantly (RFC 2198), a lost packet of sound comes with the next one; the router takes it off again where
  // it is not wanted. Browsers send so only when it stands before what it carries.
  if (media === 'audio') return ours.toSorted((a, b) => Number(isRed(b)) - Number(isRed(a)));
  return preferCodec(ours, codec);
}

function isAudioOfOurs({ mimeType }: Codec): boolean {
  return /^audio\/(opus|red)$/i.test(mimeType);
}

/** 8 bit 4:2:0, and of H.264 the baseline profiles, which every browser decodes. */
function isVideoOfOurs({ mimeType, sdpFmtpLine = '' }: Codec): boolean {
  switch (mimeType.toLowerCase()) {
    case 'video/vp8':
    case 'video/rtx':
      return true;
    case 'video/vp9':
      return !/profile-id=[1-9]/.test(sdpFmtpLine);
    case 'video/av1':
      return !/(^|;)\s*profile=[1-9]/.test(sdpFmtpLine);
    case 'video/h264':
      return /profile-level-id=42/i.test(sdpFmtpLine);
    default:
      return false;
  }
}

function isRed({ mimeType }: Codec): boolean {
  return /\/red$/i.test(mimeType);
}
