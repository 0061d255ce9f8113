/** Every limit that clients meet, in one place. Rates per address are per IPv4 address or IPv6 /64. */
import type { Rate } from './token-bucket.ts';

export interface ZoneLimits {
  /** Per address, or person. Of what one address can make in the life of a meeting, a zone holds several times as much. */
  readonly createMeeting: Rate;
  /** Breakout rooms that hosts at an address open: each is a meeting, for as long as its definition is kept. */
  readonly openRoom: Rate;
  /** Requests of the HTTP API, per address. */
  readonly request: Rate;
  /** `GET /v1/access`, per address. */
  readonly access: Rate;
  /** `join` and `resume`, per address. An office behind one address enters an all-hands meeting within seconds. */
  readonly join: Rate;
  /** Wrong passcodes and unknown meetings, per address. */
  readonly wrongGuess: Rate;
  /** Messages of one connection. */
  readonly message: Rate;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly participantsPerMeeting: number;
  /** Meeting definitions kept; at the maximum, new ones are refused and existing ones live on. */
  readonly definitions: number;
  /** That one person owns. */
  readonly meetingsPerPerson: number;
}

export const DEFAULT_LIMITS: ZoneLimits = {
  createMeeting: { burst: 20, perSecond: 1 / 30 },
  openRoom: { burst: 200, perSecond: 1 / 30 },
  request: { burst: 100, perSecond: 20 },
  access: { burst: 100, perSecond: 5 },
  join: { burst: 200, perSecond: 20 },
  wrongGuess: { burst: 10, perSecond: 1 / 30 },
  message: { burst: 60, perSecond: 20 },
  connections: 10_000,
  connectionsPerAddress: 2_000,
  participantsPerMeeting: 1_000,
  definitions: 10_000,
  meetingsPerPerson: 500,
};

/** Times of a zone-controller, milliseconds. */
export interface ZoneTimes {
  /** Between two pings; a socket that has not answered one by the next is dead. */
  readonly heartbeatMs: number;
  /** For a connection to say `join` or `resume`. */
  readonly greetingMs: number;
  /** What controllers keep in the registry goes so long after they do; and so long after it, another leads. */
  readonly leaseMs: number;
  /** A participant without WebSocket stays this long, as long as its media lives. */
  readonly resumeMs: number;
  /** Who has left a breakout room and is in none of its places again after this is gone from it, for its meeting. */
  readonly roomLeftMs: number;
  /** A meeting with nobody in it is closed after this. */
  readonly emptyMeetingMs: number;
  /** A definition is kept this long after the meeting was last used. */
  readonly definitionMs: number;
  /** For a client to send its request's headers, and then its body. */
  readonly headersMs: number;
  readonly bodyMs: number;
}

export const DEFAULT_TIMES: ZoneTimes = {
  heartbeatMs: 15_000,
  greetingMs: 10_000,
  leaseMs: 10_000,
  resumeMs: 60_000,
  roomLeftMs: 10_000,
  emptyMeetingMs: 10 * 60_000,
  definitionMs: 24 * 3_600_000,
  headersMs: 5_000,
  bodyMs: 10_000,
};
