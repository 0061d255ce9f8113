/**
 * What a browser and an HTTP tunnel say to each other, by whatever carries it: WebSocket, streamed HTTP or long polls.
 *
 * A carrier carries records back to back: `uint8 channel, uint16 length (big endian), payload`. A message of the carrier (a WebSocket
 * message, a body) may hold several, and none is split between two messages of a WebSocket. Control is JSON of `TunnelRequest`
 * (client → tunnel) and `TunnelNews` (tunnel → client), signalling is JSON of proto/signalling.ts, one text a record; media is one RTP
 * or RTCP packet a record, told apart as RFC 5761 section 4 has it, without SRTP: the carrier is encrypted.
 */

export const TunnelChannel = { control: 0, media: 1, signalling: 2, secondMedia: 3, session: 4 } as const;
export type TunnelChannel = (typeof TunnelChannel)[keyof typeof TunnelChannel];

/** In the channel of a record of control or signalling: its text goes on in the next record of the same channel. */
export const MORE_FOLLOWS = 0x80;
export const RECORD_HEADER_BYTES = 3;
/** Of control and signalling in one record. */
export const MAX_TEXT_BYTES = 65_535;
/** Of an RTP or RTCP packet. Longer ones are refused. */
export const MAX_MEDIA_BYTES = 1_500;

/** One association with a router. There are two while the client moves from one router to another. */
export type LegNumber = 0 | 1;

/** `address` is an IP literal. */
export interface LegCandidate {
  address: string;
  port: number;
}

/** Of ICE (RFC 8839 section 5.4) and DTLS: `fingerprint` as in SDP, `sha-256 AB:CD:…`. */
export interface LegCredentials {
  ufrag: string;
  pwd: string;
  fingerprint: string;
}

/**
 * The payload types that a client behind a tunnel offers: the tunnel sees no SDP, and has to know what it may drop and where a
 * key frame begins.
 */
export const TUNNEL_PAYLOAD_TYPES = { opus: 111, VP8: 96, VP9: 98, AV1: 100 } as const;
/** Of RTX (RFC 4588), which nobody asks for: routers send padding on it, to find out what a way takes. Those of VP8, VP9 and AV1. */
export const TUNNEL_PADDING_TYPES: readonly number[] = [97, 99, 101];
/** The same for the header extension with transport-wide numbers: feedback about what goes to the client is the tunnel's. */
export const TUNNEL_TRANSPORT_NUMBER_ID = 3;

export type TunnelRequest =
  /** `opened` answers. A leg of this number that is open is closed before. */
  | { type: 'open'; leg: LegNumber }
  /** What the router's answer says of itself. Candidates that are no router of the zone are ignored. */
  | ({ type: 'connect'; leg: LegNumber; candidates: LegCandidate[] } & LegCredentials)
  | { type: 'close'; leg: LegNumber }
  /** A socket to a zone-controller is opened: what comes on the signalling channel from now on goes there. One that is open is closed before. */
  | { type: 'openSignalling' }
  | { type: 'closeSignalling' }
  /** `pong` answers. */
  | { type: 'ping' };

export type LegState = 'connecting' | 'connected' | 'failed' | 'closed';

export type TunnelNews =
  /** What the client's offer is to say of its transport. */
  | ({ type: 'opened'; leg: LegNumber } & LegCredentials)
  /** `reason` is for people. After `failed` and `closed` nothing more comes of this leg. */
  | { type: 'legState'; leg: LegNumber; state: LegState; reason?: string }
  /** Packets to this client that were too old to be sent, in all. */
  | { type: 'dropped'; leg: LegNumber; video: number; audio: number }
  /** `code` and `reason` of a socket that closed (RFC 6455 section 7.4). Texts said to it meanwhile are lost with it. */
  | { type: 'signallingState'; state: 'open' | 'closed'; code?: number; reason?: string }
  /** The tunnel is about to end: open a session elsewhere. */
  | { type: 'move' }
  | { type: 'pong' };

/** The channel of a leg's media. */
export function mediaChannelOf(leg: LegNumber): TunnelChannel {
  return leg === 0 ? TunnelChannel.media : TunnelChannel.secondMedia;
}

