/**
 * Why a packet was not forwarded. The list is closed: every packet that enters or would leave a worker ends in
 * exactly one counter, either a "forwarded"/"consumed" one or one of these.
 *
 * The engine (C++) reports its own reasons by these numbers; `mmr/engine` checks at start that both sides agree.
 */
export const DropReason = {
  none: 0,
  /** First byte is in none of the ranges of RFC 7983, or the packet is too short to tell. */
  unknownProtocol: 1,
  /** No transport owns the remote address (ICE has not validated it). */
  unknownAddress: 2,
  /** STUN: malformed, unknown ufrag, or MESSAGE-INTEGRITY does not hold. */
  stunInvalid: 3,
  /** DTLS record that the transport is not ready for or that the endpoint refused. */
  dtlsRefused: 4,
  /** SRTP or SRTCP before keys are there. */
  srtpNoKeys: 5,
  /** Authentication tag does not hold. */
  srtpAuthentication: 6,
  /** Index seen before, or older than the replay window (RFC 3711 section 3.3.2). */
  srtpReplay: 7,
  /** More SSRCs on one transport than the cap. */
  srtpStreamCap: 8,
  /** Malformed RTP header, extension or padding. */
  rtpMalformed: 9,
  /** SSRC, mid or payload type that was never negotiated. */
  rtpNotNegotiated: 10,
  /** The publisher exceeds its ingress limit. */
  rtpPoliced: 11,
  /** Malformed RTCP. */
  rtcpMalformed: 12,
  /** Source is muted, or nobody's slot carries it. */
  noReceiver: 13,
  /** Egress: the stored packet was overwritten before it was sent. */
  storeOverwritten: 14,
  /** Egress: the socket's queue was full (EAGAIN, ENOBUFS). */
  socketFull: 15,
  /** Egress: any other send error (unreachable destination). */
  sendFailed: 16,
  /** Egress: the transport has no destination or keys. */
  transportNotReady: 17,
  /** Slot waits for a key frame of its new source. */
  awaitingKeyframe: 18,
  /** Older than what the slot may still send (before the source change). */
  tooOld: 19,
  /** Retransmission refused: not in the history, resent too often, or over budget. */
  retransmissionRefused: 20,
  /** Padding without content: a publisher's probe. */
  paddingOnly: 21,
  /** Came a second time, as itself or as a retransmission. */
  duplicate: 22,
  /** No slot's target contains the packet's layer, or no slot uses its encoding. */
  layerUnwatched: 23,
  /** Egress: the receiver's pacing queue was full, or the packet had waited too long in it. */
  pacerQueueFull: 24,
  /** Probe: nobody measures by this credential any more, or ever did. */
  probeExpired: 25,
  /** Probe: malformed, or MESSAGE-INTEGRITY does not hold. */
  probeInvalid: 26,
  /** Probe: more than are looked at. */
  probeFlood: 27,
} as const;

export type DropReason = (typeof DropReason)[keyof typeof DropReason];

export const DROP_REASON_COUNT = 28;
