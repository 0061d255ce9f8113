/** Last step of the negotiation: what was agreed → the text of the answer. */
import { type MediaDescription, type SessionDescription, write } from 'sdp-transform';
import type { AcceptedCodec } from './codecs.ts';
import type { AcceptedExtension } from './header-extensions.ts';
import type { LocalTransport } from './local-transport.ts';
import type { OfferedMedia, ParsedOffer } from './parse-offer.ts';

/** One m-line of the answer. */
export type AnsweredMedia =
  | { readonly role: 'rejected'; readonly offered: OfferedMedia }
  | {
      readonly role: 'source' | 'slot' | 'inactive';
      readonly offered: OfferedMedia;
      readonly codecs: readonly AcceptedCodec[];
      readonly extensions: readonly AcceptedExtension[];
      /** What a slot sends; 0 for the others. */
      readonly ssrc: number;
    };

/** To a publisher we send transport-wide feedback, and NACK and key-frame requests. */
const SOURCE_FEEDBACK = ['transport-cc', 'ccm fir', 'nack', 'nack pli'];
/** From a subscriber we read these. transport-cc is not among them: no transport sequence number is sent yet. */
const SLOT_FEEDBACK = ['goog-remb', 'ccm fir', 'nack', 'nack pli'];
/** RFC 8839 section 5.1 recommends it: host type preference 126, component 1; the earlier address, the higher. */
const candidatePriority = (i: number): number => 126 * 2 ** 24 + (65_535 - i) * 2 ** 8 + 255;

export function writeAnswer(offer: ParsedOffer, answered: readonly AnsweredMedia[], local: LocalTransport): string {
  const taken = new Set(answered.flatMap(({ role, offered }) => (role === 'rejected' ? [] : [offered.mid])));
  // In the order of the offer's group: its first mid that lives on carries the transport (RFC 9143 section 7.3.2).
  const bundled = offer.bundle.filter((mid) => taken.has(mid));
  const session: SessionDescription = {
    version: 0,
    origin: {
      username: '-',
      sessionId: local.origin.sessionId,
      sessionVersion: local.origin.version,
      netType: 'IN',
      ipVer: 4,
      address: '127.0.0.1',
    },
    name: '-',
    timing: { start: 0, stop: 0 },
    icelite: 'ice-lite',
    groups: [{ type: 'BUNDLE', mids: bundled.join(' ') }],
    ...(offer.session.extmapAllowMixed === undefined ? {} : { extmapAllowMixed: 'extmap-allow-mixed' as const }),
    media: answered.map((media) => describe(media, media.offered.mid === bundled[0], local)),
  };
  return write(session);
}

function describe(media: AnsweredMedia, tagged: boolean, local: LocalTransport): MediaDescription {
  const { mid, description } = media.offered;
  const { type, protocol } = description;
  const connection = { version: 4, ip: '0.0.0.0' };
  if (media.role === 'rejected') {
    const payloads = String(description.payloads ?? '0');
    return { type, port: 0, protocol, payloads, connection, mid, direction: 'inactive', rtp: [], fmtp: [] };
  }
  const direction = media.role === 'source' ? 'recvonly' : media.role === 'slot' ? 'sendonly' : 'inactive';
  return {
    type,
    port: 9,
    protocol,
    payloads: media.codecs.map(({ codec }) => codec.payloadType).join(' '),
    connection,
    mid,
    direction,
    ...transportLines(tagged, local),
    rtcpMux: 'rtcp-mux',
    ...(description.rtcpRsize === undefined ? {} : { rtcpRsize: 'rtcp-rsize' as const }),
    ext: media.extensions.map(({ id, uri }) => ({ value: id, uri })),
    ...codecLines(media.codecs, media.role === 'slot' ? SLOT_FEEDBACK : SOURCE_FEEDBACK),
    // "-": no MediaStream. Each slot is played on its own clock: what feeds it changes all the time.
    ...(media.role === 'slot'
      ? {
          msid: [{ id: '-', appdata: `slot-${mid}` }],
          ssrcs: [{ id: media.ssrc, attribute: 'cname', value: local.cname }],
        }
      : {}),
  };
}

function transportLines(tagged: boolean, local: LocalTransport): Partial<MediaDescription> {
  const hash = [...local.fingerprintSha256].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return {
    iceUfrag: local.ufrag,
    icePwd: local.password,
    fingerprint: { type: 'sha-256', hash: hash.toUpperCase() },
    setup: 'passive',
    // RFC 8843 section 7.1.3: candidates stand in the tagged section only.
    ...(tagged ? { candidates: candidateLines(local), endOfCandidates: 'end-of-candidates' as const } : {}),
  };
}

function candidateLines(local: LocalTransport): NonNullable<MediaDescription['candidates']> {
  return local.candidates.map(({ address, port }, i) => ({
    foundation: String(i + 1),
    component: 1,
    transport: 'udp',
    priority: candidatePriority(i),
    ip: address,
    port,
    type: 'host',
  }));
}

function codecLines(
  codecs: readonly AcceptedCodec[],
  feedback: readonly string[],
): Pick<MediaDescription, 'rtp' | 'fmtp' | 'rtcpFb'> {
  const rtp: MediaDescription['rtp'] = [];
  const fmtp: MediaDescription['fmtp'] = [];
  const rtcpFb: NonNullable<MediaDescription['rtcpFb']> = [];
  for (const { codec, channels, parameters, feedback: offered } of codecs) {
    const payload = codec.payloadType;
    const encoding = channels === undefined ? {} : { encoding: channels };
    rtp.push({ payload, codec: codec.name, rate: codec.clockRateHz, ...encoding });
    if (parameters !== undefined) fmtp.push({ payload, config: parameters });
    for (const line of feedback) {
      if (!offered.has(line)) continue;
      const [type = '', subtype] = line.split(' ');
      rtcpFb.push(subtype === undefined ? { payload, type } : { payload, type, subtype });
    }
  }
  return { rtp, fmtp, rtcpFb };
}