/**
 * Records of control and signalling (each part of a text is one) are numbered by both ends, from 1 on and without saying so: the
 * how manieth of its direction. They are kept until the other end has `received` them; whatever carrier comes next begins after the last one received.
 * Media is never repeated. Words on the session channel are about the carrier itself and have no number.
 */
export type SessionWord =
  /** Client, first on a WebSocket. Without a ticket: signalling only. `opened` or a close answers. */
  | { type: 'open'; ticket?: string }
  /** Client, first on a WebSocket, within SESSION_OUTLIVES_MS. The session's carrier before is closed. `resumed` or a close answers. */
  | ({ type: 'resume'; received: number } & SessionKey)
  | ({ type: 'opened' } & SessionKey)
  | { type: 'resumed'; received: number }
  /**
   * Both ways. `received`: records of control and signalling up to this one. `bytes`: of all records of this carrier with their
   * headers, but for the first word of a WebSocket. Each tells it when something comes, RECEIVED_INTERVAL_MS after the last time at the earliest, so that the
   * other knows what is under way. The tunnel says it at least every 10 s, as a sign of life.
   */
  | { type: 'received'; received: number; bytes?: number };

export interface SessionKey {
  /** 128 bits, base64url. Not secret. */
  session: string;
  /** 256 bits, base64url. */
  secret: string;
}

export const SESSION_OUTLIVES_MS = 10_000;
export const RECEIVED_INTERVAL_MS = 50;
/** A carrier by which nothing came for so long is given up, by either end. A client pings in time. */
export const CARRIER_SILENCE_MS = 30_000;
/** Of a control or signalling text, all parts together. */
export const MAX_WHOLE_TEXT_BYTES = 1 << 20;
/** Of a WebSocket message, and of a body that is uploaded. */
export const MAX_MESSAGE_BYTES = 256 * 1024;
/** Polls that may be under way at a time. */
export const MAX_POLLS = 2;
/** Uploads that may be under way at a time. */
export const MAX_UPLOADS = 8;

/** WebSocket close codes of a tunnel, and the `code` of refusals by HTTP. */
export const TunnelClose = {
  /** Another carrier has taken over: no reason to come back. */
  replaced: 4000,
  badTicket: 4401,
  /** No such session, or its secret is another one: open a new one. */
  unknownSession: 4404,
  tooMany: 4429,
  /** What came makes no sense, or too much of it: the session has ended. */
  misbehaved: 4400,
  /** The tunnel is about to end: open a session elsewhere. */
  draining: 4503,
} as const;

/**
 * By HTTP, for `httpStream` and `longPoll`. `secret` goes as `authorization: Bearer …`, numbers as the header TUNNEL_NUMBER, so that every
 * request of a carrier has the same URL (one CORS preflight).
 *
 * | request | answer |
 * |---|---|
 * | POST sessions `{ticket?}` | 201 SessionKey & HttpCarrier with `received` 0 |
 * | POST sessions/{session}/carriers `{received}` | 201 HttpCarrier: the one before is over |
 * | GET sessions/{session}/carriers/{carrier}/stream | 200, records as they come, until the carrier is over |
 * | GET sessions/{session}/carriers/{carrier}/poll, number n from 1 | 200, records; empty after 20 s at most. n again: the same once more. n says that the answer to n - MAX_POLLS has arrived |
 * | POST sessions/{session}/carriers/{carrier}/upload, number n from 1, records | 204; n again: 204. At most MAX_UPLOADS ahead, else 409 |
 * | DELETE sessions/{session} | 204 |
 *
 * Refusals: `{code, message, retryAfterMs?}` of HttpRefusal. 404 and 409 `carrierOver`: open the next carrier; 404 `unknownSession`: a new session.
 */
export const TUNNEL_PATH = '/v1/tunnel';
export const TUNNEL_NUMBER = 'tunnel-number';

export interface HttpCarrier {
  carrier: number;
  /** Of the client's records of control and signalling, those before this carrier. */
  received: number;
}

export interface HttpRefusal {
  code: keyof typeof TunnelClose | 'carrierOver' | 'badRequest' | 'badOrigin' | 'tooLarge' | 'tooSlow';
  message: string;
  retryAfterMs?: number;
}
