/** What the tunnel's media side is given by its daemon. */
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { WebSocket } from 'ws';

export interface MediaLimits {
  readonly sessions: number;
  /** With a ticket: a company's people come from one address. */
  readonly sessionsPerAddress: number;
  /** Without a ticket, for signalling only. */
  readonly strangersPerAddress: number;
  readonly sessionsPerHolder: number;
  /** Openings that an address may try at once, and then in a second; resuming is none. */
  readonly openingBurst: number;
  readonly openingsPerSecond: number;
  /** WebSockets of an address that have said nothing yet. */
  readonly silentPerAddress: number;
}

export const MEDIA_LIMITS: MediaLimits = {
  sessions: 4_000,
  sessionsPerAddress: 1_000,
  strangersPerAddress: 50,
  sessionsPerHolder: 4,
  // All that one address may have, when a tunnel is lost.
  openingBurst: 1_000,
  openingsPerSecond: 50,
  silentPerAddress: 250,
};

/** Milliseconds. */
export interface MediaTimes {
  /** For the first message of a WebSocket. */
  readonly firstMessageMs: number;
  /** For the body of a request. */
  readonly bodyMs: number;
  /** For a client to take an answer that has ended. */
  readonly takenMs: number;
}

export const MEDIA_TIMES: MediaTimes = { firstMessageMs: 5_000, bodyMs: 10_000, takenMs: 30_000 };

/** Who a session belongs to, as far as others are told. */
export interface TunnelClient {
  /** IP, in the notation of `http-tunnel/turn/core/ip-address.ts`. */
  readonly address: string;
  /** Of the page; undefined for what is no browser. */
  readonly origin: string | undefined;
}

/** Each call opens a socket to the next zone-controller; undefined when there is none left to try, or no time. */
export type SignallingDial = () => WebSocket | undefined;

export interface TunnelMediaOptions {
  /** Undefined: the ticket is not valid. `holder`: equal for tickets of one participant. */
  readonly verifyTicket: (ticket: string) => Promise<{ readonly holder: string } | undefined>;
  /** Whether a registered router receives media there. `address` in the notation of `canonicalIp`. */
  readonly isRouter: (address: string, port: number) => boolean;
  /** Dials zone-controllers for this client; his address goes on in X-Forwarded-For. */
  readonly dialSignalling: (client: TunnelClient) => SignallingDial;
  /** Of a browser's request to `host` (the Host header). Requests without an Origin are no browser's, or of the page itself. */
  readonly isAllowedOrigin: (origin: string, host: string) => boolean;
  /** IP of who sent it, in any notation; undefined when it is unknown: the request is refused. */
  readonly clientAddress: (request: IncomingMessage | Http2ServerRequest) => string | undefined;
  readonly limits?: Partial<MediaLimits>;
  readonly times?: Partial<MediaTimes>;
  /** Milliseconds, monotonic. Default: the process's. */
  readonly nowMs?: () => number;
}
