/** What a zone's routers would answer to an offer of a data channel, if they did more than answer connectivity checks. */
import type { ZoneProbe } from '../../proto/signalling.ts';

/** RFC 8445 section 5.1.2.1: of a host candidate, the first address best. */
const HOST_PRIORITY = 2_130_706_431;
/** Of no certificate: DTLS never begins. */
const FINGERPRINT = Array.from({ length: 32 }, () => '00').join(':');

/** SDP. `offer` is ours, of nothing but a data channel. */
export function probeAnswer(offer: string, { ufrag, password, targets }: ZoneProbe): string {
  const mid = /^a=mid:(\S+)/m.exec(offer)?.[1] ?? '0';
  const candidates = targets.map(
    ({ address, port }, index) =>
      `a=candidate:${index + 1} 1 udp ${HOST_PRIORITY - index * 256} ${address} ${port} typ host`,
  );
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mid}`,
    'a=ice-lite',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${FINGERPRINT}`,
    'a=setup:passive',
    'a=sctp-port:5000',
    ...candidates,
    'a=end-of-candidates',
  ];
  return `${lines.join('\r\n')}\r\n`;
}
