/** A network between a client and a server that a test can cut (connections break) or freeze (they stay, silent). */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class TcpProxy {
  readonly endpoint: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: 'open' | 'cut' | 'frozen' = 'open';

  private constructor(server: Server, target: string) {
    this.#server = server;
    // The cast: a TCP server that listens has no other kind of address.
    this.endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { hostname: host, port } = new URL(`tcp://${target}`);
    server.on('connection', (client) => this.#join(client, connect(Number(port), host)));
  }

  static async start(target: string): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: false }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  cut(): void {
    this.#state = 'cut';
    for (const socket of this.#sockets) socket.destroy();
  }

  freeze(): void {
    this.#state = 'frozen';
  }

  /** New connections work again; what was frozen is lost. */
  mend(): void {
    this.cut();
    this.#state = 'open';
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(client: Socket, server: Socket): void {
    if (this.#state === 'cut') client.destroy();
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes) => this.#state === 'open' && to.write(bytes));
      from.on('error', () => undefined); // 'close' follows
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
