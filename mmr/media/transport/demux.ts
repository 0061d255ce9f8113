/** First decision on every datagram: which protocol it belongs to. Pure, allocates nothing. */

export const Protocol = { unknown: 0, stun: 1, dtls: 2, rtp: 3, rtcp: 4 } as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

/**
 * Tells the protocol from the first two bytes of a datagram (each 0–255).
 *
 * The first byte decides among STUN (0–3), DTLS (20–63) and RTP/RTCP (128–191) as RFC 7983 section 7 lays down; its
 * ranges for ZRTP and TURN channels are unknown here. Within RTP/RTCP, a second byte of 192–223 is RTCP: seen as
 * marker and payload type that is payload types 64–95, which RFC 5761 section 4 forbids for RTP.
 */
export function classify(firstByte: number, secondByte: number): Protocol {
  if (firstByte >= 128 && firstByte <= 191) {
    return secondByte >= 192 && secondByte <= 223 ? Protocol.rtcp : Protocol.rtp;
  }
  if (firstByte >= 20 && firstByte <= 63) return Protocol.dtls;
  return firstByte <= 3 ? Protocol.stun : Protocol.unknown;
}
