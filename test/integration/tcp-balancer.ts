/** What stands before several controllers: one address, behind which connections go to whichever is up. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class TcpBalancer {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** TCP port on 127.0.0.1 that new connections go to. */
  target = 0;

  private constructor(server: Server) {
    this.#server = server;
    // The cast: a TCP server that listens has no other kind of address.
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#join(client, connect(this.target, '127.0.0.1')));
  }

  static async start(): Promise<TcpBalancer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpBalancer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(client: Socket, server: Socket): void {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('error', () => undefined); // 'close' follows
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
