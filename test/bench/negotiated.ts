/** What the SDP of a load participant would have negotiated: VP8 video, Opus audio, no header extensions. */
import { randomBytes } from 'node:crypto';
import type {
  NegotiatedCodec,
  NegotiatedMedia,
  NegotiatedSlot,
  NegotiatedTransport,
} from '../../mmr/media/negotiated.ts';
import { type JoinRequest, slotSsrc, sourceSsrc } from './host-messages.ts';

/** SOURCE_PAYLOAD_TYPE in c/source.h. */
const VP8: NegotiatedCodec = { name: 'VP8', payloadType: 96, clockRateHz: 90_000, key: 'VP8' };
const OPUS: NegotiatedCodec = { name: 'opus', payloadType: 111, clockRateHz: 48_000, key: 'opus' };

/** Fresh ICE credentials (RFC 8445 section 5.3) and the certificate of the load generator. */
export function benchTransport(join: JoinRequest, fingerprint: Uint8Array): NegotiatedTransport {
  return {
    localUfrag: `router${join.participant}x${randomBytes(4).toString('hex')}`,
    localPassword: randomBytes(16).toString('hex'),
    remoteUfrag: `client${join.participant}`,
    remoteFingerprints: [{ algorithm: 'sha-256', value: fingerprint }],
  };
}

export function benchMedia(join: JoinRequest): NegotiatedMedia {
  const slots: NegotiatedSlot[] = [];
  for (let i = 0; i < join.videoSlots + join.audioSlots; i++) {
    const kind = i < join.videoSlots ? 'video' : 'audio';
    slots.push({
      mid: `slot${i}`,
      kind,
      codecs: [kind === 'video' ? VP8 : OPUS],
      ssrc: slotSsrc(join.participant, i),
    });
  }
  const ssrc = sourceSsrc(join.participant);
  return {
    sources: join.publishes ? [{ mid: 'camera', kind: 'camera', codecs: [VP8], ssrc, muted: false }] : [],
    slots,
    extensions: {
      mid: 0,
      rid: 0,
      audioLevel: 0,
      transportSequenceNumber: 0,
      absSendTime: 0,
      videoOrientation: 0,
      dependencyDescriptor: 0,
    },
    cname: 'bench',
  };
}
