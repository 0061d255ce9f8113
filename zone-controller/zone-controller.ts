/** One zone-controller: the page and signalling for people, gRPC for routers, and what stands between them. */
import { fileURLToPath } from 'node:url';
import type { RouterId, ZoneId } from '../common/ids.ts';
import type { Logger } from '../common/log.ts';
import type { MutualTls } from '../common/mutual-tls.ts';
import type { CreatedMeeting } from '../proto/signalling.ts';
import { HttpHandler } from './http/http-handler.ts';
import { HttpServer } from './http/http-server.ts';
import { readStaticFiles } from './http/static-files.ts';
import { DEFAULT_LIMITS, DEFAULT_TIMES, type ZoneLimits, type ZoneTimes } from './limits/zone-limits.ts';
import { Admission } from './meeting/admission.ts';
import { Definitions } from './meeting/definitions.ts';
import { MeetingService } from './meeting/meeting-service.ts';
import { RouterCommands } from './meeting/router-commands.ts';
import { RouterEvents } from './meeting/router-events.ts';
import { Placements } from './placement/placements.ts';
import { MemoryRegistry } from './registry/memory-registry.ts';
import { ZoneRecords } from './registry/records.ts';
import { RouterDirectory } from './routers/router-directory.ts';
import { ZoneServer } from './routers/zone-server.ts';
import { SignallingServer } from './signalling/signalling-server.ts';

const SWEEP_MS = 10 * 60_000;
/** For WebSockets to answer the closing handshake when the controller stops. */
const CLOSING_MS = 200;

export interface ZoneControllerOptions {
  readonly zone: ZoneId;
  readonly http: {
    readonly host: string;
    /** 0 = any. */
    readonly port: number;
    /** Name or address in links; by default `host`. */
    readonly linkHost?: string;
    readonly tls?: { readonly certificatePem: string; readonly privateKeyPem: string };
  };
  /** host:port of the gRPC service for routers; port 0 = any. */
  readonly grpcAddress: string;
  readonly tls: MutualTls;
  /** Where people reach this controller, for links; by default its own address. */
  readonly publicUrl?: string;
  /** Origins of pages, besides its own, that may use this controller. */
  readonly allowedOrigins?: readonly string[];
  readonly limits?: Partial<ZoneLimits>;
  readonly times?: Partial<ZoneTimes>;
  readonly log: Logger;
}

export class ZoneController {
  readonly #options: ZoneControllerOptions;
  readonly #directory: RouterDirectory;
  readonly #definitions: Definitions;
  readonly #meetings: MeetingService;
  readonly #registry = new MemoryRegistry();
  readonly #zoneServer: ZoneServer;
  readonly #signalling: SignallingServer;
  readonly #httpServer: HttpServer;
  readonly #sweep: NodeJS.Timeout;
  #grpcPort = 0;
  #httpPort = 0;

  constructor(options: ZoneControllerOptions) {
    this.#options = options;
    const { zone, tls, log, publicUrl } = options;
    // A proxy that ends TLS in front of us makes our own page's origin another than what we see.
    const ownOrigin = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
    const allowedOrigins = [...ownOrigin, ...(options.allowedOrigins ?? [])];
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const times = { ...DEFAULT_TIMES, ...options.times };
    const now = (): number => performance.now();
    const records = new ZoneRecords(this.#registry, zone, log);
    this.#directory = new RouterDirectory({
      tls,
      log,
      now,
      listener: {
        event: (router, event) => events.event(router, event),
        resubscribed: (router) => void events.resubscribed(router),
        lost: (router) => events.lost(router),
      },
    });
    this.#definitions = new Definitions({
      records,
      capacity: limits.definitions,
      lifeMs: times.definitionMs,
      isLive: (meeting) => this.#meetings.meetings.has(meeting),
    });
    this.#meetings = new MeetingService({
      definitions: this.#definitions,
      admission: new Admission(this.#definitions, limits, now),
      placements: new Placements(records, this.#directory, log),
      commands: new RouterCommands(this.#directory),
      limits,
      times,
      log,
    });
    const events = new RouterEvents(this.#meetings, this.#directory, log);
    this.#zoneServer = new ZoneServer(zone, this.#directory, log);
    this.#signalling = new SignallingServer({ service: this.#meetings, limits, times, allowedOrigins, now, log });
    const handler = new HttpHandler({
      files: readClient(),
      limits,
      allowedOrigins,
      createMeeting: () => this.createMeeting(),
      isReady: () => this.readyRouters().length > 0,
      now,
      log,
    });
    const upgrade = this.#signalling.upgrade.bind(this.#signalling);
    const { host, port, tls: httpsTls } = options.http;
    this.#httpServer = new HttpServer({ host, port, tls: httpsTls, limits, times, handler, upgrade });
    this.#sweep = setInterval(() => void this.#sweepDefinitions(), SWEEP_MS);
  }

  /** Resolves when both servers listen. Rejects with ZonecastError (`portTaken`, `badConfig`); then nothing is left. */
  async start(): Promise<void> {
    try {
      this.#httpPort = await this.#httpServer.start();
      this.#grpcPort = await this.#zoneServer.start(this.#options.grpcAddress, this.#options.tls);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#options.log.info({ url: this.url, grpcPort: this.#grpcPort }, 'zone-controller started');
  }

  /** Closes every socket. Routers and the media of their meetings go on. Safe at any time. */
  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    this.#meetings.close();
    this.#signalling.stop();
    this.#directory.close();
    await Promise.all([this.#httpServer.stop(CLOSING_MS), this.#zoneServer.stop()]);
    await this.#registry.close();
  }

  /** Where people reach the page, without a slash at the end. */
  get url(): string {
    const { http, publicUrl } = this.#options;
    if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '');
    const name = http.linkHost ?? http.host;
    const host = name.includes(':') ? `[${name}]` : name;
    return `${http.tls === undefined ? 'http' : 'https'}://${host}:${this.#httpPort}`;
  }

  /** The port that people connect to, once started. */
  get httpPort(): number {
    return this.#httpPort;
  }

  /** The port that routers register at, once started. */
  get grpcPort(): number {
    return this.#grpcPort;
  }

  /** `permanent`: kept as long as the controller runs. @throws ZonecastError `noRouter` when there are too many */
  async createMeeting(options: { readonly permanent?: boolean } = {}): Promise<CreatedMeeting> {
    const { meeting, passcode, hostKey } = await this.#definitions.create(options.permanent ?? false);
    const fragment = new URLSearchParams({ meeting, passcode });
    return { meeting, passcode, hostKey, link: `${this.url}/#${fragment}` };
  }

  /** Ids of the routers that can take meetings now. */
  readyRouters(): RouterId[] {
    return this.#directory.ready();
  }

  /** Resolves when that many routers can take meetings. */
  whenReady(routers: number): Promise<void> {
    return this.#directory.whenReady(routers);
  }

  async #sweepDefinitions(): Promise<void> {
    try {
      await this.#definitions.sweep();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'old meetings could not be forgotten');
    }
  }
}

function readClient() {
  const directory = (name: string): string => fileURLToPath(new URL(`../client/${name}`, import.meta.url));
  const roots = [
    { directory: directory('page'), path: '/page/' },
    { directory: directory('sdk'), path: '/sdk/' },
  ];
  return readStaticFiles(roots, '/page/index.html');
}
