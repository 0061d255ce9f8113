/** Test support: a TCP relay on the way to a tunnel that cuts connections, and lets requests of some carriers not through. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { CarrierKind } from '../session-carrier.ts';

/** In the first line of a request. */
const MARKS: Readonly<Record<CarrierKind, string>> = {
  webSocket: 'GET /v1/tunnel HTTP',
  httpStream: '/stream HTTP',
  longPoll: '/poll HTTP',
};

export class HostileNetwork {
  /** A connection that asks for one of these is cut. */
  blocked: readonly CarrierKind[] = [];
  readonly origin: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (near) => this.#relay(near, connect(port, '127.0.0.1')));
  }

  /** `origin`: of the tunnel. */
  static async before(origin: string): Promise<HostileNetwork> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HostileNetwork(server, Number(new URL(origin).port));
  }

  /** All connections break. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): void {
    this.#server.close();
    this.cut();
  }

  #relay(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (chunk) => {
        const isBlocked = from === near && this.blocked.some((kind) => chunk.includes(MARKS[kind]));
        if (isBlocked) near.destroy();
        else to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
