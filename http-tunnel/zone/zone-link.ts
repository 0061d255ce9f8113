/**
 * What ties this tunnel to its zone: it tells a zone-controller of itself, and is told where routers and controllers are and by what
 * clients' credentials are checked. What was told last counts for as long as no controller says anything else.
 */
import type { KeyObject } from 'node:crypto';
import { publicKeyOf } from '../../common/ed25519.ts';
import type { Logger } from '../../common/log.ts';
import type { MutualTls } from '../../common/mutual-tls.ts';
import { type Ticket, verifyTicket } from '../../common/tunnel-ticket.ts';
import { VERSION } from '../../common/version.ts';
import type { TunnelOrders__Output } from '../../proto/gen/zonecast/zone/v1/TunnelOrders.ts';
import type { TunnelRegistration } from '../../proto/gen/zonecast/zone/v1/TunnelRegistration.ts';
import { ZoneStream } from '../../proto/zone-stream.ts';
import type { ControllerList } from '../proxy/controller-list.ts';
import type { Peer } from '../turn/core/allowed-peers.ts';
import { ToldControllers } from './told-controllers.ts';
import { ToldRouters } from './told-routers.ts';

const TELL_MS = 5_000;

/** What the zone's controllers are told of this tunnel. */
export interface TunnelDescription {
  /** Where clients reach it: https://host or https://host:port. */
  readonly urls: readonly string[];
  /** RFC 7065, e.g. turns:host:443?transport=tcp; empty: it has no TURN. */
  readonly turnUrls: readonly string[];
  /** The share of its limits that is in use: 0 to 1. */
  readonly load: number;
  readonly draining: boolean;
  /** While it is draining: connections and TURN allocations that are still there. */
  readonly left?: number;
}

export interface ZoneLinkOptions {
  /** As in its certificate. */
  readonly tunnel: string;
  readonly zone: string;
  /** host:port of the gRPC service of each zone-controller; any of them will do. */
  readonly zoneControllers: readonly string[];
  /** Of the role `http-tunnel`. */
  readonly tls: MutualTls;
  /** What holds now; asked every few seconds. */
  readonly describe: () => TunnelDescription;
  /** Where controllers are until the zone has said it, as people reach them. */
  readonly controllerUrls?: readonly string[];
  /** Told of each change. */
  readonly turn?: {
    setSecrets(secrets: readonly Uint8Array[]): void;
    setPeers(peers: readonly Peer[]): void;
  };
  /** Whether an operator wants this tunnel drained; told again and again, as of now. */
  readonly ordered?: (drain: boolean) => void;
  readonly log: Logger;
}

export class ZoneLink {
  readonly #options: ZoneLinkOptions;
  readonly #stream: ZoneStream<TunnelRegistration, TunnelOrders__Output>;
  readonly #controllers: ToldControllers;
  readonly #routers = new ToldRouters();
  #ticketKeys: readonly KeyObject[] = [];
  #tunnelOrigins: ReadonlySet<string> = new Set();
  #isKnown = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ZoneLinkOptions) {
    this.#options = options;
    const { zoneControllers, tls, log } = options;
    this.#controllers = new ToldControllers(options.controllerUrls ?? []);
    this.#stream = new ZoneStream({
      zoneControllers,
      tls,
      open: (client) => client.RegisterTunnel(),
      message: () => this.#message(),
      onReply: (orders, isFirst, controller) => {
        if (isFirst) log.info({ zone: orders.zone, controller }, 'registered');
        this.#take(orders);
      },
      // What holds is what was told.
      onLost: () => undefined,
      log,
    });
  }

  start(): void {
    this.#stream.start();
    this.#timer = setInterval(() => this.#stream.changed(), TELL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stream.stop();
  }

  /** The description is another one, and shall not wait. */
  changed(): void {
    this.#stream.changed();
  }

  /** Whether a controller has this tunnel registered now. */
  get registered(): boolean {
    return this.#stream.registered;
  }

  /** Whether a controller has ever told of the zone. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** As people reach them. */
  get controllers(): ControllerList {
    return this.#controllers;
  }

  /** Whether a router of the zone receives media there. `address` in any notation. */
  isRouter(address: string, port: number): boolean {
    return this.#routers.has(address, port);
  }

  /** Whether a page of that origin was given by a tunnel of the zone. */
  isTunnel(origin: string): boolean {
    return this.#tunnelOrigins.has(origin);
  }

  /** undefined: it opens nothing. */
  verifyTicket(ticket: string): Promise<Ticket | undefined> {
    return verifyTicket(ticket, this.#ticketKeys, this.#options.zone);
  }

  #message(): TunnelRegistration {
    const { tunnel, describe } = this.#options;
    const { urls, turnUrls, ...rest } = describe();
    return { tunnel, urls: [...urls], turnUrls: [...turnUrls], ...rest, version: VERSION };
  }

  #take(orders: TunnelOrders__Output): void {
    const { zone, turn, ordered, log } = this.#options;
    if (orders.zone !== zone) {
      log.error({ zone: orders.zone, expected: zone }, 'a controller of another zone; what it says is not taken');
      return;
    }
    this.#isKnown = true;
    this.#ticketKeys = orders.ticketKeys.map(publicKeyOf);
    this.#tunnelOrigins = new Set(orders.tunnels.map((url) => new URL(url).origin));
    this.#controllers.replace(orders.controllers);
    this.#routers.tell(orders.media, performance.now());
    turn?.setSecrets(orders.turnSecrets);
    turn?.setPeers(this.#routers.all);
    ordered?.(orders.drain);
  }
}
