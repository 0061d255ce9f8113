/** What participants of the lab negotiate: payload types, mids and SSRCs that tests can know beforehand. */
import type { CodecName, ExtensionIds, NegotiatedCodec, NegotiatedMedia, SourceKind } from './negotiated.ts';

/** Payload types of the lab; RTX has the next one. */
const CODECS: Readonly<Record<CodecName, NegotiatedCodec>> = {
  opus: { name: 'opus', payloadType: 111, clockRateHz: 48_000, key: 'opus' },
  VP8: { name: 'VP8', payloadType: 96, clockRateHz: 90_000, key: 'VP8' },
  VP9: { name: 'VP9', payloadType: 98, clockRateHz: 90_000, key: 'VP9/0' },
  H264: { name: 'H264', payloadType: 102, clockRateHz: 90_000, key: 'H264/42e0/1' },
  AV1: { name: 'AV1', payloadType: 45, clockRateHz: 90_000, key: 'AV1/0' },
};

export interface LabMediaOptions {
  readonly sources?: readonly SourceKind[];
  readonly muted?: readonly SourceKind[];
  readonly audioSlots?: number;
  readonly videoSlots?: number;
  /** Microphone ssrc, camera ssrc + 1, screen ssrc + 2. */
  readonly ssrc?: number;
  /** Of cameras, screens and video slots. */
  readonly codec?: CodecName;
  /** Simulcast of camera and screen; its streams are recognised by the mid and rid extensions. */
  readonly simulcast?: readonly string[];
  /** RTX both ways: SSRCs of sources + 50, of slots + 50. */
  readonly rtx?: boolean;
  readonly extensions?: Partial<ExtensionIds>;
}

/** Mids: the source's kind, a0…, v0…; SSRCs of slots 5000…, the same for everybody. */
export function labMedia(options: LabMediaOptions = {}): NegotiatedMedia {
  const order: readonly SourceKind[] = ['microphone', 'camera', 'screen'];
  const video = CODECS[options.codec ?? 'VP8'];
  const codecOf = (isAudio: boolean) =>
    isAudio ? CODECS.opus : options.rtx ? { ...video, rtxPayloadType: video.payloadType + 1 } : video;
  const sources = (options.sources ?? ['microphone', 'camera']).map((kind) => {
    const isAudio = kind === 'microphone';
    const rids = isAudio ? [] : (options.simulcast ?? []);
    const ssrc = (options.ssrc ?? 100) + order.indexOf(kind);
    return {
      mid: kind,
      kind,
      codecs: [codecOf(isAudio)],
      ssrc: rids.length === 0 ? ssrc : undefined,
      rtxSsrc: options.rtx && !isAudio && rids.length === 0 ? ssrc + 50 : undefined,
      rids,
      muted: options.muted?.includes(kind) ?? false,
    };
  });
  const slot = (kind: 'audio' | 'video', i: number) => {
    const ssrc = 5000 + (kind === 'audio' ? 0 : 100) + i;
    return {
      mid: `${kind[0]}${i}`,
      kind,
      codecs: [codecOf(kind === 'audio')],
      ssrc,
      rtxSsrc: options.rtx && kind === 'video' ? ssrc + 50 : undefined,
      nack: kind === 'video',
    };
  };
  return {
    sources,
    slots: [
      ...Array.from({ length: options.audioSlots ?? 2 }, (_, i) => slot('audio', i)),
      ...Array.from({ length: options.videoSlots ?? 2 }, (_, i) => slot('video', i)),
    ],
    extensions: {
      mid: 4,
      rid: options.simulcast === undefined ? 0 : 10,
      repairedRid: options.simulcast === undefined ? 0 : 11,
      audioLevel: 1,
      transportSequenceNumber: 3,
      videoOrientation: 13,
      dependencyDescriptor: 12,
      ...options.extensions,
    },
    cname: 'lab',
  };
}
