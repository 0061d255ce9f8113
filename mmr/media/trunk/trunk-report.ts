/** How a trunk fares, for operators and for whoever plans the trees. */
import type { TransportEnd } from '../transport/transport-shell.ts';
import type { TrunkEnd } from './trunk-end.ts';

/** `version`: the other end's is too far from ours. */
export type TrunkEndReason = TransportEnd | 'closed' | 'version';

export interface TrunkReport {
  /** `down`: was up, and is silent or not heard by the other end; may come up again. `closed`: gone for good. */
  readonly state: 'connecting' | 'up' | 'down' | 'closed';
  readonly reason: TrunkEndReason | undefined;
  readonly roundTripMs: number | undefined;
  /** Of what we send. */
  readonly lossFraction: number;
  readonly estimateBps: number | undefined;
  /** What is sent, and what would be if everything demanded fitted. */
  readonly allocatedBps: number;
  readonly wantedBps: number;
  /** On the wire so far, with RTP, UDP and IP headers: media, and with it repairs and probes of the path. */
  readonly sentBytes: number;
  /** Media alone, so far: packets, and their payload. */
  readonly mediaPackets: number;
  readonly mediaPayloadBytes: number;
  /** In our own queue. */
  readonly queueDelayMs: number;
  readonly meetings: number;
  /** Sources demanded of us, and by us. */
  readonly sending: number;
  readonly receiving: number;
}

export function reportOf(trunk: TrunkEnd, reason: TrunkEndReason | undefined): TrunkReport {
  const { transport, allocator, lossFraction, estimateBps, links, relays, demands } = trunk;
  return {
    state: stateOf(trunk),
    reason,
    roundTripMs: transport.roundTripMs,
    lossFraction,
    estimateBps: estimateBps === Number.POSITIVE_INFINITY ? undefined : Math.round(estimateBps),
    allocatedBps: Math.round(allocator.allocation?.usedBps ?? 0),
    wantedBps: Math.round(allocator.allocation?.wantedBps ?? 0),
    sentBytes: transport.estimator?.sentBytes ?? 0,
    ...trunk.media,
    queueDelayMs: transport.queueDelayUs / 1000,
    meetings: links.size,
    sending: relays,
    receiving: demands,
  };
}

function stateOf({ transport, isUp, wasUp }: TrunkEnd): TrunkReport['state'] {
  if (transport.state === 'closed') return 'closed';
  if (isUp) return 'up';
  return wasUp ? 'down' : 'connecting';
}
