/** What one m-line of the offer becomes: rejected, inactive, a source or a slot, and what is agreed for it. */
import type { CodecName, MediaKind, SourceKind } from '../media/negotiated.ts';
import { type AcceptedCodec, acceptCodecs, withoutRtx } from './codecs.ts';
import { type AcceptedExtension, acceptExtensions, type ExtensionName, needsTwoByteForm } from './header-extensions.ts';
import type { LocalMedia } from './local-transport.ts';
import type { OfferedMedia } from './parse-offer.ts';
import { acceptRids } from './simulcast.ts';
import { readSourceSsrcs, type SourceSsrcs } from './source-ssrcs.ts';

interface AnsweredCodecs {
  readonly offered: OfferedMedia;
  readonly kind: MediaKind;
  readonly codecs: readonly AcceptedCodec[];
  readonly extensions: readonly AcceptedExtension[];
  /** RTCP feedback of the answer, for each codec that offered it. */
  readonly feedback: readonly string[];
}

export interface AnsweredSource extends AnsweredCodecs, SourceSsrcs {
  readonly role: 'source';
  /** Empty without simulcast. */
  readonly rids: readonly string[];
}

export interface AnsweredSlot extends AnsweredCodecs {
  readonly role: 'slot';
  /** What we send here, and send again here; `rtxSsrc` undefined without RTX. */
  readonly ssrc: number;
  readonly rtxSsrc: number | undefined;
  readonly nack: boolean;
  readonly transportNumbers: boolean;
}

/** One m-line of the answer. */
export type AnsweredMedia =
  | { readonly role: 'rejected'; readonly offered: OfferedMedia }
  | (AnsweredCodecs & { readonly role: 'inactive' })
  | AnsweredSource
  | AnsweredSlot;

const PROTOCOLS: ReadonlySet<string> = new Set(['UDP/TLS/RTP/SAVPF', 'TCP/TLS/RTP/SAVPF']);

/** Of a publisher's packets we read these. */
const SOURCE_EXTENSIONS: Readonly<Record<MediaKind, readonly ExtensionName[]>> = {
  audio: ['mid', 'audioLevel', 'transportSequenceNumber'],
  video: ['mid', 'rid', 'repairedRid', 'transportSequenceNumber', 'videoOrientation', 'dependencyDescriptor'],
};
/** To a subscriber a packet carries what the source sent and describes it, and the number of our own hop. */
const SLOT_EXTENSIONS: Readonly<Record<MediaKind, readonly ExtensionName[]>> = {
  audio: ['mid', 'audioLevel', 'transportSequenceNumber'],
  video: ['mid', 'transportSequenceNumber', 'videoOrientation', 'dependencyDescriptor'],
};

/** To a publisher we send transport-wide feedback, NACK and PLI. */
const SOURCE_FEEDBACK = ['transport-cc', 'nack', 'nack pli'];
/** From a subscriber we read these. */
const SLOT_FEEDBACK = ['nack', 'nack pli'];

/** An m-line that we cannot use is rejected with port 0 (RFC 3264 section 6), the others live on. */
export function answerMedia(
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
  switch (type === 'video' && local.audioOnly === true ? 'inactive' : roleOf(offered, kinds)) {
    case 'source':
      return answerSource(type, offered, codecs);
    case 'slot':
      return answerSlot(type, offered, codecs, local, isMixed);
    case 'inactive':
      return { role: 'inactive', offered, kind: type, codecs: withoutRtx(codecs), extensions: [], feedback: [] };
  }
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

/** Codecs whose layers are told by the dependency descriptor alone. */
const DESCRIBED_CODECS: ReadonlySet<CodecName> = new Set<CodecName>(['AV1', 'H264']);

/**
 * A client sends the first codec of the answer. With VP8 the dependency descriptor is not taken: libwebrtc would leave
 * picture id and layers out of the payload descriptor then, which is what subscribers of VP8 get.
 */
function answerSource(kind: MediaKind, offered: OfferedMedia, codecs: readonly AcceptedCodec[]): AnsweredSource {
  const [sent] = codecs;
  const isDescribed = sent !== undefined && DESCRIBED_CODECS.has(sent.codec.name);
  const accepted = acceptExtensions(SOURCE_EXTENSIONS[kind], 'source', offered).filter(
    ({ name }) => isDescribed || name !== 'dependencyDescriptor',
  );
  const has = (name: ExtensionName): boolean => accepted.some((extension) => extension.name === name);
  const rids = has('mid') && has('rid') ? acceptRids(offered) : [];
  const isSimulcast = rids.length > 0;
  // Several encodings of one m-line are told apart by their rids, whatever SSRCs it names.
  const ssrcs = isSimulcast ? { ssrc: undefined, rtxSsrc: undefined } : readSourceSsrcs(offered);
  const knowsRtx = isSimulcast ? has('repairedRid') : ssrcs.rtxSsrc !== undefined || has('mid');
  return {
    role: 'source',
    offered,
    kind,
    codecs: knowsRtx ? codecs : withoutRtx(codecs),
    extensions: accepted.filter(({ name }) => isSimulcast || (name !== 'rid' && name !== 'repairedRid')),
    feedback: SOURCE_FEEDBACK,
    rids,
    ...ssrcs,
  };
}

/**
 * A packet with a transport-wide number is another packet when it is sent again, and must not go under the same SRTP
 * index. So a slot has numbers when it repeats by RTX or not at all; and it repeats by RTX when all its codecs can.
 */
function answerSlot(
  kind: MediaKind,
  offered: OfferedMedia,
  offeredCodecs: readonly AcceptedCodec[],
  local: LocalMedia,
  isMixed: boolean,
): AnsweredSlot {
  const hasRtx = offeredCodecs.every(({ codec }) => codec.rtxPayloadType !== undefined);
  const codecs = hasRtx ? offeredCodecs : withoutRtx(offeredCodecs);
  const nack = codecs.some(({ feedback }) => feedback.has('nack'));
  const hasPli = codecs.every(({ feedback }) => feedback.has('nack pli'));
  const accepted = acceptExtensions(SLOT_EXTENSIONS[kind], 'slot', offered).filter(
    (extension) => isMixed || !needsTwoByteForm(extension),
  );
  const transportNumbers =
    local.transportFeedback !== false &&
    (hasRtx || !nack) &&
    accepted.some(({ name }) => name === 'transportSequenceNumber') &&
    codecs.every(({ feedback }) => feedback.has('transport-cc'));
  return {
    role: 'slot',
    offered,
    kind,
    codecs,
    extensions: accepted.filter(({ name }) => transportNumbers || name !== 'transportSequenceNumber'),
    // Either tells what his link takes.
    feedback: [transportNumbers ? 'transport-cc' : 'goog-remb', ...SLOT_FEEDBACK, ...(hasPli ? [] : ['ccm fir'])],
    ssrc: local.ssrcFor(offered.mid, 'media'),
    rtxSsrc: hasRtx ? local.ssrcFor(offered.mid, 'rtx') : undefined,
    nack,
    transportNumbers,
  };
}
