/**
 * A company's HTTP proxy, as bad as a test wants it: one that only lets connections through (CONNECT), one that opens TLS and looks
 * into it, one that knows no WebSockets besides, and one that hands nothing on until it has all of it.
 */
import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request as requestByTls } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { mintServerCertificate } from '../../../common/server-certificate.ts';

/** What it does with a connection that a client has asked for. */
export type ProxyKind =
  /** It knows nothing of what is inside. */
  | 'connect'
  /** It takes TLS off and puts its own on; what is no HTTP is not let through. */
  | 'inspect'
  /** As `inspect`; upgrades are refused. */
  | 'plain'
  /** As `plain`; answers are handed on when they are whole, or not at all when that takes longer than its patience. */
  | 'buffer';

/** As `buffer`: what lasts longer than this is given up. */
const PATIENCE_MS = 30_000;
/** Headers that concern one connection only (RFC 9110 section 7.6.1). */
const OWN_HEADERS = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

export class HttpProxy {
  readonly #server: Server;
  readonly #kind: ProxyKind;
  /** Of the connections that are open. */
  readonly #sockets = new Set<Duplex>();
  /** Requests that were inside of TLS; nothing of `connect`. */
  readonly requests: string[] = [];
  /** Connections by CONNECT. */
  connections = 0;
  /** The certificate that it shows instead of everybody's. */
  readonly #context: ReturnType<typeof createSecureContext>;
  readonly #inside: Server;

  /** host:port of all that it lets anybody reach. */
  readonly #target: string;

  private constructor(kind: ProxyKind, target: string, context: ReturnType<typeof createSecureContext>) {
    this.#kind = kind;
    this.#target = target;
    this.#context = context;
    this.#server = createServer((_, response) => void response.writeHead(405).end());
    this.#server.on('connect', (request: IncomingMessage, socket: Socket) => this.#handleConnect(request, socket));
    this.#inside = createServer((request, response) => this.#handleRequest(request, response));
    this.#inside.on('upgrade', (request, socket, head) => this.#handleUpgrade(request, socket, head));
    // Streams of media last as long as a meeting.
    this.#inside.requestTimeout = 0;
  }

  static async start(kind: ProxyKind, host: string, target: string): Promise<HttpProxy> {
    const { certificatePem: cert, privateKeyPem: key } = await mintServerCertificate(['proxy.example']);
    const proxy = new HttpProxy(kind, target, createSecureContext({ cert, key }));
    proxy.#server.listen(0, host);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    // The cast: what listens on TCP has an AddressInfo.
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #handleConnect({ url = '' }: IncomingMessage, socket: Socket): void {
    this.#keep(socket);
    if (url !== this.#target) return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    this.connections++;
    const { hostname, port } = new URL(`http://${url}`);
    if (this.#kind === 'connect') {
      const server = this.#keep(connect(Number(port), hostname));
      server.once('connect', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
      join(socket, server);
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const inside = new TLSSocket(socket, {
      isServer: true,
      secureContext: this.#context,
      ALPNProtocols: ['http/1.1'],
    });
    this.#keep(inside);
    // Where its requests go; the Host header is whatever the client says.
    Object.assign(inside, { target: { hostname, port } });
    this.#inside.emit('connection', inside);
  }

  #handleRequest(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    const onward = this.#onward(request);
    onward.once('response', (answer) => {
      if (this.#kind === 'buffer') void hold(answer, response);
      else {
        response.writeHead(answer.statusCode ?? 502, endToEnd(answer));
        answer.pipe(response);
      }
    });
    onward.once('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    if (this.#kind === 'buffer') void holdRequest(request, onward);
    else request.pipe(onward);
  }

  #handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.requests.push(`UPGRADE ${request.url}`);
    this.#keep(socket);
    if (this.#kind !== 'inspect') return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    const onward = this.#onward(request, { connection: 'Upgrade', upgrade: request.headers.upgrade ?? '' });
    onward.once('upgrade', (answer, server, first) => {
      this.#keep(server);
      const lines = answer.rawHeaders.flatMap((name, index, all) =>
        index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
      );
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      socket.write(first);
      server.write(head);
      join(socket, server);
    });
    onward.once('response', ({ statusCode }) => {
      socket.end(`HTTP/1.1 ${statusCode} Refused\r\nContent-Length: 0\r\n\r\n`);
    });
    onward.once('error', () => socket.destroy());
    onward.end();
  }

  #onward(request: IncomingMessage, more: Record<string, string> = {}): ClientRequest {
    // Set above.
    const { target } = request.socket as unknown as { target: { hostname: string; port: string } };
    return requestByTls({
      ...target,
      method: request.method,
      path: request.url,
      headers: { ...endToEnd(request), ...more },
      // Whatever stands behind a proxy like this has to be trusted by it.
      rejectUnauthorized: false,
    });
  }

  #keep<Stream extends Duplex>(socket: Stream): Stream {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

function endToEnd({ headers }: IncomingMessage): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name)));
}

function join(one: Duplex, other: Duplex): void {
  one.pipe(other).pipe(one);
  one.once('close', () => other.destroy());
  other.once('close', () => one.destroy());
}

async function hold(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  const timer = setTimeout(() => answer.destroy(), PATIENCE_MS);
  try {
    for await (const chunk of answer) chunks.push(chunk);
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer)).end(Buffer.concat(chunks));
  } catch {
    response.destroy();
  } finally {
    clearTimeout(timer);
  }
}

async function holdRequest(request: IncomingMessage, onward: ClientRequest): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
    onward.end(Buffer.concat(chunks));
  } catch {
    onward.destroy();
  }
}
