/**
 * One offer in, one answer out: ICE-lite, BUNDLE, passive DTLS (docs/slots.md). Send-only m-lines of the client are
 * its sources, receive-only ones its slots. Pure; see docs/slots.md.
 */
import type {
  MediaKind,
  NegotiatedMedia,
  NegotiatedSlot,
  NegotiatedSource,
  NegotiatedTransport,
  SourceKind,
} from '../media/negotiated.ts';
import { acceptCodecs } from './codecs.ts';
import { acceptExtensions, mergeExtensions } from './header-extensions.ts';
import type { LocalMedia, LocalTransport } from './local-transport.ts';
import { type OfferedMedia, type ParsedOffer, parseOffer } from './parse-offer.ts';
import { SdpError } from './sdp-error.ts';
import { readTransport } from './transport-attributes.ts';
import { type AnsweredMedia, writeAnswer } from './write-answer.ts';

export interface Negotiated {
  readonly answer: string;
  readonly transport: NegotiatedTransport;
  readonly media: NegotiatedMedia;
  /** Mids in the order of the m-lines. */
  readonly mids: readonly string[];
}

const MEDIA_OF: Readonly<Record<SourceKind, MediaKind>> = { microphone: 'audio', camera: 'video', screen: 'video' };
const PROTOCOLS: ReadonlySet<string> = new Set(['UDP/TLS/RTP/SAVPF', 'TCP/TLS/RTP/SAVPF']);

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
  const isMixed = offer.session.extmapAllowMixed !== undefined;
  const answered = offer.media.map((media) => answerMedia(media, bundled, kinds, local, isMixed));
  const wrong = checkSources(answered, kinds) ?? checkMux(answered);
  if (wrong !== undefined) return wrong;
  const remote = readTransportOf(offer, answered);
  if (remote instanceof SdpError) return remote;
  const extensions = mergeExtensions(answered.map((media) => (media.role === 'rejected' ? [] : media.extensions)));
  if (extensions instanceof SdpError) return extensions;
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
    },
    media: { sources: negotiatedSources, slots, extensions, cname: local.cname },
    mids: offer.media.map(({ mid }) => mid),
  };
}

/** An m-line that we cannot use is rejected with port 0 (RFC 3264 section 6), the others live on. */
function answerMedia(
  offered: OfferedMedia,
  bundled: ReadonlySet<string>,
  kinds: ReadonlyMap<string, SourceKind>,
  local: LocalMedia,
  isMixed: boolean,
): AnsweredMedia {
  const { type, protocol } = offered.description;
  const usable =
    (type === 'audio' || type === 'video') &&
    PROTOCOLS.has(protocol) &&
    bundled.has(offered.mid) &&
    // Port 0 with bundle-only is how an m-line is offered that lives in the BUNDLE alone (RFC 8843 section 6).
    (offered.description.port !== 0 || offered.description.bundleOnly !== undefined);
  if (!usable) return { role: 'rejected', offered };
  const codecs = acceptCodecs(type, offered.description);
  if (codecs.length === 0) return { role: 'rejected', offered };
  const role = roleOf(offered, kinds);
  if (role === 'inactive') return { role, offered, codecs, extensions: [], ssrc: 0 };
  const ssrc = role === 'slot' ? local.ssrcFor(offered.mid) : 0;
  return { role, offered, codecs, extensions: acceptExtensions(type, role, offered, isMixed), ssrc };
}

/** A client that offers sendrecv gets the half that it named a source for, or else a slot. */
function roleOf(offered: OfferedMedia, kinds: ReadonlyMap<string, SourceKind>): 'source' | 'slot' | 'inactive' {
  switch (offered.direction) {
    case 'sendonly':
      return 'source';
    case 'recvonly':
      return 'slot';
    case 'sendrecv':
      return kinds.has(offered.mid) ? 'source' : 'slot';
    case 'inactive':
      return 'inactive';
  }
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
  const codecs = media.codecs.map(({ codec }) => codec);
  return [{ mid: media.offered.mid, kind, codecs, ssrc: firstSsrc(media.offered), muted: muted.includes(kind) }];
}

function toSlot(media: AnsweredMedia): NegotiatedSlot[] {
  if (media.role !== 'slot') return [];
  const { mid, description } = media.offered;
  const kind = description.type === 'audio' ? 'audio' : 'video';
  return [{ mid, kind, codecs: media.codecs.map(({ codec }) => codec), ssrc: media.ssrc }];
}

/** The media SSRC: the first of an FID group (the second is RTX, RFC 5576 section 4.2), or the first named. */
function firstSsrc(offered: OfferedMedia): number | undefined {
  const group = offered.description.ssrcGroups?.find(({ semantics }) => semantics === 'FID');
  const first = group === undefined ? offered.description.ssrcs?.[0]?.id : String(group.ssrcs).split(' ')[0];
  const ssrc = Number(first);
  return Number.isInteger(ssrc) && ssrc > 0 && ssrc < 2 ** 32 ? ssrc : undefined;
}

function findDuplicateSsrc(sources: readonly NegotiatedSource[]): SdpError | undefined {
  const seen = new Set<number>();
  for (const { mid, ssrc } of sources) {
    if (ssrc === undefined) continue;
    if (seen.has(ssrc)) return new SdpError('duplicateSsrc', `m-line ${mid} has the SSRC of another`);
    seen.add(ssrc);
  }
  return undefined;
}
