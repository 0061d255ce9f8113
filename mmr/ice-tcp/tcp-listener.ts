/**
 * The TCP port of a media worker, for clients to whose network UDP is closed (RFC 6544, passive candidates). Same address and
 * number as the UDP port, same thread; what comes by it is relayed to that port, one socket for each connection.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { addressKey } from '../../common/client-address.ts';
import { ConnectionLimits } from '../../common/connection-limits.ts';
import { RecentSet } from '../../common/recent-set.ts';
import { limitUnsent } from '../engine/unsent-limit.ts';
import { LoopbackSocket, loopbackOf } from './loopback-socket.ts';
import {
  TCP_ENDS,
  TcpConnection,
  type TcpConnectionOwner,
  type TcpConnectionTimes,
  type TcpEnd,
} from './tcp-connection.ts';

export interface TcpListenerOptions {
  /** As the worker's UDP port is bound. */
  readonly address: string;
  readonly port: number;
  readonly maxParticipants: number;
  /** Whether somebody here has this ICE ufrag. */
  readonly knows: (ufrag: string) => boolean;
  /** For tests. */
  readonly times?: Partial<TcpConnectionTimes>;
}

/** Of a listener since its start, but `connections`: those that are open and have begun with a check. */
export interface TcpCounts {
  readonly connections: number;
  readonly accepted: number;
  readonly ended: Readonly<Record<TcpEnd, number>>;
  readonly packets: { readonly in: number; readonly out: number };
  /** Toward clients that read too slowly, because they were late or the queue full; and of clients, on the way to the engine. */
  readonly dropped: { readonly late: number; readonly full: number; readonly unsent: number };
}

const TIMES: TcpConnectionTimes = { firstMs: 8_000, idleMs: 60_000, stalledMs: 10_000, queueMs: 500 };
const SWEEP_MS = 1_000;
/** Connections that have not said yet whom they are for; a crowd behind one address that is let in again at once needs many. */
const MAX_NEW = 1_024;
const MAX_NEW_PER_ADDRESS = 256;
/** A browser opens one from each of its networks to each of our addresses. */
const CONNECTIONS_PER_PARTICIPANT = 4;
/** Of the same participant; as many addresses as ICE keeps of him. */
const MAX_PER_PARTICIPANT = 16;
/** Ports of connections that have ended are not used again while the engine may still send to them: 30 s (RFC 7675). */
const MAX_SPENT_PORTS = 4_096;
const BACKLOG = 1_024;
/** What the socket holds itself before the queue begins to wait: some packets that leave in one write. */
const STREAM_BUFFER_BYTES = 8 * 1024;
/** And the kernel, beside what is on its way. */
const KERNEL_UNSENT_BYTES = 8 * 1024;

export class TcpListener {
  readonly #options: TcpListenerOptions;
  readonly #owner: TcpConnectionOwner;
  readonly #server: Server;
  /** And what gives back the place that each of them takes. */
  readonly #connections = new Map<TcpConnection, () => void>();
  readonly #new = new ConnectionLimits(MAX_NEW, MAX_NEW_PER_ADDRESS);
  readonly #admitted: ConnectionLimits;
  readonly #spentPorts = new RecentSet<number>(MAX_SPENT_PORTS);
  #sweep: NodeJS.Timeout | undefined;
  #accepted = 0;
  readonly #ended = Object.fromEntries(TCP_ENDS.map((why) => [why, 0])) as Record<TcpEnd, number>; // All of them.
  readonly #packets = { in: 0, out: 0 };
  /** Of connections that have ended, but `unsent`. */
  readonly #dropped = { late: 0, full: 0, unsent: 0 };

  constructor(options: TcpListenerOptions) {
    this.#options = options;
    this.#owner = {
      times: { ...TIMES, ...options.times },
      nowMs: () => performance.now(),
      admit: (connection, ufrag) => this.#admit(connection, ufrag),
      countPacket: (direction) => this.#packets[direction]++,
      countUnsent: () => this.#dropped.unsent++,
      handleEnd: (connection, why) => this.#handleEnd(connection, why),
    };
    this.#admitted = new ConnectionLimits(options.maxParticipants * CONNECTIONS_PER_PARTICIPANT, MAX_PER_PARTICIPANT);
    this.#server = createServer({ noDelay: true, highWaterMark: STREAM_BUFFER_BYTES }, (socket) => this.#take(socket));
  }

  /** Rejects with an errno of `listen`: EADDRINUSE when another program has the port. */
  async start(): Promise<void> {
    const { address: host, port } = this.#options;
    try {
      await this.#listen(host, port);
    } catch (error) {
      // Only IPv4 where the kernel has no IPv6, as the engine has it.
      if (host !== '::' || !isWithoutIpv6(error)) throw error;
      await this.#listen('0.0.0.0', port);
    }
    // Accepting failed for want of descriptors: the next one may succeed.
    this.#server.on('error', () => {});
    this.#sweep = setInterval(() => this.#handleTimeout(), SWEEP_MS);
    this.#sweep.unref();
  }

  get counts(): TcpCounts {
    const dropped = { ...this.#dropped };
    for (const {
      dropped: { late, full },
    } of this.#connections.keys()) {
      dropped.late += late;
      dropped.full += full;
    }
    return {
      connections: this.#admitted.size.connections,
      accepted: this.#accepted,
      ended: { ...this.#ended },
      packets: { ...this.#packets },
      dropped,
    };
  }

  /** Ends all connections and listens no more. */
  stop(): void {
    clearInterval(this.#sweep);
    this.#server.close();
    for (const connection of [...this.#connections.keys()]) connection.end('stopped');
  }

  async #listen(host: string, port: number): Promise<void> {
    this.#server.listen({ host, port, backlog: BACKLOG });
    await once(this.#server, 'listening');
  }

  #take(socket: Socket): void {
    this.#accepted++;
    const release = this.#new.acquire(addressKey(socket.remoteAddress));
    if (release === undefined) {
      this.#ended.full++;
      socket.destroy();
      return;
    }
    limitUnsent(socket, KERNEL_UNSENT_BYTES);
    this.#connections.set(new TcpConnection(socket, this.#owner), release);
  }

  #admit(connection: TcpConnection, ufrag: string): void {
    const release = this.#options.knows(ufrag) ? this.#admitted.acquire(ufrag) : undefined;
    if (release === undefined) {
      connection.end(this.#options.knows(ufrag) ? 'full' : 'notIce');
      return;
    }
    this.#connections.get(connection)?.();
    this.#connections.set(connection, release);
    const { address, port } = this.#options;
    const loopback = new LoopbackSocket(
      { address: loopbackOf(address), port },
      this.#spentPorts,
      (isOpen) => (isOpen ? connection.handleOpen() : connection.end('failed')),
      (datagram) => connection.handleDatagram(datagram),
    );
    connection.use(loopback);
  }

  #handleEnd(connection: TcpConnection, why: TcpEnd): void {
    this.#ended[why]++;
    this.#dropped.late += connection.dropped.late;
    this.#dropped.full += connection.dropped.full;
    if (connection.loopbackPort !== 0) this.#spentPorts.add(connection.loopbackPort);
    this.#connections.get(connection)?.();
    this.#connections.delete(connection);
  }

  #handleTimeout(): void {
    const nowMs = performance.now();
    for (const connection of [...this.#connections.keys()]) connection.handleTimeout(nowMs);
  }
}

function isWithoutIpv6(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL');
}
