/**
 * TURN for clients whose UDP does not reach the routers: UDP, TCP and TLS in, UDP to routers out. Owns sockets, clock and
 * timer; what is decided is `core/turn-server.ts`'s.
 */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { ZonecastError } from '../../common/errors.ts';
import { AllowedPeers, type Peer } from './core/allowed-peers.ts';
import { Credentials } from './core/credentials.ts';
import { addressGroup, parseIp } from './core/ip-address.ts';
import { Quota } from './core/quotas.ts';
import type { TurnCounters } from './core/turn-counters.ts';
import type { TurnOut } from './core/turn-out.ts';
import { TURN_TIMEOUT_INTERVAL_MS, TurnServer } from './core/turn-server.ts';
import { RelaySockets } from './relay-sockets.ts';
import { TcpListener } from './tcp-listener.ts';
import type { TurnClient } from './turn-client.ts';
import { relayAddresses, TURN_LIMITS, type TurnServiceLimits, type TurnServiceOptions } from './turn-options.ts';
import { STREAM_ENDS, type StreamEnd, type StreamOwner, TurnStream } from './turn-stream.ts';
import { type Endpoint, UdpListener } from './udp-listener.ts';

/** Counters of the sockets; `counters` of the service has those of the protocol. */
export interface TurnSocketCounters {
  streamsAccepted: number;
  /** Too many, or from no address. */
  streamsRefused: number;
  readonly streamEnds: Record<StreamEnd, number>;
  /** Relayed data that slow readers have cost, of streams that are closed by now and of those that are open. */
  readonly queueDrops: { full: number; late: number };
  /** Datagrams that the kernel did not take. */
  clientDatagramsDropped: number;
  peerDatagramsDropped: number;
}

