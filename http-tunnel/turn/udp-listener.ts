/** The UDP port that clients come to. */
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { channelData } from './channel-data.ts';
import type { TurnClient } from './turn-client.ts';
import { isSendQueueFull, udpSocket } from './udp-socket.ts';

/** Asked for; the kernel may give less (net.core.rmem_max). A burst of many clients has to fit. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export interface Endpoint {
  /** IPv4 or IPv6, in Node's notation; `0.0.0.0` and `::` take all of their family. */
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface UdpEvents {
  handleDatagram(client: TurnClient, bytes: Uint8Array): void;
  /** A datagram for a client was dropped because the socket's queue is full. */
  handleDropped(): void;
}

export class UdpListener {
  readonly #socket: Socket;
  readonly #events: UdpEvents;

  /** Which of our sockets: part of the 5-tuple. */
  readonly id: number;

  private constructor(socket: Socket, id: number, events: UdpEvents) {
    this.id = id;
    this.#socket = socket;
    this.#events = events;
    socket.on('message', (bytes, from) => this.#handle(bytes, from));
    // Sending to one client went wrong; the next one is another.
    socket.on('error', () => events.handleDropped());
  }

  /** Rejects when the address cannot be had. `id`: another one for each listener. */
  static async open({ address, port }: Endpoint, id: number, events: UdpEvents): Promise<UdpListener> {
    const socket = udpSocket(address, RECEIVE_BUFFER_BYTES);
    const listening = once(socket, 'listening');
    socket.bind({ address, port, exclusive: true });
    try {
      await listening;
    } catch (error) {
      socket.close();
      throw error;
    }
    return new UdpListener(socket, id, events);
  }

  get endpoint(): Endpoint {
    return this.#socket.address();
  }

  send(bytes: Uint8Array, port: number, address: string): void {
    if (isSendQueueFull(this.#socket)) this.#events.handleDropped();
    else this.#socket.send(bytes, port, address);
  }

  async close(): Promise<void> {
    await new Promise<void>((done) => this.#socket.close(done));
  }

  #handle(bytes: Uint8Array, { address, port }: RemoteInfo): void {
    // Nobody can be answered there; the source is forged.
    if (port !== 0) this.#events.handleDatagram(new UdpClient(this, address, port), bytes);
  }
}

/** One for each datagram: nothing is remembered of who has no allocation. */
class UdpClient implements TurnClient {
  readonly key: string;
  readonly transport = 'udp';
  readonly address: string;
  readonly port: number;
  readonly #listener: UdpListener;

  constructor(listener: UdpListener, address: string, port: number) {
    this.#listener = listener;
    this.address = address;
    this.port = port;
    this.key = `udp ${listener.id} ${address} ${port}`;
  }

  sendMessage(bytes: Uint8Array): void {
    this.#listener.send(bytes, this.port, this.address);
  }

  sendChannelData(channel: number, bytes: Uint8Array, offset: number, size: number): void {
    this.#listener.send(channelData(channel, bytes, offset, size, 1), this.port, this.address);
  }
}
