/**
 * The port that everything comes by. Of each connection, in this order: who it is of (PROXY header), whether there is room for
 * it, TLS, and by the first byte inside, what it speaks. Each step has its deadline.
 */
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import type { AddressList } from '../../common/address-list.ts';
import { addressKey } from '../../common/client-address.ts';
import { ConnectionLimits } from '../../common/connection-limits.ts';
import { ZonecastError } from '../../common/errors.ts';
import { limitUnsent } from '../../mmr/engine/unsent-limit.ts';
import { ACME_PROTOCOL, type ChallengeCertificates } from '../acme/challenge-certificates.ts';
import { canonicalIp } from '../turn/core/ip-address.ts';
import { PortCounters, type PortRefusal, type Protocol } from './port-counters.ts';
import { type Endpoint, readProxyHeader } from './proxy-header.ts';
import { readStart } from './read-start.ts';
import type { ServerCertificates } from './server-certificates.ts';
import { tlsChoices } from './tls-choices.ts';

/** Milliseconds. */
export interface PortTimes {
  readonly proxyHeaderMs: number;
  readonly handshakeMs: number;
  /** From the end of the handshake to the first byte inside. */
  readonly firstByteMs: number;
}

export interface PortListener {
  /** Name or address to listen at. */
  readonly host: string;
  /** 0 = any. */
  readonly port: number;
  /** Load balancers, which say with a PROXY header whose each connection is; nobody else is let in. */
  readonly proxies?: AddressList;
}

export interface PortLimits {
  readonly connections: number;
  /** Of an IPv4 address, or a /64 of IPv6: one customer has many of those. */
  readonly connectionsPerAddress: number;
}

export interface TlsPortOptions {
  readonly listeners: readonly PortListener[];
  readonly certificates: ServerCertificates;
  /** What certificate authorities may look at. */
  readonly challenges?: ChallengeCertificates | undefined;
  readonly limits: PortLimits;
  readonly times: PortTimes;
  /** Takes a connection of which nothing has been read. False: there is nobody for this protocol. */
  readonly take: (protocol: Protocol, socket: TLSSocket, client: Endpoint) => boolean;
}

interface Connection {
  readonly raw: Socket;
  /** Which of its remote ends' connections this is, as TLS sees it, too. */
  readonly key: string;
  client: Endpoint;
  limitedBy?: string;
  outcome?: Protocol | PortRefusal;
}

/** A STUN message begins with two zero bits and its method (RFC 7983 section 7); no HTTP does. */
const LAST_STUN_BYTE = 0x03;
/** So that clients that are gone without a word are noticed. */
const KEEP_ALIVE_MS = 30_000;
/** What the kernel takes beyond what it can send: media that waits there for seconds nobody can drop. 2.6 ms at 100 Mbit/s. */
const KERNEL_UNSENT_BYTES = 32 * 1024;
/** Connections that the kernel keeps for us until we take them, as far as net.core.somaxconn lets it; Node's 511 are few for a crowd. */
const BACKLOG = 4_096;

export class TlsPort {
  readonly counters = new PortCounters();
  readonly #options: TlsPortOptions;
  readonly #limits: ConnectionLimits;
  readonly #tls: TlsServer;
  readonly #listening: Server[] = [];
  readonly #connections = new Set<Connection>();
  /** Those in a handshake. */
  readonly #handshakes = new Map<string, Connection>();

