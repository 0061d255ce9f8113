/**
 * The HTTP tunnel: for whoever gets nothing out but HTTPS. One port takes all of it: the page, the API and signalling, which go on to
 * a zone-controller, TURN inside TLS, and tunnelled media.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { Logger } from '../common/log.ts';
import type { ChallengeCertificates } from './acme/challenge-certificates.ts';
import { HttpServers } from './port/http-servers.ts';
import type { Protocol } from './port/port-counters.ts';
import type { Endpoint } from './port/proxy-header.ts';
import type { ServerCertificates } from './port/server-certificates.ts';
import { type PortLimits, type PortListener, TlsPort } from './port/tls-port.ts';
import type { ControllerList } from './proxy/controller-list.ts';
import { Controllers } from './proxy/controllers.ts';
import { FrontDoor } from './proxy/front-door.ts';
import { ProxyCounters } from './proxy/proxy-counters.ts';
import { RequestProxy } from './proxy/request-proxy.ts';
import { UpgradeProxy } from './proxy/upgrade-proxy.ts';
import { DEFAULT_TIMES, type TunnelTimes } from './tunnel-times.ts';

/** How often a drain looks whether all have gone. */
const DRAIN_LOOK_MS = 200;

/** What the tunnel needs of TURN. */
export interface TunnelTurn {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A client's stream, of which nothing has been read. */
  acceptTurn(stream: Duplex, client: Endpoint): void;
  /** Takes nothing new. */
  setDraining(isDraining: boolean): void;
  readonly load: { readonly allocations: number };
  /** Where clients come to without TLS. */
  readonly endpoints: { readonly udp: readonly Endpoint[]; readonly tcp: readonly Endpoint[] };
}

/** What the tunnel needs of tunnelled media. Requests that are not for it are left to others: false. */
export interface TunnelledMedia {
  stop(): void;
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Takes nothing new, and sends those who are there elsewhere. */
  setDraining(isDraining: boolean): void;
}

export interface HttpTunnelOptions {
  readonly listeners: readonly PortListener[];
  readonly certificates: ServerCertificates;
  /** What certificate authorities may look at. */
  readonly challenges?: ChallengeCertificates | undefined;
  readonly controllers: ControllerList;
  /** Authority of the controllers' certificates (PEM); undefined: those that Node knows. */
  readonly controllersCaPem?: string | undefined;
  readonly turn?: TunnelTurn | undefined;
  /** Opens tunnelled media, whose signalling goes to these controllers. Without it: none. */
  readonly openMedia?: ((controllers: Controllers) => Promise<TunnelledMedia>) | undefined;
  readonly limits: PortLimits;
  readonly times?: Partial<TunnelTimes>;
  readonly log: Logger;
}

export class HttpTunnel {
  readonly port: TlsPort;
  readonly http: HttpServers;
  readonly controllers: Controllers;
  readonly proxyCounters = new ProxyCounters();
  readonly #options: HttpTunnelOptions;
  readonly #door = new FrontDoor(this.proxyCounters);
  readonly #requests: RequestProxy;
  readonly #upgrades: UpgradeProxy;
  #media: TunnelledMedia | undefined;
  #isListening = false;
  #isDrained = false;
  #isStopping = false;

  /** Opens nothing. */
  constructor(options: HttpTunnelOptions) {
    const { listeners, certificates, challenges, limits, log } = options;
    const times = { ...DEFAULT_TIMES, ...options.times };
    this.#options = options;
    this.controllers = new Controllers({ list: options.controllers, caPem: options.controllersCaPem, times, log });
    this.#requests = new RequestProxy(this.controllers, times, this.proxyCounters);
    this.#upgrades = new UpgradeProxy(this.controllers, times, this.proxyCounters);
    this.http = new HttpServers({
      times,
      handle: (request, response) => this.#handleRequest(request, response),
      upgrade: (request, socket, sent) => this.#handleUpgrade(request, socket, sent),
    });
    const take = this.#take.bind(this);
    this.port = new TlsPort({ listeners, certificates, challenges, limits, times, take });
  }

