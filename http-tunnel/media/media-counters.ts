/** What became of everything that came to the tunnel's media side; lists are closed. */

import type { LegRefusal } from './leg/leg.ts';
import type { PacketKind } from './queue/waiting-packet.ts';

export const SESSION_ENDS = [
  /** The client has ended it. */
  'left',
  /** No carrier came in time. */
  'carrierLost',
  /** Bytes or words that are none of proto/tunnel.ts. */
  'malformed',
  /** More than any client has to say. */
  'flooded',
  /** It did not take what was said to it. */
  'unreceived',
  /** Of more signalling than its controller took. */
  'signallingStalled',
  'stopped',
] as const;
export type SessionEnd = (typeof SESSION_ENDS)[number];

export const SESSION_REFUSALS = [
  'badOrigin',
  'badTicket',
  'unknownSession',
  'tooManySessions',
  'tooManyOfAddress',
  'tooOftenOfAddress',
  'tooManyOfHolder',
  'draining',
  'badRequest',
  'tooLarge',
  'tooSlow',
  'carrierOver',
] as const;
export type SessionRefusal = (typeof SESSION_REFUSALS)[number];

const LEG_REFUSALS = [
  'malformed',
  'replayed',
  'forged',
  'tooManyStreams',
  'notConnected',
  'unsealed',
] as const satisfies LegRefusal[];
export const CARRIER_KINDS = ['webSocket', 'httpStream', 'longPoll'] as const;
export type CarrierKind = (typeof CARRIER_KINDS)[number];

export interface MediaCounters {
  sessionsOpened: number;
  readonly sessionEnds: Record<SessionEnd, number>;
  readonly refusals: Record<SessionRefusal, number>;
  readonly carriers: Record<CarrierKind, number>;
  legsOpened: number;
  legsConnected: number;
  legsFailed: number;
  /** Candidates that are no router. */
  candidatesRefused: number;
  packetsToRouter: number;
  packetsToClient: number;
  /** Of either direction, that went no further. */
  readonly packetsRefused: Record<LegRefusal | 'noLeg' | 'flooded' | 'padding', number>;
  /** Too old to be sent to their client. */
  readonly packetsDropped: Record<PacketKind, number>;
  keyFramesRequested: number;
}

export function newCounters(): MediaCounters {
  return {
    sessionsOpened: 0,
    sessionEnds: zeros(SESSION_ENDS),
    refusals: zeros(SESSION_REFUSALS),
    carriers: zeros(CARRIER_KINDS),
    legsOpened: 0,
    legsConnected: 0,
    legsFailed: 0,
    candidatesRefused: 0,
    packetsToRouter: 0,
    packetsToClient: 0,
    packetsRefused: zeros([...LEG_REFUSALS, 'noLeg', 'flooded', 'padding']),
    packetsDropped: zeros(['rtcp', 'audio', 'video']),
    keyFramesRequested: 0,
  };
}

function zeros<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  // Every key of the type is there.
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}
