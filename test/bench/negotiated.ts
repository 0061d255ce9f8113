/**
 * What the SDP of a load participant would have negotiated: VP8 video and Opus audio; of an adaptive one also simulcast,
 * RTX and transport-wide feedback, with the header extensions for them.
 */
import { randomBytes } from 'node:crypto';
import type {
  NegotiatedCodec,
  NegotiatedMedia,
  NegotiatedSlot,
  NegotiatedTransport,
} from '../../mmr/media/negotiated.ts';
import { type JoinRequest, repairSsrc, slotSsrc, sourceSsrc } from './host-messages.ts';

/** SOURCE_PAYLOAD_TYPE in c/source.h. */
const VP8: NegotiatedCodec = { name: 'VP8', payloadType: 96, clockRateHz: 90_000, key: 'VP8' };
const VP8_WITH_RTX: NegotiatedCodec = { ...VP8, rtxPayloadType: 97 };
/** The rids that c/source.c writes, from the smallest picture up. */
const RIDS = ['l', 'm', 'h'];
const OPUS: NegotiatedCodec = { name: 'opus', payloadType: 111, clockRateHz: 48_000, key: 'opus' };

/** Fresh ICE credentials (RFC 8445 section 5.3) and the certificate of the load generator. */
export function benchTransport(join: JoinRequest, fingerprint: Uint8Array): NegotiatedTransport {
  return {
    localUfrag: `router${join.participant}x${randomBytes(4).toString('hex')}`,
    localPassword: randomBytes(16).toString('hex'),
    remoteUfrag: `client${join.participant}`,
    remoteFingerprints: [{ algorithm: 'sha-256', value: fingerprint }],
    reducedSizeRtcp: true,
    transportFeedback: join.adaptive,
  };
}

export function benchMedia(join: JoinRequest): NegotiatedMedia {
  const { adaptive } = join;
  const slots: NegotiatedSlot[] = [];
  const vp8 = adaptive ? VP8_WITH_RTX : VP8;
  for (let i = 0; i < join.videoSlots + join.audioSlots; i++) {
    const kind = i < join.videoSlots ? 'video' : 'audio';
    slots.push({
      mid: `slot${i}`,
      kind,
      codecs: [kind === 'video' ? vp8 : OPUS],
      ssrc: slotSsrc(join.participant, i),
      rtxSsrc: adaptive && kind === 'video' ? repairSsrc(join.participant, i) : undefined,
      nack: kind === 'video',
    });
  }
  // With simulcast the offer names rids, no SSRCs.
  const ssrc = adaptive ? undefined : sourceSsrc(join.participant);
  const rids = adaptive ? RIDS : [];
  return {
    sources: join.publishes ? [{ mid: 'c', kind: 'camera', codecs: [vp8], ssrc, rids, muted: false }] : [],
    slots,
    // Ids as in c/source.c and c/feedback.h.
    extensions: {
      mid: adaptive ? 4 : 0,
      rid: adaptive ? 10 : 0,
      repairedRid: adaptive ? 11 : 0,
      audioLevel: 0,
      transportSequenceNumber: adaptive ? 3 : 0,
      absSendTime: 0,
      videoOrientation: 0,
      dependencyDescriptor: 0,
    },
    cname: 'bench',
  };
}
