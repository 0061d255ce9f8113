/** Test support: a tunnel behind a plain HTTP server, and a controller that echoes. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { SignallingDial, TunnelMediaOptions } from '../media-options.ts';
import { TunnelMedia } from '../tunnel-media.ts';

export class TunnelLab {
  readonly media: TunnelMedia;
  readonly origin: string;
  readonly #server: Server;
  readonly #controller: WebSocketServer;

  private constructor(media: TunnelMedia, server: Server, controller: WebSocketServer) {
    this.media = media;
    this.#server = server;
    this.#controller = controller;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Tickets are `ticket-…`, each its own holder; nothing is a router unless `options` say so. */
  static async start(options: Partial<TunnelMediaOptions> = {}): Promise<TunnelLab> {
    const controller = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(controller, 'listening');
    controller.on('connection', (socket, { headers }) => {
      socket.send(`for ${headers['x-forwarded-for']}`);
      socket.on('message', (data) => {
        const text = data.toString();
        if (text === 'close') socket.close(4001, 'elsewhere');
        else if (text.startsWith('long ')) socket.send('ä'.repeat(Number(text.slice(5))));
        else socket.send(`echo ${text}`);
      });
    });
    const media = await TunnelMedia.start({
      verifyTicket: async (ticket) => (ticket.startsWith('ticket-') ? { holder: ticket } : undefined),
      isRouter: () => false,
      dialSignalling: ({ address }) => {
        const { port } = controller.address() as AddressInfo;
        return onlyOnce(() => new WebSocket(`ws://127.0.0.1:${port}`, { headers: { 'x-forwarded-for': address } }));
      },
      isAllowedOrigin: (origin) => origin === 'https://zone.example',
      clientAddress: (request) => request.socket.remoteAddress,
      ...options,
    });
    const server = createServer((request, response) => {
      if (!media.handleRequest(request, response)) response.writeHead(404).end();
    });
    server.on('upgrade', (request, stream, head) => {
      if (!media.handleUpgrade(request, stream, head)) stream.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TunnelLab(media, server, controller);
  }

  /** Sockets of the tunnel to the controller. */
  get signallingSockets(): number {
    return this.#controller.clients.size;
  }

  /** TCP connections that the tunnel has open. */
  async connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  async stop(): Promise<void> {
    this.media.stop();
    for (const socket of this.#controller.clients) socket.terminate();
    this.#controller.close();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Of a zone with one controller. */
function onlyOnce(open: () => WebSocket): SignallingDial {
  let isTried = false;
  return () => {
    if (isTried) return undefined;
    isTried = true;
    return open();
  };
}
