/**
 * One zone-controller: the page and signalling for people, gRPC for routers, and what stands between them. Several of one
 * zone share a registry; none keeps anything that another could not know.
 */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { RouterId, ZoneId } from '../common/ids.ts';
import type { Logger } from '../common/log.ts';
import { makeRegistry } from '../common/metrics.ts';
import type { CertificatePair, MutualTls } from '../common/mutual-tls.ts';
import { ownName } from '../common/own-name.ts';
import { VERSION } from '../common/version.ts';
import type { CreatedMeeting } from '../proto/signalling.ts';
import { type AdminOptions, adminHandlers } from './admin/admin-handlers.ts';
import { type ControllerMeters, ControllerMetrics } from './admin/controller-metrics.ts';
import { MeteredRegistry } from './admin/metered-registry.ts';
import { OperatorMirror } from './admin/operator-mirror.ts';
import { ZoneOrders } from './admin/zone-orders.ts';
import { ZoneReport } from './admin/zone-report.ts';
import { HttpHandler } from './http/http-handler.ts';
import { HttpServer } from './http/http-server.ts';
import { readStaticFiles } from './http/static-files.ts';
import { DEFAULT_LIMITS, DEFAULT_TIMES, type ZoneLimits, type ZoneTimes } from './limits/zone-limits.ts';
import { Admission } from './meeting/admission.ts';
import { Definitions } from './meeting/definitions.ts';
import { Entrance } from './meeting/entrance.ts';
import { LiveMeetings } from './meeting/live-meetings.ts';
import { MeetingPlaces } from './meeting/meeting-places.ts';
import { MeetingService } from './meeting/meeting-service.ts';
import { MoveWishes } from './meeting/move-wishes.ts';
import { Moves } from './meeting/moves.ts';
import { RouterCommands } from './meeting/router-commands.ts';
import { RouterEvents } from './meeting/router-events.ts';
import { SessionTokens } from './meeting/session-tokens.ts';
import { TreeSender } from './meeting/tree-sender.ts';
import { isOn } from './placement/placement-tree.ts';
import { Placements } from './placement/placements.ts';
import { ControllerRegistry } from './registry/controller-registry.ts';
import type { EtcdConfig } from './registry/etcd-config.ts';
import { openRegistry } from './registry/open-registry.ts';
import type { Registry } from './registry/registry.ts';
import { tryLater } from './registry/try-later.ts';
import { ZoneRepairs } from './repair/zone-repairs.ts';
import { RegisteredRouters } from './routers/registered-routers.ts';
import { type DirectoryListener, RouterDirectory } from './routers/router-directory.ts';
import { ZoneServer } from './routers/zone-server.ts';
import { SignallingServer } from './signalling/signalling-server.ts';

/** Between two looks for meetings whose time is over. */
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
    readonly tls?: CertificatePair;
  };
  /** host:port of the gRPC service for routers; port 0 = any. */
  readonly grpcAddress: string;
  readonly tls: MutualTls;
  /** The registry that the zone's controllers share; without it, memory of this one. */
  readonly etcd?: EtcdConfig;
  /** In place of what `etcd` says, for tests; closed with the controller. */
  readonly registry?: Registry;
  /** Where people reach this controller, for links; by default its own address. */
  readonly publicUrl?: string;
  /** Origins of pages, besides its own, that may use this controller. */
  readonly allowedOrigins?: readonly string[];
  readonly limits?: Partial<ZoneLimits>;
  readonly times?: Partial<ZoneTimes>;
  /** Where metrics are registered; by default one of its own. */
  readonly metrics?: MetricsRegistry;
  readonly log: Logger;
}

export class ZoneController {
  readonly #options: ZoneControllerOptions;
  readonly #metrics: ControllerMetrics;
  readonly #registry: ControllerRegistry;
  readonly #directory: RouterDirectory;
  readonly #definitions: Definitions;
  readonly #tokens: SessionTokens;
  readonly #meetings: MeetingService;
  readonly #operators: OperatorMirror;
  readonly #repairs: ZoneRepairs;
  readonly #wishes: MoveWishes;
  readonly #report: ZoneReport;
  readonly #zoneServer: ZoneServer;
  readonly #signalling: SignallingServer;
  readonly #httpServer: HttpServer;
  #sweep: NodeJS.Timeout | undefined;
  #grpcPort = 0;
  #httpPort = 0;

