/** A tunnel with real sockets for tests: its certificate, controllers that are plain servers, and clients of all kinds. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { AddressList } from '../../common/address-list.ts';
import { createLogger } from '../../common/log.ts';
import type { CertificatePair } from '../../common/mutual-tls.ts';
import { mintServerCertificate } from '../../common/server-certificate.ts';
import { HttpTunnel, type HttpTunnelOptions } from '../http-tunnel.ts';
import { ServerCertificates } from '../port/server-certificates.ts';
import { FixedControllers } from '../proxy/controller-list.ts';

export const LOOPBACK = '127.0.0.1';
const log = createLogger({ name: 'test', level: process.env.TEST_LOG === undefined ? 'silent' : 'info' });

export interface TunnelLabOptions extends Partial<Omit<HttpTunnelOptions, 'controllers'>> {
  /** Their URLs. */
  readonly controllers?: readonly string[];
}

export class TunnelLab {
  readonly tunnel: HttpTunnel;
  readonly certificate: CertificatePair;
  readonly #sockets: Socket[] = [];

  private constructor(tunnel: HttpTunnel, certificate: CertificatePair) {
    this.tunnel = tunnel;
    this.certificate = certificate;
  }

  /** With two listeners: one for clients, one for load balancers of this machine. */
  static async start({ controllers = [], ...options }: TunnelLabOptions = {}): Promise<TunnelLab> {
    const certificate = await mintServerCertificate(['localhost', LOOPBACK]);
    const tunnel = new HttpTunnel({
      listeners: [
        { host: LOOPBACK, port: 0 },
        { host: LOOPBACK, port: 0, proxies: new AddressList([LOOPBACK]) },
      ],
      certificates: new ServerCertificates([certificate]),
      controllers: new FixedControllers(controllers),
      limits: { connections: 5_000, connectionsPerAddress: 4_000 },
      log,
      ...options,
    });
    await tunnel.start();
    return new TunnelLab(tunnel, certificate);
  }

  get port(): number {
    return this.tunnel.port.ports[0] ?? 0;
  }

  /** That of the listener for load balancers. */
  get proxyPort(): number {
    return this.tunnel.port.ports[1] ?? 0;
  }

  get url(): string {
    return `https://localhost:${this.port}`;
  }

  /** A TCP connection without TLS. */
  async tcp(port = this.port): Promise<Socket> {
    const socket = connectTcp(port, LOOPBACK);
    this.#sockets.push(socket);
    // What ends a connection is seen by 'close'.
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  /** TLS; over `raw` when there is something before it. */
  async tls(options: { raw?: Socket; alpn?: string[] } = {}): Promise<TLSSocket> {
    const raw = options.raw ?? (await this.tcp());
    const alpn = options.alpn === undefined ? {} : { ALPNProtocols: options.alpn };
    const socket = connectTls({ socket: raw, ca: this.certificate.certificatePem, servername: 'localhost', ...alpn });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  /** What comes back to these bytes until the tunnel closes the connection. */
  async ask(text: string): Promise<string> {
    const socket = await this.tls();
    socket.write(text, 'latin1');
    return readAll(socket);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.tunnel.stop();
  }
}

/** All that comes until the connection is closed. */
export async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (more) => {
    text += more;
  });
  // Not `once` of node:events: a reset is an end, too.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

/** A zone-controller as far as the tunnel sees it. */
export class FakeController {
  readonly server: Server;
  /** Requests that were not about how it is, in order. */
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
  }[] = [];
  /** What it says at /readyz; 0: nothing. */
  readyStatus = 200;

  private constructor(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
    this.server = createServer(async (request, response) => {
      if (request.url === '/readyz') return void (this.readyStatus > 0 && response.writeHead(this.readyStatus).end());
      const { method = '', url = '', headers } = request;
      let body = '';
      for await (const chunk of request) body += chunk;
      this.requests.push({ method, url, headers, body });
      answer(request, response, body);
    });
  }

  static async start(
    answer: (request: IncomingMessage, response: ServerResponse, body: string) => void = (_, response) =>
      response.end('hello'),
  ): Promise<FakeController> {
    const controller = new FakeController(answer);
    controller.server.listen(0, LOOPBACK);
    await once(controller.server, 'listening');
    return controller;
  }

  get url(): string {
    // The cast: what listens on TCP has an AddressInfo.
    return `http://${LOOPBACK}:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
