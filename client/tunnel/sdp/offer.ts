/**
 * The offer of a client behind a tunnel: what RTCPeerConnection would offer of the same meeting, with the transport of the tunnel's
 * leg. No RED or NACK: a carrier loses nothing, and what the tunnel has dropped is too old to be sent again. RTX is there for padding: by it routers
 * find out what the way takes.
 */
import type { LegCredentials } from '../../../proto/tunnel.ts';

export interface OfferedCodec {
  readonly payloadType: number;
  /** As in rtpmap: `opus/48000/2`. */
  readonly rtpmap: string;
  readonly fmtp?: string;
  /** Of RTX. */
  readonly paddingType?: number;
}

export interface OfferedLine {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  readonly direction: 'sendonly' | 'recvonly';
  readonly codecs: readonly OfferedCodec[];
  /** Of a source with one encoding. */
  readonly ssrc?: number;
  /** Of a source with several. */
  readonly rids?: readonly string[];
}

/** RFC 8285 ids: the same in all m-lines. */
export const ExtensionId = { audioLevel: 1, transportNumber: 3, mid: 4, rid: 10 } as const;

const URIS: Readonly<Record<keyof typeof ExtensionId, string>> = {
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  transportNumber: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
};

export const OPUS: OfferedCodec = { payloadType: 111, rtpmap: 'opus/48000/2', fmtp: 'minptime=10;useinbandfec=1' };

/** Payload types by the names that rtpmap has. */
export const VIDEO_CODECS: Readonly<Record<'VP8' | 'VP9' | 'AV1', OfferedCodec>> = {
  VP8: { payloadType: 96, rtpmap: 'VP8/90000', paddingType: 97 },
  VP9: { payloadType: 98, rtpmap: 'VP9/90000', fmtp: 'profile-id=0', paddingType: 99 },
  AV1: { payloadType: 100, rtpmap: 'AV1/90000', fmtp: 'level-idx=5;profile=0;tier=0', paddingType: 101 },
};

/** @param cname Of all streams of ours. */
export function writeOffer(
  lines: readonly OfferedLine[],
  leg: LegCredentials,
  sessionId: string,
  cname: string,
): string {
  const text = [
    'v=0',
    `o=- ${sessionId} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${lines.map(({ mid }) => mid).join(' ')}`,
    ...lines.flatMap((line) => writeLine(line, leg, cname)),
  ];
  return `${text.join('\r\n')}\r\n`;
}

function writeLine(line: OfferedLine, { ufrag, pwd, fingerprint }: LegCredentials, cname: string): string[] {
  const { mid, kind, direction, codecs, ssrc, rids } = line;
  const paddingTypes = direction === 'recvonly' ? codecs.flatMap(({ paddingType }) => paddingType ?? []) : [];
  const payloadTypes = [...codecs.map(({ payloadType }) => payloadType), ...paddingTypes];
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloadTypes.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=fingerprint:${fingerprint}`,
    'a=setup:active',
    `a=mid:${mid}`,
    ...extensionsOf(line).map((name) => `a=extmap:${ExtensionId[name]} ${URIS[name]}`),
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...codecs.flatMap((codec) => writeCodec(codec, kind)),
    ...(direction === 'recvonly' ? codecs.flatMap(writePadding) : []),
    ...(ssrc === undefined ? [] : [`a=ssrc:${ssrc} cname:${cname}`]),
    ...(rids === undefined ? [] : [...rids.map((rid) => `a=rid:${rid} send`), `a=simulcast:send ${rids.join(';')}`]),
  ];
}

function extensionsOf({ kind, rids }: OfferedLine): (keyof typeof ExtensionId)[] {
  if (kind === 'audio') return ['audioLevel', 'transportNumber', 'mid'];
  return rids === undefined ? ['transportNumber', 'mid'] : ['transportNumber', 'mid', 'rid'];
}

function writePadding({ payloadType, paddingType }: OfferedCodec): string[] {
  if (paddingType === undefined) return [];
  return [`a=rtpmap:${paddingType} rtx/90000`, `a=fmtp:${paddingType} apt=${payloadType}`];
}

function writeCodec({ payloadType, rtpmap, fmtp }: OfferedCodec, kind: 'audio' | 'video'): string[] {
  return [
    `a=rtpmap:${payloadType} ${rtpmap}`,
    `a=rtcp-fb:${payloadType} transport-cc`,
    ...(kind === 'video' ? [`a=rtcp-fb:${payloadType} nack pli`] : []),
    ...(fmtp === undefined ? [] : [`a=fmtp:${payloadType} ${fmtp}`]),
  ];
}
