/**
 * One offer in, one answer out: ICE-lite, BUNDLE, passive DTLS (docs/slots.md). Send-only m-lines of the client are
 * its sources, receive-only ones its slots. Pure; see docs/slots.md.
 */
import type {
  ExtensionIds,
  MediaKind,
  NegotiatedMedia,
  NegotiatedSlot,
  NegotiatedSource,
  NegotiatedTransport,
  SourceKind,
} from '../media/negotiated.ts';
import { type AnsweredMedia, answerMedia } from './answer-media.ts';
import { mergeExtensions } from './header-extensions.ts';
import type { LocalMedia, LocalTransport } from './local-transport.ts';
import { allowsMixed, type OfferedMedia, type ParsedOffer, parseOffer } from './parse-offer.ts';
import { SdpError } from './sdp-error.ts';
import { readTransport } from './transport-attributes.ts';
import { writeAnswer } from './write-answer.ts';

export interface Negotiated {
  readonly answer: string;
  readonly transport: NegotiatedTransport;
  readonly media: NegotiatedMedia;
  /** Mids in the order of the m-lines. */
  readonly mids: readonly string[];
}

const MEDIA_OF: Readonly<Record<SourceKind, MediaKind>> = { microphone: 'audio', camera: 'video', screen: 'video' };

/** `sources` says what each send-only m-line carries: mid → kind. Never throws, whatever the offer holds. */
export function negotiate(
  sdp: string,
  sources: Readonly<Record<string, SourceKind>>,
  local: LocalTransport & LocalMedia,
): Negotiated | SdpError {
  const offer = parseOffer(sdp);
  if (offer instanceof SdpError) return offer;
  const kinds = new Map(Object.entries(sources));
  const bundled = new Set(offer.bundle);
  const answered = offer.media.map((media) => answerMedia(media, bundled, kinds, local, allowsMixed(offer, media)));
  const wrong = checkSources(answered, kinds) ?? checkMux(answered);
  if (wrong !== undefined) return wrong;
  const remote = readTransportOf(offer, answered);
  if (remote instanceof SdpError) return remote;
  const extensions = extensionsOf(answered, 'source', 'slot');
  if (extensions instanceof SdpError) return extensions;
  const slotExtensions = extensionsOf(answered, 'slot');
  if (slotExtensions instanceof SdpError) return slotExtensions;
  const negotiatedSources = answered.flatMap((media) => toSource(media, kinds, local.muted));
  const slots = answered.flatMap(toSlot);
  const duplicate = findDuplicateSsrc(negotiatedSources);
  if (duplicate !== undefined) return duplicate;
  return {
    answer: writeAnswer(offer, answered, local),
    transport: {
      localUfrag: local.ufrag,
      localPassword: local.password,
      remoteUfrag: remote.ufrag,
      remoteFingerprints: remote.fingerprints,
      // One transport carries them all, so all must have agreed.
      reducedSizeRtcp: answered.every(({ role, offered }) => role === 'rejected' || agreesToReducedSize(offered)),
      transportFeedback: slots.some(({ transportNumbers }) => transportNumbers),
    },
    media: { sources: negotiatedSources, slots, extensions, slotExtensions, cname: local.cname },
    mids: offer.media.map(({ mid }) => mid),
  };
}

function extensionsOf(answered: readonly AnsweredMedia[], ...roles: AnsweredMedia['role'][]): ExtensionIds | SdpError {
  return mergeExtensions(
    answered.map((media) => (media.role !== 'rejected' && roles.includes(media.role) ? media.extensions : [])),
  );
}

function checkSources(
  answered: readonly AnsweredMedia[],
  kinds: ReadonlyMap<string, SourceKind>,
): SdpError | undefined {
  const seen = new Set<SourceKind>();
  for (const media of answered) {
    const { mid, description } = media.offered;
    const kind = kinds.get(mid);
    if (media.role !== 'source') continue;
    if (kind === undefined) return new SdpError('badSources', `sources does not say what m-line ${mid} carries`);
    if (MEDIA_OF[kind] !== description.type) return new SdpError('badSources', `m-line ${mid} cannot carry a ${kind}`);
    if (seen.has(kind)) return new SdpError('badSources', `more than one ${kind}`);
    seen.add(kind);
  }
  const mids = new Set(answered.map((media) => media.offered.mid));
  const extra = [...kinds.keys()].some((mid) => !mids.has(mid));
  return extra ? new SdpError('badSources', 'sources names a mid that the offer does not have') : undefined;
}

function checkMux(answered: readonly AnsweredMedia[]): SdpError | undefined {
  const without = answered.find(
    ({ role, offered }) => role !== 'rejected' && offered.description.rtcpMux === undefined,
  );
  return without && new SdpError('notBundled', `m-line ${without.offered.mid} has no a=rtcp-mux`);
}

function agreesToReducedSize({ description }: OfferedMedia): boolean {
  return description.rtcpRsize !== undefined;
}

/** RFC 8843 section 7.3.1: the transport is that of the first mid of the group that is not rejected. */
function readTransportOf(offer: ParsedOffer, answered: readonly AnsweredMedia[]): ReturnType<typeof readTransport> {
  const usable = new Map(
    answered.filter(({ role }) => role !== 'rejected').map(({ offered }) => [offered.mid, offered]),
  );
  const tag = offer.bundle.find((mid) => usable.has(mid));
  const tagged = tag === undefined ? undefined : usable.get(tag);
  if (tagged === undefined) return new SdpError('notBundled', 'the offer has no BUNDLE with an m-line that we can use');
  return readTransport(offer, tagged);
}

function toSource(
  media: AnsweredMedia,
  kinds: ReadonlyMap<string, SourceKind>,
  muted: readonly SourceKind[],
): NegotiatedSource[] {
  const kind = kinds.get(media.offered.mid);
  if (media.role !== 'source' || kind === undefined) return [];
  const { offered, ssrc, rtxSsrc, rids } = media;
  const codecs = media.codecs.map(({ codec }) => codec);
  return [{ mid: offered.mid, kind, codecs, ssrc, rtxSsrc, rids, muted: muted.includes(kind) }];
}

function toSlot(media: AnsweredMedia): NegotiatedSlot[] {
  if (media.role !== 'slot') return [];
  const { offered, kind, ssrc, rtxSsrc, nack, transportNumbers } = media;
  return [
    { mid: offered.mid, kind, codecs: media.codecs.map(({ codec }) => codec), ssrc, rtxSsrc, nack, transportNumbers },
  ];
}

function findDuplicateSsrc(sources: readonly NegotiatedSource[]): SdpError | undefined {
  const seen = new Set<number>();
  for (const { mid, ssrc, rtxSsrc } of sources) {
    for (const used of [ssrc, rtxSsrc]) {
      if (used === undefined) continue;
      if (seen.has(used)) return new SdpError('duplicateSsrc', `m-line ${mid} has an SSRC twice, or that of another`);
      seen.add(used);
    }
  }
  return undefined;
}
