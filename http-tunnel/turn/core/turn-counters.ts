/** What happened to every packet, each in exactly one counter. */

/** Why a packet of a client or a peer was dropped without an answer. The list is closed. */
export const TURN_DROPS = [
  /** First byte is neither of STUN nor of ChannelData (RFC 8656 section 12.4). */
  'unknownProtocol',
  /** STUN or ChannelData whose lengths lie, and STUN whose FINGERPRINT does not hold. */
  'malformed',
  /** Longer than what is relayed. */
  'tooLarge',
  /** A response, or a method or indication that no client sends. */
  'unexpected',
  /** An indication with an attribute that must be understood and is not. */
  'unknownAttribute',
  /** More requests from an address, or of an allocation, than are looked at. */
  'requestFlood',
  /** Allocate again while the first one's sockets are being opened. */
  'repeated',
  /** Allocate of a client whose connection closed before it was answered. */
  'clientGone',
  /** Data from a 5-tuple that has no allocation, or none in the peer's address family. */
  'noAllocation',
  /** ChannelData of a number that is not bound (any more). */
  'unboundChannel',
  /** To or from an address that no permission is there for (any more). */
  'noPermission',
  /** To or from a port that is not an allowed peer's. */
  'peerNotAllowed',
  /** More bytes of a client than an allocation may send. */
  'policed',
] as const;
export type TurnDrop = (typeof TURN_DROPS)[number];

/** Codes that requests are refused by (RFC 8656 section 19, RFC 8489 section 14.8). */
export const TURN_REFUSALS = [400, 401, 403, 420, 437, 438, 440, 441, 442, 443, 486, 508] as const;
export type TurnRefusal = (typeof TURN_REFUSALS)[number];

/**
 * What became of a message of a client: a drop, a refusal, or one of the good ends. `waiting` is an Allocate whose
 * sockets are being opened: it is counted when it is answered.
 */
export type TurnOutcome = TurnDrop | TurnRefusal | 'relayed' | 'answered' | 'keepalive' | 'waiting';

export class TurnCounters {
  /** Messages of clients; as many as all that is counted in the next five, and the Allocates that wait. */
  fromClients = 0;
  relayedToPeers = 0;
  answered = 0;
  /** Binding indications: they keep a NAT's mapping. */
  keepalives = 0;
  readonly refused = Object.fromEntries(TURN_REFUSALS.map((code) => [code, 0])) as Record<TurnRefusal, number>;
  readonly clientDrops = zeros();

  /** Packets of peers; as many as the next two. */
  fromPeers = 0;
  relayedToClients = 0;
  readonly peerDrops = zeros();

  bytesToPeers = 0;
  bytesToClients = 0;
  allocationsMade = 0;

  countClient(outcome: TurnOutcome): void {
    if (typeof outcome === 'number') this.refused[outcome]++;
    else if (outcome === 'relayed') this.relayedToPeers++;
    else if (outcome === 'answered') this.answered++;
    else if (outcome === 'keepalive') this.keepalives++;
    else if (outcome !== 'waiting') this.clientDrops[outcome]++;
  }

  countPeer(outcome: TurnDrop | 'relayed'): void {
    this.fromPeers++;
    if (outcome === 'relayed') this.relayedToClients++;
    else this.peerDrops[outcome]++;
  }
}

function zeros(): Record<TurnDrop, number> {
  return Object.fromEntries(TURN_DROPS.map((reason) => [reason, 0])) as Record<TurnDrop, number>;
}
