/**
 * The one listening socket for people: the page, the little HTTP API, and WebSocket upgrades, each with its limits.
 * Slow or silent clients are cut off by time, crowds by number.
 */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { addressKey } from '../../common/client-address.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { CertificatePair } from '../../common/mutual-tls.ts';
import type { ZoneLimits, ZoneTimes } from '../limits/zone-limits.ts';
import type { HttpHandler } from './http-handler.ts';
import { NO_PROXIES, type TrustedProxies } from './trusted-proxies.ts';

/** Of all request headers together, bytes. */
const MAX_HEADER_BYTES = 16 * 1024;
const KEEP_ALIVE_MS = 5_000;
const TLS_HANDSHAKE_MS = 10_000;
const CHECK_INTERVAL_MS = 500;

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: CertificatePair | undefined;
  /** They limit connections of an address themselves. */
  readonly proxies?: TrustedProxies;
  readonly limits: ZoneLimits;
  readonly times: ZoneTimes;
  readonly handler: HttpHandler;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  /** All that are open, also in a TLS handshake or upgraded, of which the server keeps no list. */
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  /** Connections refused because there were too many from one address. */
  refused = 0;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#server = makeServer(options, (request, response) => void options.handler.handle(request, response));
    this.#server.maxConnections = options.limits.connections;
    this.#server.maxHeadersCount = 100;
    this.#server.on('connection', (socket: Socket) => this.#count(socket));
    this.#server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
      // Until somebody takes it, a socket that fails must not take the process with it.
      socket.on('error', () => undefined);
      options.upgrade(request, socket, head);
    });
    // RFC 9112 section 9.6: after bytes that are no request, nothing on this connection can be trusted.
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy();
      const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
      return socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
    });
  }

  /** Resolves with the port. Rejects with ZonecastError `portTaken` or `badConfig`. */
  start(): Promise<number> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const taken = error.code === 'EADDRINUSE';
        const message = taken ? `TCP port ${port} is in use` : `cannot listen at ${host}:${port}: ${error.message}`;
        reject(new ZonecastError(taken ? 'portTaken' : 'badConfig', message, { cause: error }));
      });
      // The cast: a server that listens on TCP has an AddressInfo.
      this.#server.listen({ host, port }, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Takes no more connections; gives upgraded ones `graceMs` to end by themselves; resolves when all are closed. */
  async stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(cut);
  }

  #count(socket: Socket): void {
    const { limits, proxies = NO_PROXIES } = this.#options;
    const address = addressKey(socket.remoteAddress);
    const count = (this.#perAddress.get(address) ?? 0) + 1;
    if (count > limits.connectionsPerAddress && !proxies.has(socket.remoteAddress)) {
      this.refused++;
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#perAddress.set(address, count);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    });
  }
}

function makeServer(
  { tls, times }: HttpServerOptions,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const options: ServerOptions = {
    headersTimeout: times.headersMs,
    requestTimeout: times.bodyMs,
    connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, times.headersMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Two readings of one message are how requests are smuggled past proxies.
    insecureHTTPParser: false,
    requireHostHeader: true,
    // Other upgrades (some clients offer h2c with every request) are requests like any other.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
  };
  if (tls === undefined) return createHttpServer(options, handle);
  const secure = { ...options, ...secureContext(tls), handshakeTimeout: TLS_HANDSHAKE_MS };
  const server = createHttpsServer(secure, handle);
  const forget = tls.onChange?.(() => server.setSecureContext(secureContext(tls)));
  server.on('close', () => forget?.());
  return server;
}

function secureContext({ certificatePem: cert, privateKeyPem: key }: CertificatePair): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2' };
}
