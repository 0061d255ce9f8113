/** Takes WebSockets at `/v1/signalling`: path, origin and number are checked before the upgrade, frames bounded after. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { addressKey } from '../../common/client-address.ts';
import type { Logger } from '../../common/log.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import { isAllowedOrigin } from '../http/origin.ts';
import { requestTarget } from '../http/request-target.ts';
import type { TrustedProxies } from '../http/trusted-proxies.ts';
import type { ZoneLimits, ZoneTimes } from '../limits/zone-limits.ts';
import type { MeetingService } from '../meeting/meeting-service.ts';
import { MESSAGE_BYTES } from './read-message.ts';
import { SignallingConnection, type SignallingMetrics } from './signalling-connection.ts';

export const SIGNALLING_PATH = '/v1/signalling';
/** RFC 6455 section 7.4.1: the server is going away. */
const CLOSE_GOING_AWAY = 1001;
/** The client is to go on at another controller, at once. */
const CLOSE_ELSEWHERE = 4001;
/** Between two clients that are sent elsewhere; less when they are so many that time would run out. */
const HAND_OVER_GAP_MS = 50;
const CLOSE_MS = 2_000;

// closeTimeout is missing from the types of ws.
const WEB_SOCKET_OPTIONS: ServerOptions & { readonly closeTimeout: number } = {
  noServer: true,
  // Compressed messages can unpack to any size.
  perMessageDeflate: false,
  // A connection answers pings itself, within its rate.
  autoPong: false,
  maxPayload: MESSAGE_BYTES,
  // A message in one-byte fragments, each with its own bookkeeping, is nothing a client does.
  maxFragments: 1024,
  maxBufferedChunks: 4096,
  // For the other end to answer our closing handshake.
  closeTimeout: CLOSE_MS,
};

export interface SignallingServerOptions {
  readonly service: MeetingService;
  readonly limits: ZoneLimits;
  readonly times: ZoneTimes;
  /** Besides the origin that the request itself is for. */
  readonly allowedOrigins: () => readonly string[];
  readonly proxies: TrustedProxies;
  readonly now: () => number;
  readonly metrics: SignallingMetrics;
  readonly log: Logger;
}

export class SignallingServer {
  readonly #options: SignallingServerOptions;
  readonly #server: WebSocketServer;
  readonly #connections = new Set<SignallingConnection>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #stopping = new AbortController();
  #isLeaving = false;

  constructor(options: SignallingServerOptions) {
    this.#options = options;
    this.#server = new WebSocketServer(WEB_SOCKET_OPTIONS);
    this.#heartbeat = setInterval(() => this.#beat(), options.times.heartbeatMs);
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Of them, those that are in a meeting. */
  get sessions(): number {
    let sessions = 0;
    for (const { hasSession } of this.#connections) if (hasSession) sessions++;
    return sessions;
  }

  /** Answers an upgrade request of the HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (requestTarget(request).path !== SIGNALLING_PATH) refuse(socket, '404 Not Found');
    else if (this.#isLeaving) refuse(socket, '503 Service Unavailable');
    else if (!this.#isAllowed(request)) refuse(socket, '403 Forbidden');
    else this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#connected(request, webSocket));
  }

  /** To everybody who is in a meeting, each his own. */
  tellEach(draw: () => ServerMessage): void {
    for (const connection of this.#connections) if (connection.hasSession) connection.sendText(JSON.stringify(draw()));
  }

  /**
   * Sends all clients elsewhere, one after another, so that those who take them are not hit by all at once; in `forMs` at
   * most. Nobody new is let in from now on.
   */
  async handOver(forMs: number): Promise<void> {
    this.#isLeaving = true;
    const { now, log } = this.#options;
    const { signal } = this.#stopping;
    const startMs = now();
    const connections = [...this.#connections];
    const gapMs = Math.min(HAND_OVER_GAP_MS, forMs / connections.length);
    for (const [index, connection] of connections.entries()) {
      const waitMs = startMs + index * gapMs - now();
      if (waitMs >= 1) await pause(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      connection.close(CLOSE_ELSEWHERE, 'go on at another controller');
    }
    log.info({ clients: connections.length, tookMs: Math.round(now() - startMs) }, 'clients were sent elsewhere');
  }

  stop(): void {
    this.#stopping.abort();
    clearInterval(this.#heartbeat);
    for (const connection of this.#connections) connection.close(CLOSE_GOING_AWAY, 'the server is stopping');
    this.#server.close();
  }

  #isAllowed(request: IncomingMessage): boolean {
    return isAllowedOrigin(request, this.#options.allowedOrigins(), this.#options.proxies);
  }

  #connected(request: IncomingMessage, webSocket: WebSocket): void {
    const { proxies, service, limits, times, now, metrics, log } = this.#options;
    const connection = new SignallingConnection({
      socket: webSocket,
      address: addressKey(proxies.clientAddress(request)),
      service,
      rate: limits.message,
      greetingMs: times.greetingMs,
      now,
      metrics,
      log,
    });
    this.#connections.add(connection);
    webSocket.on('close', () => this.#connections.delete(connection));
  }

  #beat(): void {
    for (const connection of this.#connections) connection.heartbeat();
  }
}

/** A socket that is no HTTP connection any more has no time-outs, so it is not left to the client to close it. */
function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => undefined);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
