/**
 * A bad network for real packets: clients send to the proxy, it sends on to the router, each client over a link of its own
 * each way. The router sees a different port of the proxy for each client, so to it they are different peers; it has to
 * announce the proxy's address and port instead of its own.
 *
 * The links are those of the simulation (../sim/network/link.ts), on real time.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { LinkChange, LinkConditions } from '../sim/network/link-conditions.ts';
import { ProxyClient, type Way } from './proxy-client.ts';
import { RealClock } from './real-clock.ts';

/** Peers that the proxy keeps a socket for; datagrams of further ones are dropped. */
const MAX_CLIENTS = 256;

export interface UdpProxyOptions {
  /** Where the router listens. */
  readonly target: { readonly address: string; readonly port: number };
  /** Address to listen at, IPv4 or IPv6, of the same family as the target. Default: the target's. */
  readonly address?: string;
  /** Default: any free one. */
  readonly port?: number;
  readonly seed?: number;
  /** Conditions for clients yet to come. */
  readonly up?: Partial<LinkConditions>;
  readonly down?: Partial<LinkConditions>;
}

export class UdpProxy {
  /** What clients are to send to. */
  readonly address: string;
  readonly port: number;
  /** Datagrams of peers beyond the maximum. */
  refused = 0;
  readonly #clock = new RealClock();
  readonly #socket: Socket;
  readonly #options: UdpProxyOptions;
  readonly #clients = new Map<string, ProxyClient>();
  #up: Partial<LinkConditions>;
  #down: Partial<LinkConditions>;
  #watchers: (() => void)[] = [];

  private constructor(socket: Socket, options: UdpProxyOptions) {
    const { address, port } = socket.address();
    this.address = address;
    this.port = port;
    this.#socket = socket;
    this.#options = options;
    this.#up = options.up ?? {};
    this.#down = options.down ?? {};
    socket.on('message', (bytes, remote) => this.#handle(bytes, remote));
  }

  /** Rejects when the address cannot be bound. */
  static async open(options: UdpProxyOptions): Promise<UdpProxy> {
    const address = options.address ?? options.target.address;
    const socket = createSocket(family(address));
    socket.bind(options.port ?? 0, address);
    await once(socket, 'listening');
    return new UdpProxy(socket, options);
  }

  /** In the order of their first datagram. */
  get clients(): readonly ProxyClient[] {
    return [...this.#clients.values()];
  }

  /** The client whose connectivity checks carry this ufrag, its own or the one the router gave it; waits for it. */
  async clientOf(ufrag: string): Promise<ProxyClient> {
    for (;;) {
      const client = this.clients.find(({ iceUsername }) => iceUsername?.split(':').includes(ufrag));
      if (client !== undefined) return client;
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** From now on, for `client`; without one for all there are and all to come. */
  change(way: Way, conditions: Partial<LinkConditions>, client?: ProxyClient): void {
    if (client !== undefined) {
      client.change(way, conditions);
      return;
    }
    if (way === 'up') this.#up = { ...this.#up, ...conditions };
    else this.#down = { ...this.#down, ...conditions };
    for (const each of this.#clients.values()) each.change(way, conditions);
  }

  /** Changes to come, in milliseconds from now. */
  schedule(way: Way, changes: readonly LinkChange[], client?: ProxyClient): void {
    const nowUs = this.#clock.nowUs;
    for (const { atMs, conditions } of changes) {
      this.#clock.at(nowUs + atMs * 1000, () => this.change(way, conditions, client));
    }
  }

  close(): void {
    this.#clock.close();
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
    this.#socket.close();
  }

  #handle(bytes: Uint8Array, remote: RemoteInfo): void {
    const key = `${remote.address} ${remote.port}`;
    const client = this.#clients.get(key) ?? this.#admit(key, remote);
    if (client === undefined) {
      this.refused++;
      return;
    }
    const unnamed = client.iceUsername === undefined;
    client.send(bytes);
    if (unnamed && client.iceUsername !== undefined) this.#tell();
  }

  #admit(key: string, remote: RemoteInfo): ProxyClient | undefined {
    if (this.#clients.size >= MAX_CLIENTS) return undefined;
    const { target, seed } = this.#options;
    const client = new ProxyClient({
      clock: this.#clock,
      remote,
      target,
      upstream: createSocket(family(target.address)),
      seed: (seed ?? 1) + this.#clients.size,
      up: this.#up,
      down: this.#down,
      reply: (bytes, { port, address }) => this.#socket.send(bytes, port, address, () => {}),
    });
    this.#clients.set(key, client);
    return client;
  }

  #tell(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const resolve of watchers) resolve();
  }
}

function family(address: string): 'udp4' | 'udp6' {
  return address.includes(':') ? 'udp6' : 'udp4';
}
