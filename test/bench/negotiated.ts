/**
 * What the SDP of a load participant would have negotiated: VP8 video and Opus audio; with features also RTX,
 * transport-wide feedback and simulcast, with the header extensions for them; and the view that it asks for.
 */
import { randomBytes } from 'node:crypto';
import type {
  ExtensionIds,
  NegotiatedCodec,
  NegotiatedMedia,
  NegotiatedSlot,
  NegotiatedTransport,
  ViewEntry,
} from '../../mmr/media/negotiated.ts';
import { type JoinRequest, repairSsrc, slotSsrc, sourceSsrc } from './host-messages.ts';

/** SOURCE_PAYLOAD_TYPE in c/source.h. */
const VP8: NegotiatedCodec = { name: 'VP8', payloadType: 96, clockRateHz: 90_000, key: 'VP8' };
const VP8_WITH_RTX: NegotiatedCodec = { ...VP8, rtxPayloadType: 97 };
/** The rids that c/source.c writes, from the smallest picture up; of fewer encodings the largest. */
const RIDS = ['l', 'm', 'h'];
const OPUS: NegotiatedCodec = { name: 'opus', payloadType: 111, clockRateHz: 48_000, key: 'opus' };

const NO_EXTENSIONS: ExtensionIds = {
  mid: 0,
  rid: 0,
  repairedRid: 0,
  audioLevel: 0,
  transportSequenceNumber: 0,
  videoOrientation: 0,
  dependencyDescriptor: 0,
};
/** As in c/source.c and c/feedback.h. */
const EXTENSIONS: ExtensionIds = { ...NO_EXTENSIONS, mid: 4, rid: 10, repairedRid: 11, transportSequenceNumber: 3 };

/** Fresh ICE credentials (RFC 8445 section 5.3) and the certificate of the load generator. */
export function benchTransport(join: JoinRequest, fingerprint: Uint8Array): NegotiatedTransport {
  return {
    localUfrag: `router${join.participant}x${randomBytes(4).toString('hex')}`,
    localPassword: randomBytes(16).toString('hex'),
    remoteUfrag: `client${join.participant}`,
    remoteFingerprints: [{ algorithm: 'sha-256', value: fingerprint }],
    reducedSizeRtcp: true,
    transportFeedback: join.features !== undefined,
  };
}

export function benchMedia(join: JoinRequest): NegotiatedMedia {
  const { features } = join;
  const video = features === undefined ? VP8 : VP8_WITH_RTX;
  const slots: NegotiatedSlot[] = [];
  for (let i = 0; i < join.videoSlots + join.audioSlots; i++) {
    const kind = i < join.videoSlots ? 'video' : 'audio';
    slots.push({
      mid: slotMid(i),
      kind,
      codecs: [kind === 'video' ? video : OPUS],
      ssrc: slotSsrc(join.participant, i),
      rtxSsrc: features !== undefined && kind === 'video' ? repairSsrc(join.participant, i) : undefined,
      nack: kind === 'video',
    });
  }
  const rids = features === undefined || features.encodings === 1 ? [] : RIDS.slice(-features.encodings);
  // With simulcast the offer names rids, no SSRCs.
  const ssrc = rids.length === 0 ? sourceSsrc(join.participant) : undefined;
  return {
    sources: join.publishes ? [{ mid: 'c', kind: 'camera', codecs: [video], ssrc, rids, muted: false }] : [],
    slots,
    extensions: features === undefined ? NO_EXTENSIONS : EXTENSIONS,
    cname: 'bench',
  };
}

/** The heights of the features, one video slot after the other. */
export function benchView({ features, videoSlots }: JoinRequest): ViewEntry[] {
  const heights = features?.heights ?? [];
  if (heights.length === 0) return [];
  return Array.from({ length: videoSlots }, (_, i) => ({
    mid: slotMid(i),
    source: 'auto',
    maxHeight: heights[i % heights.length],
    maxFps: undefined,
  }));
}

function slotMid(slot: number): string {
  return `slot${slot}`;
}
