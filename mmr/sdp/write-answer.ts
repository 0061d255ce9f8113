/** Last step of the negotiation: what was agreed → the text of the answer. */
import { type MediaDescription, type SessionDescription, write } from 'sdp-transform';
import type { AnsweredMedia, AnsweredSlot, AnsweredSource } from './answer-media.ts';
import type { AcceptedCodec } from './codecs.ts';
import type { LocalTransport } from './local-transport.ts';
import type { ParsedOffer } from './parse-offer.ts';

type AnsweredInactive = Extract<AnsweredMedia, { role: 'inactive' }>;

/** RFC 8839 section 5.1 recommends it: host type preference 126, component 1; the earlier address, the higher. */
const candidatePriority = (i: number): number => 126 * 2 ** 24 + (65_535 - i) * 2 ** 8 + 255;

/**
 * RFC 6544 section 4.2: a type preference below that of UDP, 90 as browsers give their own; of the local preference, three bits
 * are 4 for a host candidate that is passive.
 */
const tcpCandidatePriority = (i: number): number => 90 * 2 ** 24 + (4 * 2 ** 13 + 8_191 - i) * 2 ** 8 + 255;

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
    ...transportLines(local),
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
    payloads: payloadTypes(media).join(' '),
    connection,
    mid,
    direction,
    // RFC 8843 section 7.1.3: candidates stand in the tagged section only.
    ...(tagged ? { candidates: candidateLines(local), endOfCandidates: 'end-of-candidates' as const } : {}),
    rtcpMux: 'rtcp-mux',
    ...(description.rtcpRsize === undefined ? {} : { rtcpRsize: 'rtcp-rsize' as const }),
    ...(description.extmapAllowMixed === undefined ? {} : { extmapAllowMixed: 'extmap-allow-mixed' as const }),
    ext: media.extensions.map(({ id, uri, direction }) => ({
      value: id,
      uri,
      ...(direction === undefined ? {} : { direction }),
    })),
    ...codecLines(media.codecs, media.feedback),
    ...(media.role === 'source' ? simulcastLines(media) : {}),
    ...(media.role === 'slot' ? slotLines(media, local.cname) : {}),
  };
}

/** What is taken, in the order of the offer: the client's preference stays (RED before Opus asks for redundancy). */
function payloadTypes({ codecs, offered }: AnsweredSource | AnsweredSlot | AnsweredInactive): number[] {
  const taken = new Set(codecs.flatMap(({ codec }) => [codec.payloadType, codec.rtxPayloadType, codec.redPayloadType]));
  const order = String(offered.description.payloads ?? '')
    .split(' ')
    .map(Number);
  return [...new Set(order)].filter((payloadType) => taken.has(payloadType));
}

function simulcastLines({ rids }: AnsweredSource): Partial<MediaDescription> {
  if (rids.length === 0) return {};
  return {
    rids: rids.map((id) => ({ id, direction: 'recv' })),
    simulcast: { dir1: 'recv', list1: rids.join(';') },
  };
}

/** "-": no MediaStream. Each slot is played on its own clock: what feeds it changes all the time. */
function slotLines({ offered, ssrc, rtxSsrc }: AnsweredSlot, cname: string): Partial<MediaDescription> {
  const ssrcs = rtxSsrc === undefined ? [ssrc] : [ssrc, rtxSsrc];
  return {
    msid: [{ id: '-', appdata: `slot-${offered.mid}` }],
    ...(rtxSsrc === undefined ? {} : { ssrcGroups: [{ semantics: 'FID', ssrcs: ssrcs.join(' ') }] }),
    ssrcs: ssrcs.map((id) => ({ id, attribute: 'cname', value: cname })),
  };
}

/** RFC 8839 section 5.4 and RFC 8122 section 5: said once, for all m-lines. */
function transportLines(local: LocalTransport): Partial<SessionDescription> {
  const hash = [...local.fingerprintSha256].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return {
    iceUfrag: local.ufrag,
    icePwd: local.password,
    fingerprint: { type: 'sha-256', hash: hash.toUpperCase() },
    setup: 'passive',
  };
}

type CandidateLine = NonNullable<MediaDescription['candidates']>[number];

/** Foundations differ between transport protocols, too (RFC 8445 section 5.1.1.3). */
function candidateLines({ candidates, iceTcp = false }: LocalTransport): CandidateLine[] {
  const udp = candidates.map(({ address, port }, i): CandidateLine => {
    const foundation = String(i + 1);
    const priority = candidatePriority(i);
    return { foundation, component: 1, transport: 'udp', priority, ip: address, port, type: 'host' };
  });
  if (!iceTcp) return udp;
  const tcp = udp.map((line, i): CandidateLine => {
    const foundation = String(udp.length + i + 1);
    return { ...line, foundation, transport: 'tcp', priority: tcpCandidatePriority(i), tcptype: 'passive' };
  });
  return [...udp, ...tcp];
}

function codecLines(
  codecs: readonly AcceptedCodec[],
  feedback: readonly string[],
): Pick<MediaDescription, 'rtp' | 'fmtp' | 'rtcpFb'> {
  const rtp: MediaDescription['rtp'] = [];
  const fmtp: MediaDescription['fmtp'] = [];
  const rtcpFb: NonNullable<MediaDescription['rtcpFb']> = [];
  for (const { codec, channels, parameters, feedback: offered } of codecs) {
    const { payloadType: payload, clockRateHz: rate, rtxPayloadType, redPayloadType } = codec;
    const encoding = channels === undefined ? {} : { encoding: channels };
    rtp.push({ payload, codec: codec.name, rate, ...encoding });
    if (parameters !== undefined) fmtp.push({ payload, config: parameters });
    for (const line of feedback) {
      if (!offered.has(line)) continue;
      const [type = '', subtype] = line.split(' ');
      rtcpFb.push(subtype === undefined ? { payload, type } : { payload, type, subtype });
    }
    if (rtxPayloadType !== undefined) {
      rtp.push({ payload: rtxPayloadType, codec: 'rtx', rate });
      fmtp.push({ payload: rtxPayloadType, config: `apt=${payload}` });
    }
    if (redPayloadType !== undefined) {
      rtp.push({ payload: redPayloadType, codec: 'red', rate, ...encoding });
      fmtp.push({ payload: redPayloadType, config: `${payload}/${payload}` });
    }
  }
  return { rtp, fmtp, rtcpFb };
}
