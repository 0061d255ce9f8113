/** What people reach a controller by: one port with the page, the little HTTP API, and signalling. */
import { fileURLToPath } from 'node:url';
import type { Logger } from '../common/log.ts';
import type { CertificatePair } from '../common/mutual-tls.ts';
import { HttpHandler } from './http/http-handler.ts';
import { HttpServer } from './http/http-server.ts';
import type { Route } from './http/route.ts';
import { readStaticFiles } from './http/static-files.ts';
import { TrustedProxies } from './http/trusted-proxies.ts';
import type { ZoneLimits, ZoneTimes } from './limits/zone-limits.ts';
import type { MeetingService } from './meeting/meeting-service.ts';
import type { WhereElse } from './meeting/where-else.ts';
import type { SignallingMetrics } from './signalling/signalling-connection.ts';
import { SignallingServer } from './signalling/signalling-server.ts';

/** For WebSockets to answer the closing handshake when the controller stops. */
const CLOSING_MS = 200;
/** Controllers whose pages are remembered. */
const MAX_SEEN = 1_000;

/** Where the server listens, and what is written of it. */
export interface PeopleAddress {
  readonly http: {
    readonly host: string;
    /** 0 = any. */
    readonly port: number;
    /** Name or address in links; by default `host`. */
    readonly linkHost?: string;
    readonly tls?: CertificatePair;
  };
  /** Where people reach this controller, for links; by default its own address. */
  readonly publicUrl?: string;
  /** Origins of pages, besides its own, that may use this controller. */
  readonly allowedOrigins?: readonly string[];
  /** HTTP tunnels and proxies, in CIDR notation: who comes by them is whom they say. By default nobody. */
  readonly trustedProxies?: readonly string[];
  /** Where HTTP tunnels of the zone may be, whether they are there or not: origins, `https://*.example.org` for all of a domain. */
  readonly tunnelUrls?: readonly string[];
}

export interface PeopleServerOptions {
  readonly address: PeopleAddress;
  readonly service: MeetingService;
  /** The HTTP API. */
  readonly routes: readonly Route[];
  readonly readinessProblems: () => readonly string[];
  /** URLs of the zone's other controllers. */
  readonly otherControllers: () => string[];
  /** URLs of those of other zones: their pages may go on here, ours there. */
  readonly otherZones: () => readonly string[];
  /** URLs of the zone's HTTP tunnels: pages that came by one may go on here, ours there. */
  readonly tunnels: () => readonly string[];
  /** Where else clients may go: the zone's other controllers, then other zones. */
  readonly whereElse: WhereElse;
  readonly limits: ZoneLimits;
  readonly times: ZoneTimes;
  readonly metrics: SignallingMetrics;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class PeopleServer {
  readonly #address: PeopleAddress;
  readonly #signalling: SignallingServer;
  readonly #http: HttpServer;
  readonly #otherControllers: () => string[];
  readonly #whereElse: WhereElse;
  /** Origins of controllers that there are or were: pages that came from one go on here when that is gone. */
  readonly #seen = new Set<string>();
  /** Of which others clients know. */
  #told = '';
  #port = 0;

  constructor(options: PeopleServerOptions) {
    const { address, service, routes, readinessProblems, limits, times, metrics, now, log } = options;
    this.#address = address;
    this.#otherControllers = options.otherControllers;
    this.#whereElse = options.whereElse;
    const { http, publicUrl } = address;
    // A proxy that ends TLS in front of us makes our own page's origin another than what we see.
    const ownOrigin = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
    const configured = [...ownOrigin, ...(address.allowedOrigins ?? [])];
    const originsOf = (urls: readonly string[]): string[] => urls.map((url) => new URL(url).origin);
    const elsewhere = (): string[] => originsOf(options.otherZones());
    const tunnels = (): string[] => originsOf(options.tunnels());
    const siblings = (): string[] => [...new Set([...originsOf(options.otherControllers()), ...elsewhere()])];
    const allowedOrigins = (): string[] => [...configured, ...this.#seen, ...elsewhere(), ...tunnels()];
    const proxies = new TrustedProxies(address.trustedProxies ?? []);
    this.#signalling = new SignallingServer({ service, limits, times, allowedOrigins, proxies, now, metrics, log });
    const files = readClient();
    this.#http = new HttpServer({
      host: http.host,
      port: http.port,
      tls: http.tls,
      proxies,
      limits,
      times,
      handler: new HttpHandler({
        files,
        limits,
        allowedOrigins,
        proxies,
        siblings,
        tunnels,
        plannedTunnels: address.tunnelUrls ?? [],
        routes,
        readinessProblems,
        now,
        log,
      }),
      upgrade: (request, socket, head) => this.#signalling.upgrade(request, socket, head),
    });
  }

  /** Resolves when it listens. Rejects with ZonecastError `portTaken` or `badConfig`. */
  async start(): Promise<void> {
    this.#told = this.#whereElse.version;
    this.#port = await this.#http.start();
  }

  /** A controller or a zone has come or gone: clients are told where they can go. */
  controllersChanged(): void {
    for (const url of this.#otherControllers()) {
      if (this.#seen.size < MAX_SEEN) this.#seen.add(new URL(url).origin);
    }
    const { version } = this.#whereElse;
    if (version === this.#told) return;
    this.#told = version;
    this.#signalling.tellEach(() => ({ type: 'controllers', controllers: this.#whereElse.draw() }));
  }

  /** Sends all clients to other controllers within this time, and lets nobody in any more. */
  async handOver(forMs: number): Promise<void> {
    await this.#signalling.handOver(forMs);
  }

  async stop(): Promise<void> {
    this.#signalling.stop();
    await this.#http.stop(CLOSING_MS);
  }

  /** Where people reach the page, without a slash at the end. */
  get url(): string {
    const { http, publicUrl } = this.#address;
    if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '');
    const name = http.linkHost ?? http.host;
    const host = name.includes(':') ? `[${name}]` : name;
    return `${http.tls === undefined ? 'http' : 'https'}://${host}:${this.#port}`;
  }

  /** That it listens at, once started. */
  get port(): number {
    return this.#port;
  }

  /** WebSockets, and those of them that are in a meeting. */
  meters(): { readonly connections: number; readonly sessions: number } {
    const { connections, sessions } = this.#signalling;
    return { connections, sessions };
  }
}

/** The page and all that it imports, by path. */
export function readClient() {
  const directory = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
  const roots = [
    { directory: directory('client/page'), path: '/page/' },
    { directory: directory('client/sdk'), path: '/sdk/' },
    { directory: directory('client/tunnel'), path: '/tunnel/' },
    { directory: directory('proto'), path: '/proto/', only: ['meeting-settings.ts', 'send-window.ts', 'tunnel.ts'] },
  ];
  return readStaticFiles(roots, '/page/index.html');
}
