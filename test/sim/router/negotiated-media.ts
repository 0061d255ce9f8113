/** What participants of the simulated meetings have negotiated: as Chromium would, with fixed SSRCs. */
import type { NegotiatedMedia, NegotiatedSlot, NegotiatedSource } from '../../../mmr/media/negotiated.ts';

export const VP8_TYPE = 96;
export const RTX_TYPE = 97;
export const OPUS_TYPE = 111;
export const VP8 = {
  name: 'VP8',
  payloadType: VP8_TYPE,
  clockRateHz: 90_000,
  key: 'VP8',
  rtxPayloadType: RTX_TYPE,
} as const;
export const OPUS = { name: 'opus', payloadType: OPUS_TYPE, clockRateHz: 48_000, key: 'opus' } as const;

export const EXTENSIONS = {
  audioLevel: 1,
  transportSequenceNumber: 3,
  mid: 4,
  rid: 10,
  repairedRid: 11,
  videoOrientation: 0,
  dependencyDescriptor: 0,
} as const;

/** SSRC of the first encoding of a participant's camera; the others follow, RTX streams are 50 above. */
export const CAMERA_SSRC = 1000;
export const MICROPHONE_SSRC = 900;
export const RTX_OFFSET = 50;
export const AUDIO_SLOT_SSRC = 5000;
export const VIDEO_SLOT_SSRC = 6000;
export const VIDEO_SLOT_RTX_SSRC = 7000;

export interface MediaOptions {
  /** Encodings of the camera, lowest first; undefined: no camera. An empty list: one encoding without a rid. */
  readonly rids?: readonly string[];
  readonly microphone?: boolean;
  readonly audioSlots?: number;
  readonly videoSlots?: number;
  /** Without repetition: the way to him loses nothing. */
  readonly isTunnelled?: boolean;
}

export function negotiatedMedia(options: MediaOptions): NegotiatedMedia {
  const sources: NegotiatedSource[] = [];
  if (options.microphone === true) {
    sources.push({ mid: 'mic', kind: 'microphone', codecs: [OPUS], ssrc: MICROPHONE_SSRC, rids: [], muted: false });
  }
  if (options.rids !== undefined) {
    const single = options.rids.length === 0;
    sources.push({
      mid: 'cam',
      kind: 'camera',
      codecs: [VP8],
      ssrc: single ? CAMERA_SSRC : undefined,
      rtxSsrc: single ? CAMERA_SSRC + RTX_OFFSET : undefined,
      rids: options.rids,
      muted: false,
    });
  }
  const audio = Array.from(
    { length: options.audioSlots ?? 0 },
    (_, i): NegotiatedSlot => ({
      mid: `a${i}`,
      kind: 'audio',
      codecs: [OPUS],
      ssrc: AUDIO_SLOT_SSRC + i,
      nack: false,
      transportNumbers: true,
    }),
  );
  const { isTunnelled = false } = options;
  const video = Array.from(
    { length: options.videoSlots ?? 0 },
    (_, i): NegotiatedSlot => ({
      mid: `v${i}`,
      kind: 'video',
      codecs: [VP8],
      ssrc: VIDEO_SLOT_SSRC + i,
      rtxSsrc: VIDEO_SLOT_RTX_SSRC + i,
      nack: !isTunnelled,
      transportNumbers: true,
    }),
  );
  return { sources, slots: [...audio, ...video], extensions: EXTENSIONS, cname: 'sim' };
}
