/** HTTP/1.1 and HTTP/2 over connections that are there already, with one handler; slow and silent clients are cut off by time. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { RequestTurns } from './request-turns.ts';

/** Milliseconds. How long bodies and answers may take is for who reads and writes them. */
export interface HttpTimes {
  /** For a request's headers; and on HTTP/2, from the start of a connection to its first request. */
  readonly headersMs: number;
  /** Between requests. */
  readonly idleMs: number;
}

export interface HttpServersOptions {
  readonly times: HttpTimes;
  /** On HTTP/2 both are of Node's compatibility API: no status message, and no header that is about the connection. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Of WebSockets, HTTP/1.1 only: on HTTP/2 they would wait for each other behind one lost packet (RFC 8441 is not offered). */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Of all headers of a request together. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
const CHECK_INTERVAL_MS = 500;
/** Streams of one HTTP/2 connection; browsers keep to what they are told. */
const MAX_STREAMS = 100;
/** Of frames and headers that one HTTP/2 connection holds here, MB. */
const MAX_SESSION_MEGABYTES = 4;
/** For a client to take note that its HTTP/2 connection ends. */
const GOODBYE_MS = 1_000;

export class HttpServers {
  /** Requests that the parsers took for none, that came too slowly, or too many at once. */
  badRequests = 0;
  readonly #options: HttpServersOptions;
  readonly #http1: Server;
  readonly #http2: Http2Server;
  /** The last answer on each connection. */
  readonly #answers = new WeakMap<Duplex, ServerResponse>();
  readonly #turns = new RequestTurns();
  readonly #sessions = new Set<ServerHttp2Session>();
  #isDraining = false;

  constructor(options: HttpServersOptions) {
    this.#options = options;
    this.#http1 = this.#makeHttp1();
    this.#http2 = this.#makeHttp2();
    // It never listens itself, and this is when it begins to look after time-outs.
    this.#http1.emit('listening');
  }

  /** Nothing of the socket has been read. */
  accept(protocol: 'http1' | 'http2', socket: TLSSocket): void {
    (protocol === 'http1' ? this.#http1 : this.#http2).emit('connection', socket);
  }

  /** Connections end with what is under way on them. */
  drain(): void {
    this.#isDraining = true;
    this.#http1.closeIdleConnections();
    for (const session of this.#sessions) session.close();
  }

  /** Cuts all that is no WebSocket. */
  stop(): void {
    // Never having listened, it says that it cannot be closed; its timer ends all the same.
    this.#http1.close(() => undefined);
    this.#http1.closeAllConnections();
    for (const session of this.#sessions) session.destroy();
  }

  #makeHttp1(): Server {
    const { times, upgrade } = this.#options;
    const server = createServer(
      {
        headersTimeout: times.headersMs,
        // A body may be a stream of media.
        requestTimeout: 0,
        connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, times.headersMs),
        keepAliveTimeout: times.idleMs,
        maxHeaderSize: MAX_HEADER_BYTES,
        // Two readings of one message are how requests are smuggled past proxies.
        insecureHTTPParser: false,
        // Node would answer, and go on with what follows; what is above refuses it for good.
        requireHostHeader: false,
        // Other upgrades (some clients offer h2c with every request) are requests like any other.
        shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
      },
      (request, response) => {
        // What was read together with what it was cut off for.
        if (request.socket.destroyed) return;
        this.#answers.set(request.socket, response);
        if (this.#isDraining) response.setHeader('Connection', 'close');
        response.on('close', () => this.#isDraining && setImmediate(() => server.closeIdleConnections()));
        const begin = () => this.#options.handle(request, response);
        if (!this.#turns.take(request.socket, response, begin)) this.#cutOff(request.socket);
      },
    );
    server.maxHeadersCount = MAX_HEADERS;
    server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
      // Until somebody takes it, a socket that fails must not take the process with it.
      socket.on('error', () => undefined);
      // Its answer would stand before, or in the middle of, that to another request.
      if (this.#turns.isBusy(socket)) this.#cutOff(socket);
      else upgrade(request, socket, head);
    });
    // RFC 9112 section 9.6: after bytes that are no request, nothing on this connection can be trusted.
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      this.badRequests++;
      if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
      const answer = this.#answers.get(socket);
      // Nothing may stand in the middle of an answer.
      if (answer?.headersSent && !answer.writableFinished) return void socket.end(() => socket.destroy());
      const status = statusOf(error.code);
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
    });
    return server;
  }

  #makeHttp2(): Http2Server {
    const server = createHttp2Server(
      {
        maxSessionMemory: MAX_SESSION_MEGABYTES,
        maxHeaderListPairs: MAX_HEADERS,
        maxSendHeaderBlockLength: 4 * MAX_HEADER_BYTES,
        settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES, enablePush: false },
      },
      // The casts: the compatibility API has all of these that is used here, and its types do not say so.
      (request, response) =>
        this.#options.handle(request as unknown as IncomingMessage, response as unknown as ServerResponse),
    );
    server.on('session', (session) => this.#watch(session));
    server.on('sessionError', () => this.badRequests++);
    return server;
  }

  #cutOff(socket: Duplex): void {
    this.badRequests++;
    socket.destroy();
  }

  /** Ends a connection on which nothing has been asked for so long. */
  #watch(session: ServerHttp2Session): void {
    const { headersMs, idleMs } = this.#options.times;
    this.#sessions.add(session);
    let streams = 0;
    let timer: NodeJS.Timeout | undefined;
    const endAfter = (ms: number): void => {
      timer = setTimeout(() => {
        session.close();
        timer = setTimeout(() => session.destroy(), GOODBYE_MS);
      }, ms);
    };
    endAfter(headersMs);
    session.on('stream', (stream) => {
      streams++;
      clearTimeout(timer);
      stream.on('close', () => {
        streams--;
        if (streams === 0 && !session.destroyed) endAfter(idleMs);
      });
    });
    session.on('close', () => {
      clearTimeout(timer);
      this.#sessions.delete(session);
    });
  }
}

/** What the parser's complaint is as a status. */
function statusOf(code: string | undefined): string {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return '408 Request Timeout';
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return '400 Bad Request';
}