export class TurnService {
  readonly #options: TurnServiceOptions;
  readonly #limits: TurnServiceLimits;
  readonly #credentials: Credentials;
  readonly #peers = new AllowedPeers();
  readonly #server: TurnServer<TurnClient>;
  readonly #relays: RelaySockets;
  readonly #streams = new Set<TurnStream>();
  readonly #streamsOfAddress: Quota;
  readonly #streamOwner: StreamOwner;
  readonly #ended: TurnSocketCounters = {
    streamsAccepted: 0,
    streamsRefused: 0,
    streamEnds: Object.fromEntries(STREAM_ENDS.map((end) => [end, 0])) as Record<StreamEnd, number>,
    queueDrops: { full: 0, late: 0 },
    clientDatagramsDropped: 0,
    peerDatagramsDropped: 0,
  };
  #udp: UdpListener[] = [];
  #tcp: TcpListener[] = [];
  #timer: NodeJS.Timeout | undefined;
  #streamCount = 0;
  #isStopped = false;

  /** Throws a RangeError for options that cannot work. */
  constructor(options: TurnServiceOptions) {
    this.#options = options;
    this.#limits = { ...TURN_LIMITS, ...options.limits };
    this.#credentials = new Credentials(options.realm, () => Date.now() / 1000);
    const addresses = relayAddresses(options.relays);
    this.#relays = new RelaySockets(addresses, options.relayPorts, {
      handleOpened: (relay, address, port) => this.#server.handleRelayOpened(nowMs(), relay, address, port),
      handleFailed: (relay) => this.#server.handleRelayFailed(nowMs(), relay),
      handleDatagram: (relay, address, port, bytes) => this.#server.handlePeer(nowMs(), relay, address, port, bytes),
      handleDropped: () => this.#ended.peerDatagramsDropped++,
    });
    const server = {
      ...{ credentials: this.#credentials, peers: this.#peers, limits: this.#limits, random: randomBytes },
      families: new Set(addresses.keys()),
      requestsPerSecond: this.#limits.requestsPerSecond,
      requestBurst: this.#limits.requestBurst,
    };
    this.#server = new TurnServer(server, outTo(this.#relays));
    this.#streamsOfAddress = new Quota(this.#limits.streamsPerAddress);
    this.#streamOwner = {
      limits: this.#limits,
      nowMs,
      handleFrame: (stream, bytes, offset, size) => this.#server.handleClient(nowMs(), stream, bytes, offset, size),
      handleEnd: (stream, why) => this.#forget(stream, why),
    };
  }

  /** Rejects with ZonecastError `portTaken` or `badConfig` when an address cannot be had, and then holds none. */
  async start(): Promise<void> {
    try {
      for (const endpoint of this.#options.udp) {
        this.#udp.push(await this.#openUdp(endpoint).catch((error) => cannotListen('UDP', endpoint, error)));
      }
      for (const endpoint of this.#options.tcp) {
        const accept = TcpListener.open(endpoint, (socket) => {
          this.#accept(socket, 'tcp', socket.remoteAddress, socket.remotePort);
        });
        this.#tcp.push(await accept.catch((error) => cannotListen('TCP', endpoint, error)));
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#timer = setInterval(() => this.#handleTimeout(nowMs()), TURN_TIMEOUT_INTERVAL_MS);
  }

  /** Everything is closed when this resolves: listeners, connections, relays. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    const listeners = [...this.#udp, ...this.#tcp].map((listener) => listener.close());
    this.#udp = [];
    this.#tcp = [];
    for (const stream of [...this.#streams]) stream.close('stopped');
    for (const allocation of [...this.#server.allocations]) this.#server.allocations.remove(allocation);
    await Promise.all([...listeners, this.#relays.closed()]);
  }

  /**
   * A stream that TLS has been taken off, of a client at `remote`, whose first byte is 0x00..0x03 (a STUN request;
   * ChannelData never comes first) and has not been read yet. The stream is the service's from here on: it is destroyed when it is refused.
   */
  acceptTurn(stream: Duplex, remote: { readonly address: string; readonly port: number }): void {
    this.#accept(stream, 'tls', remote.address, remote.port);
  }

  /** The secrets that credentials are minted by, the likeliest first, at most 4. None at the start: nobody gets in. */
  setSecrets(secrets: readonly (string | Uint8Array)[]): void {
    this.#credentials.replaceSecrets(secrets);
  }

  /**
   * The media addresses of all registered routers; none at the start. What is relayed already goes on until its
   * permission is over (5 min). Returns how many were no addresses.
   */
  setPeers(peers: Iterable<Peer>): number {
    return this.#peers.replace(peers);
  }

  /** New allocations are refused (508), what is there goes on. */
  setDraining(draining: boolean): void {
    this.#server.setDraining(draining);
  }

  get counters(): TurnCounters {
    return this.#server.counters;
  }

  get socketCounters(): TurnSocketCounters {
    const { full, late } = this.#ended.queueDrops;
    const queueDrops = { full, late };
    for (const { queue } of this.#streams) {
      queueDrops.full += queue.dropped.full;
      queueDrops.late += queue.dropped.late;
    }
    return { ...this.#ended, queueDrops };
  }

  /** What there is now. */
  get load(): { readonly allocations: number; readonly streams: number; readonly relaySockets: number } {
    return {
      allocations: this.#server.allocations.size,
      streams: this.#streams.size,
      relaySockets: this.#relays.size,
    };
  }

  /** Where clients come to, with the ports that were chosen. */
  get endpoints(): { readonly udp: readonly Endpoint[]; readonly tcp: readonly Endpoint[] } {
    return { udp: this.#udp.map(({ endpoint }) => endpoint), tcp: this.#tcp.map(({ endpoint }) => endpoint) };
  }

  async #openUdp(endpoint: Endpoint): Promise<UdpListener> {
    return UdpListener.open(endpoint, this.#udp.length, {
      handleDatagram: (client, bytes) => this.#server.handleClient(nowMs(), client, bytes, 0, bytes.length),
      handleDropped: () => this.#ended.clientDatagramsDropped++,
    });
  }

  #accept(stream: Duplex, transport: 'tcp' | 'tls', address: string | undefined, port: number | undefined): void {
    const bytes = address === undefined ? undefined : parseIp(address);
    if (address === undefined || port === undefined || bytes === undefined || !this.#hasRoomFor(bytes)) {
      this.#ended.streamsRefused++;
      stream.on('error', () => {});
      stream.destroy();
      return;
    }
    this.#ended.streamsAccepted++;
    this.#streamsOfAddress.take(addressGroup(bytes));
    const key = `${transport} ${++this.#streamCount}`;
    this.#streams.add(new TurnStream(stream, { key, transport, address, port }, this.#streamOwner));
  }

  #hasRoomFor(address: Uint8Array): boolean {
    const isFull = this.#isStopped || this.#streams.size >= this.#limits.streams;
    return !isFull && !this.#streamsOfAddress.isUsedUp(addressGroup(address));
  }

  #forget(stream: TurnStream, why: StreamEnd): void {
    this.#streams.delete(stream);
    this.#streamsOfAddress.give(addressGroup(parseIp(stream.address) as Uint8Array));
    this.#ended.streamEnds[why]++;
    this.#ended.queueDrops.full += stream.queue.dropped.full;
    this.#ended.queueDrops.late += stream.queue.dropped.late;
    this.#server.handleClientGone(nowMs(), stream);
  }

  #handleTimeout(now: number): void {
    this.#server.handleTimeout(now);
    for (const stream of this.#streams) {
      stream.handleTimeout(now, this.#server.allocations.find(now, stream.key) !== undefined);
    }
  }
}

function nowMs(): number {
  return performance.now();
}

function outTo(relays: RelaySockets): TurnOut<TurnClient> {
  return {
    answer: (client, bytes) => client.sendMessage(bytes, false),
    dataIndication: (client, bytes) => client.sendMessage(bytes, true),
    channelData: (client, channel, bytes, offset, size) => client.sendChannelData(channel, bytes, offset, size),
    toPeer: (relay, bytes, offset, size, address, port) => relays.send(relay, bytes, offset, size, address, port),
    openRelay: (relay, evenPort) => relays.open(relay, evenPort),
    closeRelay: (relay) => relays.close(relay),
  };
}

function cannotListen(protocol: 'UDP' | 'TCP', { address, port }: Endpoint, error: NodeJS.ErrnoException): never {
  const isTaken = error.code === 'EADDRINUSE';
  const message = isTaken
    ? `${protocol} port ${port} is in use`
    : `cannot listen at ${protocol} ${address}:${port}: ${error.message}`;
  throw new ZonecastError(isTaken ? 'portTaken' : 'badConfig', message, { cause: error });
}
