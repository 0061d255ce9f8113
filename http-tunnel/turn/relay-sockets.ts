/** The sockets of relayed transport addresses: one for each relay, closed with it. */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import type { Family } from './core/allocation.ts';
import type { TurnRelay } from './turn-client.ts';
import { isSendQueueFull, udpSocket } from './udp-socket.ts';

export interface RelayAddress {
  /** What relays of this address family are bound to; IPv4 or IPv6. */
  readonly address: string;
  /** What peers see of it, when that is another (a NAT, or `address` is `0.0.0.0`). */
  readonly announced?: string;
}

export interface PortRange {
  readonly min: number;
  readonly max: number;
}

export interface RelayEvents {
  handleOpened(relay: TurnRelay, address: string, port: number): void;
  handleFailed(relay: TurnRelay): void;
  handleDatagram(relay: TurnRelay, address: string, port: number, bytes: Uint8Array): void;
  /** A datagram for a peer could not be sent. */
  handleDropped(): void;
}

/** Ports that are tried before a relay is given up: a range that is full is not searched. */
const MAX_TRIES = 32;

export class RelaySockets {
  readonly #addresses: ReadonlyMap<Family, RelayAddress>;
  /** Undefined: the kernel chooses. */
  readonly #ports: PortRange | undefined;
  readonly #events: RelayEvents;
  readonly #sockets = new Map<TurnRelay, Socket>();
  readonly #closing = new Set<Socket>();

  constructor(addresses: ReadonlyMap<Family, RelayAddress>, ports: PortRange | undefined, events: RelayEvents) {
    this.#addresses = addresses;
    this.#ports = ports;
    this.#events = events;
  }

  get size(): number {
    return this.#sockets.size;
  }

  open(relay: TurnRelay, evenPort: boolean): void {
    // Not now: whoever asks is not to be called back meanwhile.
    queueMicrotask(() => {
      if (relay.state === 'opening') this.#try(relay, evenPort, MAX_TRIES);
    });
  }

  send(relay: TurnRelay, bytes: Uint8Array, offset: number, size: number, address: string, port: number): void {
    const socket = this.#sockets.get(relay);
    if (socket === undefined || isSendQueueFull(socket)) this.#events.handleDropped();
    else socket.send(bytes, offset, size, port, address);
  }

  close(relay: TurnRelay): void {
    const socket = this.#sockets.get(relay);
    if (socket === undefined) return;
    this.#sockets.delete(relay);
    this.#closing.add(socket);
    socket.close(() => this.#closing.delete(socket));
  }

  /** When the last socket that was closed is. */
  async closed(): Promise<void> {
    const sockets = [...this.#closing];
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('close', done))));
  }

  /** A port at random (RFC 8656 section 7.2 recommends RFC 6056), again until one is free. */
  #try(relay: TurnRelay, evenPort: boolean, triesLeft: number): void {
    const bound = this.#addresses.get(relay.family);
    if (bound === undefined || triesLeft === 0) {
      this.#events.handleFailed(relay);
      return;
    }
    const socket = udpSocket(bound.address);
    this.#sockets.set(relay, socket);
    const again = () => {
      if (this.#sockets.get(relay) !== socket) return;
      this.close(relay);
      this.#try(relay, evenPort, triesLeft - 1);
    };
    socket.once('error', again);
    socket.once('listening', () => {
      if (this.#sockets.get(relay) !== socket) return;
      const { address, port } = socket.address();
      if (evenPort && port % 2 !== 0) {
        again();
        return;
      }
      socket.off('error', again);
      socket.on('error', () => this.#events.handleDropped());
      socket.on('message', (bytes, from) => this.#events.handleDatagram(relay, from.address, from.port, bytes));
      this.#events.handleOpened(relay, bound.announced ?? address, port);
    });
    socket.bind({ address: bound.address, port: this.#randomPort(evenPort), exclusive: true });
  }

  #randomPort(evenPort: boolean): number {
    if (this.#ports === undefined) return 0;
    const { min, max } = this.#ports;
    const port = randomInt(min, max + 1);
    return evenPort && port % 2 !== 0 ? Math.max(min, port - 1) : port;
  }
}
