/** The TCP port that clients come to without TLS. */
import { once } from 'node:events';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { limitUnsent } from '../../mmr/engine/unsent-limit.ts';
import type { Endpoint } from './udp-listener.ts';

/** What the kernel takes beyond what it can send: media that waits there nobody can drop. */
const KERNEL_UNSENT_BYTES = 32 * 1024;

export class TcpListener {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Rejects when the address cannot be had. The sockets are the caller's from then on. */
  static async open({ address, port }: Endpoint, handleSocket: (socket: Socket) => void): Promise<TcpListener> {
    const server = createServer({ noDelay: true }, (socket) => {
      limitUnsent(socket, KERNEL_UNSENT_BYTES);
      handleSocket(socket);
    });
    server.listen({ host: address, port, exclusive: true, ipv6Only: isIPv6(address) });
    await once(server, 'listening');
    // Accepting failed for want of descriptors: the next one may succeed.
    server.on('error', () => {});
    return new TcpListener(server);
  }

  get endpoint(): Endpoint {
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the server does not listen');
    return bound;
  }

  /** Takes no more at once; resolves when the sockets that are open are closed, which the caller does. */
  async close(): Promise<void> {
    await new Promise<void>((done) => this.#server.close(() => done()));
  }
}