  /** Rejects with ZonecastError `portTaken` or `badConfig`. Controllers may come later. */
  async start(): Promise<void> {
    this.controllers.start();
    await this.#options.turn?.start();
    this.#media = await this.#options.openMedia?.(this.controllers);
    await this.port.start();
    this.#isListening = true;
    const { log, turn } = this.#options;
    log.info({ ports: this.port.ports, ...(turn && { turn: turn.endpoints }) }, 'people may come in');
  }

  /**
   * By an operator's order: takes nothing new and sends those who are there elsewhere, or takes people again. The port stays open: the
   * page and the API go on, so that who knows no other way in learns of one, and sessions may change their carrier until they have gone.
   */
  setDrained(isDrained: boolean): void {
    if (isDrained === this.#isDrained) return;
    this.#isDrained = isDrained;
    // Nothing takes that back.
    if (this.#isStopping) return;
    this.#options.turn?.setDraining(isDrained);
    this.#media?.setDraining(isDrained);
    if (isDrained) void this.#upgrades.drain(Number.POSITIVE_INFINITY);
    else this.#upgrades.takeAgain();
  }

  /** Whether an operator has it drained. */
  get isDrained(): boolean {
    return this.#isDrained;
  }

  /** Connections and TURN allocations that there are. */
  get left(): number {
    return this.port.size + (this.#options.turn?.load.allocations ?? 0);
  }

  /** Lets nobody in any more, sends those who are there elsewhere, and waits until they have gone; `forMs` at most. */
  async drain(forMs: number): Promise<void> {
    const endMs = performance.now() + forMs;
    const { turn } = this.#options;
    this.#isStopping = true;
    this.port.close();
    turn?.setDraining(true);
    this.#media?.setDraining(true);
    this.http.drain();
    await this.#upgrades.drain(forMs / 2);
    while (performance.now() < endMs && this.left > 0) await pause(DRAIN_LOOK_MS);
  }

  /** Cuts everything. Safe at any time. */
  async stop(): Promise<void> {
    this.#isListening = false;
    this.#isStopping = true;
    this.port.close();
    this.controllers.stop();
    this.http.stop();
    this.port.cut();
    this.#media?.stop();
    await this.#options.turn?.stop();
    this.#options.certificates.close();
  }

  /** Why nobody should be sent here, in words for operators; empty when all is well. */
  readinessProblems(): string[] {
    const { certificates } = this.#options;
    const expired = certificates.expiries.filter(({ endMs }) => endMs <= Date.now());
    return [
      ...(this.#isListening ? [] : ['the port is not open']),
      ...(this.#isDrained ? ['an operator drains this tunnel'] : []),
      ...(certificates.expiries.length > 0 ? [] : ['no certificate has been issued yet']),
      ...(this.controllers.count.well > 0 ? [] : ['no zone-controller is well']),
      ...expired.map(({ name }) => `the certificate of ${name} has ended`),
    ];
  }

  #take(protocol: Protocol, socket: TLSSocket, client: Endpoint): boolean {
    if (protocol !== 'turn') this.http.accept(protocol, socket);
    else if (this.#options.turn === undefined) return false;
    else this.#options.turn.acceptTurn(socket, client);
    return true;
  }

  #handleRequest(request: IncomingMessage, response: ServerResponse): void {
    const head = this.#door.admit(request, response);
    if (head === undefined || this.#media?.handleRequest(request, response) === true) return;
    void this.#requests.handle(request, response, head);
  }

  #handleUpgrade(request: IncomingMessage, socket: Duplex, sent: Buffer): void {
    const head = this.#door.admitUpgrade(request, socket);
    if (head === undefined || this.#media?.handleUpgrade(request, socket, sent) === true) return;
    void this.#upgrades.handle(request, socket, sent, head);
  }
}