  constructor(options: TlsPortOptions) {
    this.#options = options;
    this.#limits = new ConnectionLimits(options.limits.connections, options.limits.connectionsPerAddress);
    this.#tls = this.#makeTls();
    options.certificates.onChange(() => this.#tls.setSecureContext(options.certificates.first));
  }

  /** Rejects with ZonecastError `portTaken` or `badConfig`, and then listens nowhere. */
  async start(): Promise<void> {
    try {
      for (const listener of this.#options.listeners) this.#listening.push(await this.#listen(listener));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** That it listens at, in the order of the listeners. */
  get ports(): readonly number[] {
    // The cast: what listens on TCP has an AddressInfo.
    return this.#listening.map((server) => (server.address() as AddressInfo).port);
  }

  /** Connections that are open, of whatever kind. */
  get size(): number {
    return this.#connections.size;
  }

  /** Takes no more connections; those that are there go on. */
  close(): void {
    for (const server of this.#listening.splice(0)) server.close();
  }

  /** Cuts all connections. */
  cut(): void {
    for (const { raw } of this.#connections) raw.destroy();
  }

  #listen({ host, port, proxies }: PortListener): Promise<Server> {
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    const server = createTcpServer(options, (socket) => this.#accept(socket, proxies));
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const taken = error.code === 'EADDRINUSE';
        const message = taken ? `TCP port ${port} is in use` : `cannot listen at ${host}:${port}: ${error.message}`;
        reject(new ZonecastError(taken ? 'portTaken' : 'badConfig', message, { cause: error }));
      });
      server.listen({ host, port, backlog: BACKLOG }, () => {
        // Without descriptors for a moment, it must go on.
        server.removeAllListeners('error').on('error', () => undefined);
        resolve(server);
      });
    });
  }

  #accept(raw: Socket, proxies: AddressList | undefined): void {
    this.counters.accepted++;
    // 'close' follows.
    raw.on('error', () => undefined);
    const { remoteAddress: address, remotePort: port } = raw;
    const connection: Connection = {
      raw,
      key: keyOf(raw),
      client: { address: canonicalIp(address ?? '') ?? '', port: port ?? 0 },
    };
    if (!this.#limits.take()) return void this.#refuse(connection, 'full');
    this.#connections.add(connection);
    raw.on('close', () => this.#forget(connection));
    if (proxies === undefined) this.#admit(connection);
    else if (proxies.has(address)) this.#readProxyHeader(connection);
    else this.#refuse(connection, 'notFromProxy');
  }

  #readProxyHeader(connection: Connection): void {
    const { proxyHeaderMs } = this.#options.times;
    readStart(
      connection.raw,
      proxyHeaderMs,
      (bytes) => {
        const header = readProxyHeader(bytes);
        if (header.type === 'incomplete') return { type: 'more' };
        if (header.type === 'wrong') this.#refuse(connection, 'proxyHeaderWrong');
        else {
          if (header.source !== undefined) connection.client = header.source;
          // What follows the header has to be put back first.
          process.nextTick(() => this.#admit(connection));
        }
        return { type: 'done', takenBytes: header.type === 'header' ? header.sizeBytes : bytes.length };
      },
      () => this.#refuse(connection, 'proxyHeaderLate'),
    );
  }

  #admit(connection: Connection): void {
    if (connection.raw.destroyed) return;
    const key = addressKey(connection.client.address);
    if (!this.#limits.takeOf(key)) return void this.#refuse(connection, 'fullForAddress');
    connection.limitedBy = key;
    this.#handshakes.set(connection.key, connection);
    limitUnsent(connection.raw, KERNEL_UNSENT_BYTES);
    this.#tls.emit('connection', connection.raw);
  }

  #makeTls(): TlsServer {
    const { certificates, challenges, times } = this.#options;
    const server = createTlsServer({
      ...certificates.first,
      ...tlsChoices(certificates, challenges),
      handshakeTimeout: times.handshakeMs,
    });
    server.on('secureConnection', (socket) => this.#handleSecure(socket));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      this.counters.handshakes[error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'late' : 'failed']++;
      socket.destroy();
    });
    return server;
  }

  #handleSecure(socket: TLSSocket): void {
    this.counters.handshakes.done++;
    socket.on('error', () => undefined);
    const connection = this.#handshakes.get(keyOf(socket));
    // Gone meanwhile.
    if (connection === undefined) return void socket.destroy();
    this.#handshakes.delete(connection.key);
    if (socket.alpnProtocol === ACME_PROTOCOL) {
      this.#settle(connection, 'acmeCheck');
      return void socket.end(() => socket.destroy());
    }
    const { client } = connection;
    // For everything above, also where HTTP/2 stands between: whose the connection is, not through whom it came.
    Object.defineProperties(socket, { remoteAddress: { value: client.address }, remotePort: { value: client.port } });
    readStart(
      socket,
      this.#options.times.firstByteMs,
      ([first = 0]) => {
        const protocol = protocolOf(first, socket.alpnProtocol);
        process.nextTick(() => this.#take(connection, socket, protocol));
        return { type: 'done', takenBytes: 0 };
      },
      () => this.#refuse(connection, 'silent'),
    );
  }

  #take(connection: Connection, socket: TLSSocket, protocol: Protocol): void {
    if (socket.destroyed) return;
    if (!this.#options.take(protocol, socket, connection.client)) return void this.#refuse(connection, 'noTurn');
    connection.outcome = protocol;
    this.counters.taken[protocol]++;
    this.counters.open[protocol]++;
  }

  #refuse(connection: Connection, reason: PortRefusal): void {
    this.#settle(connection, reason);
    connection.raw.destroy();
  }

  #settle(connection: Connection, reason: PortRefusal): void {
    if (connection.outcome !== undefined) return;
    connection.outcome = reason;
    this.counters.refused[reason]++;
  }

  #forget(connection: Connection): void {
    const isSecure = connection.limitedBy !== undefined && !this.#handshakes.delete(connection.key);
    this.#settle(connection, isSecure ? 'silent' : 'noHandshake');
    const { outcome } = connection;
    if (outcome === 'http1' || outcome === 'http2' || outcome === 'turn') this.counters.open[outcome]--;
    this.#connections.delete(connection);
    this.#limits.give();
    if (connection.limitedBy !== undefined) this.#limits.giveOf(connection.limitedBy);
  }
}

/** A TLS socket has the ends of the connection below it, and no public way to that. */
function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

function protocolOf(firstByte: number, alpn: string | false | null): Protocol {
  if (firstByte <= LAST_STUN_BYTE) return 'turn';
  return alpn === 'h2' ? 'http2' : 'http1';
}
