/** What became of every connection, each in exactly one counter once it is known. */

/** What a client speaks inside TLS. */
export const PROTOCOLS = ['http1', 'http2', 'turn'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Why a connection came to nothing. The list is closed. */
export const PORT_REFUSALS = [
  /** As many connections as there may be. */
  'full',
  /** As many of its address as there may be. */
  'fullForAddress',
  /** At a listener that is for load balancers, and not of one. */
  'notFromProxy',
  /** Of a load balancer, without a PROXY header or with one that is wrong. */
  'proxyHeaderWrong',
  'proxyHeaderLate',
  /** Closed by the client, or by us, before the TLS handshake was done. */
  'noHandshake',
  /** Said nothing after the handshake. */
  'silent',
  /** STUN, and there is no TURN here. */
  'noTurn',
  /** A certificate authority that has seen what it came for: RFC 8737 has nothing after the handshake. */
  'acmeCheck',
] as const;
export type PortRefusal = (typeof PORT_REFUSALS)[number];

/** How TLS handshakes ended. */
export const HANDSHAKE_RESULTS = ['done', 'failed', 'late'] as const;
export type HandshakeResult = (typeof HANDSHAKE_RESULTS)[number];

export class PortCounters {
  /** As many as all that is in the next two, and the connections that are not known yet. */
  accepted = 0;
  readonly taken = zeros(PROTOCOLS);
  readonly refused = zeros(PORT_REFUSALS);
  readonly handshakes = zeros(HANDSHAKE_RESULTS);
  /** Of those taken, the ones that are open. */
  readonly open = zeros(PROTOCOLS);
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  // The cast: fromEntries forgets the names.
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