  /** Opens nothing yet. Throws ZonecastError `badConfig`. */
  constructor(options: ZoneControllerOptions) {
    this.#options = options;
    const { zone, tls, log, publicUrl } = options;
    this.#metrics = new ControllerMetrics(options.metrics ?? makeRegistry(), () => this.#meters());
    // A proxy that ends TLS in front of us makes our own page's origin another than what we see.
    const ownOrigin = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
    const configured = [...ownOrigin, ...(options.allowedOrigins ?? [])];
    const siblings = (): string[] => this.#otherControllers().map((url) => new URL(url).origin);
    // A page that came from another controller goes on here when that is lost.
    const allowedOrigins = (): string[] => [...configured, ...siblings()];
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const times = { ...DEFAULT_TIMES, ...options.times };
    const now = (): number => performance.now();
    const name = ownName(tls);
    const instance = randomUUID();
    const live = new LiveMeetings((router, meeting) => {
      const placement = placements.current(meeting);
      return !this.#directory.has(router) || (placement !== undefined && !isOn(placement, router));
    });
    this.#tokens = new SessionTokens(zone);
    this.#registry = new ControllerRegistry({
      registry: new MeteredRegistry(options.registry ?? openRegistry(options.etcd, log), this.#metrics),
      zone,
      controller: name,
      leaseSeconds: times.leaseMs / 1000,
      placed: (meeting, placement) => {
        this.#repairs.placed(meeting, placement);
        placements.mirrored(meeting, placement);
      },
      sessionKey: (key) => this.#tokens.useKey(key),
      log,
    });
    const { records, mirror, keys } = this.#registry;
    const registered = new RegisteredRouters(records, keys, name);
    const listener: DirectoryListener = {
      event: (router, event) => {
        if (event.people) this.#repairs.report(router, event.people);
        else events.event(router, event);
      },
      interrupted: (router) => events.interrupted(router),
      subscribed: (router) => events.subscribed(router),
      lost: (router) => {
        events.lost(router);
        this.#repairs.lost(router);
      },
      unrecorded: (router) => registered.unrecorded(router),
    };
    const isDrained = (router: RouterId): boolean => this.#repairs.isDrained(router);
    this.#directory = new RouterDirectory({ records, instance, tls, log, now, listener, isDrained });
    this.#definitions = new Definitions({
      records,
      mirror,
      capacity: limits.definitions,
      lifeMs: times.definitionMs,
      live,
    });
    const definitions = this.#definitions;
    const placements = new Placements({
      records,
      mirror,
      routers: this.#directory,
      people: (meeting) => live.get(meeting)?.roster.people ?? new Map(),
      changed: (meeting, placement) => places.changed(meeting, placement),
      measure: (decide) => this.#metrics.placing(decide),
      log,
    });
    const commands = new RouterCommands(this.#directory, instance, limits.participantsPerMeeting);
    const has = (router: RouterId): boolean => this.#directory.has(router);
    const tell = (command: Promise<unknown>): void => {
      // Whatever a router still holds, its own consent checks free.
      command.catch((error: unknown) => log.warn({ err: error }, 'a router did not take a command'));
    };
    const trees = new TreeSender({ commands, has, log });
    const entrance = new Entrance({ meetings: live, placements, trees, commands, tell, keepMs: times.resumeMs });
    const moves = new Moves({
      entrance,
      tokens: this.#tokens,
      moved: (reason, error) => this.#metrics.moved(reason, error),
      log,
    });
    const known = mirror.placements;
    const places = new MeetingPlaces({ meetings: live, placements, trees, moves, known, has, log });
    this.#meetings = new MeetingService({
      meetings: live,
      definitions,
      admission: new Admission(definitions, limits, now),
      placements,
      places,
      entrance,
      moves,
      commands,
      tell,
      tokens: this.#tokens,
      controllers: () => this.#otherControllers(),
      log,
    });
    this.#wishes = new MoveWishes({ records, meetings: live, moves, log });
    const events = new RouterEvents({ meetings: live, service: this.#meetings, places, moves });
    this.#repairs = new ZoneRepairs({
      registry: this.#registry,
      directory: this.#directory,
      placed: (meeting, placement) => placements.see(meeting, placement),
      closeIfEmpty: async (router, meeting, epoch) => {
        // Before it is closed: it may have lasted longer than the life of an unused one.
        await definitions.touch(meeting);
        await commands.closeIfEmpty(router, meeting, epoch);
      },
      policy: { emptyMs: times.emptyMeetingMs },
      log,
    });
    this.#operators = new OperatorMirror(records);
    this.#report = new ZoneReport({
      zone,
      controller: name,
      registry: this.#registry,
      operators: this.#operators,
      directory: this.#directory,
      readinessProblems: () => this.readinessProblems(),
    });
    this.#zoneServer = new ZoneServer(zone, registered, this.#admin(), log);
    this.#signalling = new SignallingServer({
      service: this.#meetings,
      limits,
      times,
      allowedOrigins,
      now,
      metrics: this.#metrics,
      log,
    });
    const handler = new HttpHandler({
      files: readClient(),
      limits,
      allowedOrigins,
      siblings,
      createMeeting: () => this.createMeeting(),
      readinessProblems: () => this.readinessProblems(),
      now,
      log,
    });
    const upgrade = this.#signalling.upgrade.bind(this.#signalling);
    const { host, port, tls: httpsTls } = options.http;
    this.#httpServer = new HttpServer({ host, port, tls: httpsTls, limits, times, handler, upgrade });
  }

  /**
   * Resolves when both servers listen; the registry may come later. Rejects with ZonecastError (`portTaken`,
   * `badConfig`); then nothing is left.
   */
  async start(): Promise<void> {
    try {
      this.#httpPort = await this.#httpServer.start();
      this.#grpcPort = await this.#zoneServer.start(this.#options.grpcAddress, this.#options.tls);
    } catch (error) {
      await this.stop();
      throw error;
    }
    const host = this.#options.grpcAddress.slice(0, this.#options.grpcAddress.lastIndexOf(':'));
    this.#registry.start({ address: `${host}:${this.#grpcPort}`, url: this.url, release: VERSION });
    this.#directory.start();
    this.#operators.start();
    this.#repairs.start();
    this.#wishes.start();
    this.#sweep = setInterval(() => void this.#sweepDefinitions(), SWEEP_MS);
    this.#options.log.info({ url: this.url, grpcPort: this.#grpcPort }, 'zone-controller started');
  }

  /** Closes every socket. Routers and the media of their meetings go on. Safe at any time. */
  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    this.#meetings.close();
    this.#signalling.stop();
    this.#directory.close();
    this.#operators.close();
    this.#repairs.close();
    this.#wishes.close();
    await Promise.all([this.#httpServer.stop(CLOSING_MS), this.#registry.stop(() => this.#zoneServer.stop())]);
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

  /** `permanent`: kept as long as the controller runs. @throws ZonecastError `noRouter` when there are too many, or the registry is away */
  async createMeeting(options: { readonly permanent?: boolean } = {}): Promise<CreatedMeeting> {
    const { meeting, passcode, hostKey } = await tryLater(this.#definitions.create(options.permanent ?? false));
    const fragment = new URLSearchParams({ meeting, passcode });
    return { meeting, passcode, hostKey, link: `${this.url}/#${fragment}` };
  }

  /** Ids of the routers that can take meetings now. */
  readyRouters(): RouterId[] {
    return this.#directory.ready();
  }

  /** Why people should be sent to another controller, in words for operators; empty when they need not. */
  readinessProblems(): string[] {
    const routers = this.readyRouters().length > 0 ? [] : ['no router can take meetings'];
    const key = this.#tokens.isReady ? [] : ['the key of session tokens is not known yet'];
    return [...this.#registry.problems(), ...key, ...routers];
  }

  /** In the text format of Prometheus. */
  metrics(): Promise<string> {
    return this.#metrics.text();
  }

  /** Resolves when that many routers can take meetings. */
  whenReady(routers: number): Promise<void> {
    return this.#directory.whenReady(routers);
  }

  #meters(): ControllerMeters {
    const { definitions } = this.#registry.mirror;
    return {
      isLeader: this.#registry.isLeader,
      registryAvailable: this.#registry.keys.isAlive,
      malformedRecords: this.#registry.records.malformed,
      routers: this.#report.routerStates(),
      meetings: definitions.size,
      liveMeetings: this.#report.liveMeetings,
      connections: this.#signalling.connections,
      sessions: this.#signalling.sessions,
      drains: this.#operators.drains.size,
    };
  }

  /** Where people reach those, as far as that is another address than ours. */
  #otherControllers(): string[] {
    const urls = [...this.#operators.controllers.values()].flatMap(({ url }) => (url === undefined ? [] : [url]));
    return [...new Set(urls)].filter((url) => url !== this.url);
  }

  /** What operators can ask and order, as `proto/admin.proto` says it. */
  #admin() {
    const { log } = this.#options;
    const [report, directory, operators] = [this.#report, this.#directory, this.#operators];
    const { records, mirror } = this.#registry;
    const orders = new ZoneOrders({ records, directory, report, log });
    const stuck: AdminOptions['stuck'] = (router) => this.#repairs.drainProgress(router)?.stuck ?? [];
    return adminHandlers({ mirror, directory, report, operators, orders, stuck, log });
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
