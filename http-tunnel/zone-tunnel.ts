/** A tunnel of a zone: the port, TURN, tunnelled media, and what ties them to the zone. It reads no files. */
import type { Registry } from 'prom-client';
import type { Logger } from '../common/log.ts';
import type { MutualTls } from '../common/mutual-tls.ts';
import type { ChallengeCertificates } from './acme/challenge-certificates.ts';
import { addMediaMetrics } from './admin/media-metrics.ts';
import { addTunnelMetrics } from './admin/tunnel-metrics.ts';
import { addTurnMetrics } from './admin/turn-metrics.ts';
import { HttpTunnel } from './http-tunnel.ts';
import { TunnelMedia } from './media/tunnel-media.ts';
import type { ServerCertificates } from './port/server-certificates.ts';
import type { PortLimits, PortListener } from './port/tls-port.ts';
import type { Controllers } from './proxy/controllers.ts';
import { dialSignalling } from './proxy/dial-signalling.ts';
import { DEFAULT_TIMES } from './tunnel-times.ts';
import type { TurnServiceOptions } from './turn/turn-options.ts';
import { TurnService } from './turn/turn-service.ts';
import { turnUrls } from './turn-urls.ts';
import { type TunnelDescription, ZoneLink } from './zone/zone-link.ts';

export interface ZoneTunnelOptions {
  /** As in its certificate for other daemons. */
  readonly tunnel: string;
  readonly zone: string;
  /** host:port of the gRPC service of each zone-controller; any of them will do. */
  readonly zoneControllers: readonly string[];
  /** Of the role `http-tunnel`. */
  readonly tls: MutualTls;
  /** https://host or https://host:port, where clients reach it; asked once the port is open. */
  readonly publicUrl: () => string;
  readonly listeners: readonly PortListener[];
  /** What clients are shown. */
  readonly certificates: ServerCertificates;
  /** What certificate authorities may look at. */
  readonly challenges?: ChallengeCertificates | undefined;
  /** Where controllers are until the zone has said it, as people reach them. */
  readonly controllerUrls?: readonly string[];
  /** Authority of the controllers' certificates for people (PEM); undefined: those that Node knows. */
  readonly controllersCaPem?: string | undefined;
  /** Of web pages, besides those of controllers and tunnels of the zone, whose people may use tunnelled media. */
  readonly allowedOrigins?: readonly string[];
  /** Without it: no TURN. */
  readonly turn?: Omit<TurnServiceOptions, 'realm'> | undefined;
  readonly limits: PortLimits;
  /** Gets what this tunnel counts. */
  readonly metrics?: Registry;
  readonly log: Logger;
}

export class ZoneTunnel {
  readonly #options: ZoneTunnelOptions;
  readonly #http: HttpTunnel;
  readonly #turn: TurnService | undefined;
  readonly #link: ZoneLink;
  #isStopping = false;

  /** Opens nothing. @throws RangeError for TURN options that make no sense */
  constructor(options: ZoneTunnelOptions) {
    const { tunnel, zone, zoneControllers, tls, controllerUrls, listeners, certificates, limits, log } = options;
    this.#options = options;
    this.#turn = options.turn && new TurnService({ realm: zone, ...options.turn });
    this.#link = new ZoneLink({
      tunnel,
      zone,
      zoneControllers,
      tls,
      describe: () => this.#describe(),
      ...(controllerUrls && { controllerUrls }),
      ...(this.#turn && { turn: this.#turn }),
      ordered: (drain) => this.#setDrained(drain),
      log,
    });
    this.#http = new HttpTunnel({
      listeners,
      certificates,
      challenges: options.challenges,
      controllers: this.#link.controllers,
      controllersCaPem: options.controllersCaPem,
      turn: this.#turn,
      openMedia: (controllers) => this.#openMedia(controllers),
      limits,
      log,
    });
    certificates.onChange(() => this.#link.changed());
    if (options.metrics === undefined) return;
    addTunnelMetrics(options.metrics, this.#http, certificates);
    const turn = this.#turn;
    if (turn !== undefined) addTurnMetrics(options.metrics, () => turn);
  }

  /** Of its first listener, once started. */
  get port(): number {
    return this.#http.port.ports[0] ?? 0;
  }

  /** Whether the zone sends people here. */
  get registered(): boolean {
    return this.#link.registered;
  }

  /** Resolves when the port is open. Rejects with ZonecastError `portTaken` or `badConfig`. */
  async start(): Promise<void> {
    await this.#http.start();
    this.#link.start();
  }

  /** Sends those who are there elsewhere, and waits until they have gone; `forMs` at most. */
  async drain(forMs: number): Promise<void> {
    this.#isStopping = true;
    this.#link.changed();
    await this.#http.drain(forMs);
  }

  /** Cuts everything. Safe at any time. */
  async stop(): Promise<void> {
    this.#link.stop();
    await this.#http.stop();
  }

  /** Why nobody should be sent here, in words for operators; empty when all is well. */
  readinessProblems(): string[] {
    return [
      ...this.#http.readinessProblems(),
      ...(this.#link.isKnown ? [] : ['no zone-controller has said where routers are']),
    ];
  }

  #describe(): TunnelDescription {
    const { publicUrl, certificates, limits } = this.#options;
    const url = publicUrl();
    // Without a certificate, who is sent here comes in vain.
    const draining = this.#isStopping || this.#http.isDrained || !certificates.isAnyValid;
    return {
      urls: [new URL(url).origin],
      turnUrls: this.#turn === undefined ? [] : turnUrls(url, this.#turn.endpoints),
      load: Math.min(1, this.#http.port.size / limits.connections),
      draining,
      ...(draining && { left: this.#http.left }),
    };
  }

  #setDrained(isDrained: boolean): void {
    if (isDrained === this.#http.isDrained) return;
    this.#options.log.info({ isDrained }, 'an operator has this tunnel drained, or taken into use again');
    this.#http.setDrained(isDrained);
    this.#link.changed();
  }

  async #openMedia(controllers: Controllers): Promise<TunnelMedia> {
    const link = this.#link;
    const { publicUrl, allowedOrigins = [], metrics } = this.#options;
    const allowed = new Set(allowedOrigins.map((url) => new URL(url).origin));
    const media = await TunnelMedia.start({
      verifyTicket: (ticket) => link.verifyTicket(ticket),
      isRouter: (address, port) => link.isRouter(address, port),
      dialSignalling: (client) => dialSignalling(controllers, client, DEFAULT_TIMES),
      isAllowedOrigin: (origin, host) =>
        origin === `https://${host.toLowerCase()}` ||
        origin === new URL(publicUrl()).origin ||
        allowed.has(origin) ||
        // Who was sent here by another one goes on with the page that he has.
        link.isTunnel(origin) ||
        link.controllers.urls.some((url) => new URL(url).origin === origin),
      // The port has set it.
      clientAddress: ({ socket }) => socket.remoteAddress,
    });
    if (metrics !== undefined) addMediaMetrics(metrics, () => media);
    return media;
  }
}
