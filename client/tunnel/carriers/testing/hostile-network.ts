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
  /** One that asks for one of these never hears an answer. */
  held: readonly CarrierKind[] = [];
  readonly origin: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isStalled = false;

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

  /** Nothing gets through until `proceed`, and nothing is lost. */
  stall(): void {
    this.#isStalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  proceed(): void {
    this.#isStalled = false;
    for (const socket of this.#sockets) socket.resume();
  }

  stop(): void {
    this.#server.close();
    this.cut();
  }

  #relay(near: Socket, far: Socket): void {
    let isHeld = false;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      if (this.#isStalled) from.pause();
      from.on('data', (chunk) => {
        const asksFor = (kind: CarrierKind) => from === near && chunk.includes(MARKS[kind]);
        isHeld ||= this.held.some(asksFor);
        if (this.blocked.some(asksFor)) near.destroy();
        else if (!isHeld || to === far) to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
