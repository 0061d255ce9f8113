/**
 * One zone-controller: the page and signalling for people, gRPC for routers and operators, and what stands between them.
 * Several of one zone share a registry; none keeps anything that another could not know.
 */
import { type KeyObject, randomUUID } from 'node:crypto';
import { NO_AUDIT } from '../common/audit/audit.ts';
import { keyFromSeed } from '../common/ed25519.ts';
import type { RouterId, ZoneId } from '../common/ids.ts';
import { makeRegistry } from '../common/metrics.ts';
import { ownName } from '../common/own-name.ts';
import { VERSION } from '../common/version.ts';
import type { TunnelOrders } from '../proto/gen/zonecast/zone/v1/TunnelOrders.ts';
import type { CreatedMeeting } from '../proto/signalling.ts';
import { ControllerMetrics } from './admin/controller-metrics.ts';
import { MeteredRegistry } from './admin/metered-registry.ts';
import { ZoneAdmin } from './admin/zone-admin.ts';
import { DEFAULT_LIMITS, DEFAULT_TIMES } from './limits/zone-limits.ts';
import { Access } from './meeting/access.ts';
import { WhereElse } from './meeting/where-else.ts';
import { ZoneMeetings } from './meeting/zone-meetings.ts';
import { PeopleServer } from './people-server.ts';
import { DEFAULT_POLICY, type PlacementPolicy } from './placement/placement-policy.ts';
import { ControllerRegistry } from './registry/controller-registry.ts';
import { openRegistry } from './registry/open-registry.ts';
import { ZoneRepairs } from './repair/zone-repairs.ts';
import { RegisteredRouters } from './routers/registered-routers.ts';
import { type DirectoryListener, RouterDirectory } from './routers/router-directory.ts';
import { ZoneProbes } from './routers/zone-probes.ts';
import { ZoneServer } from './routers/zone-server.ts';
import { ZoneService } from './service/zone-service.ts';
import { accessRoute } from './tunnels/access-route.ts';
import { RegisteredTunnels, type RegisteredTunnelsOptions } from './tunnels/registered-tunnels.ts';
import { TunnelDirectory } from './tunnels/tunnel-directory.ts';
import { tunnelOrders, type ZoneKeys } from './tunnels/tunnel-orders.ts';
import { LonelyWorld } from './world/lonely-world.ts';
import { sideOfController } from './world/side-of-controller.ts';
import type { World } from './world/world.ts';
import { zoneList } from './world/zone-list.ts';
import { ZoneMembership } from './world/zone-membership.ts';
import { zonesRoute } from './world/zones-route.ts';
import type { ZoneControllerOptions } from './zone-controller-options.ts';

export class ZoneController {
  readonly #options: ZoneControllerOptions;
  readonly #metrics: ControllerMetrics;
  readonly #registry: ControllerRegistry;
  readonly #registered: RegisteredRouters;
  readonly #directory: RouterDirectory;
  readonly #registeredTunnels: RegisteredTunnels;
  readonly #tunnels: TunnelDirectory;
  readonly #world: World;
  readonly #membership: ZoneMembership | undefined;
  /** Of the zone among others. */
  readonly #privateKey: KeyObject | undefined;
  readonly #probes: ZoneProbes;
  readonly #meetings: ZoneMeetings;
  readonly #repairs: ZoneRepairs;
  readonly #admin: ZoneAdmin;
  readonly #service: ZoneService;
  readonly #zoneServer: ZoneServer;
  readonly #people: PeopleServer;
  #keys: ZoneKeys | undefined;
  #grpcPort = 0;
  #worldWatch: (() => void) | undefined;
  #isLeaving = false;

  /**
   * What the controller is made of, each part of those before it. Where one needs a later part too, it has a function
   * that asks this controller for that; none is called before `start`. Opens nothing yet. Throws ZonecastError `badConfig`.
   */
  constructor(options: ZoneControllerOptions) {
    this.#options = options;
    const { zone, tls, log } = options;
    const controller = ownName(tls);
    const instance = randomUUID();
    const times = { ...DEFAULT_TIMES, ...options.times };
    const now = (): number => performance.now();
    const readinessProblems = (): string[] => this.readinessProblems();

    const metricsRegistry = options.metrics ?? makeRegistry();
    const metrics = new ControllerMetrics(metricsRegistry, () => ({
      ...this.#admin.meters(),
      ...this.#people.meters(),
      tunnels: this.#tunnels.counts,
    }));
    this.#metrics = metrics;
    const { identities, audit = NO_AUDIT } = options;
    const common = {
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      times,
      metrics,
      otherControllers: (): string[] => this.#otherControllers(),
      identities,
      audit,
      now,
      log,
    };
    const registry = new ControllerRegistry({
      registry: new MeteredRegistry(options.registry ?? openRegistry(options.etcd, log), metrics),
      zone,
      controller,
      leaseSeconds: times.leaseMs / 1000,
      placed: (meeting, placement) => {
        this.#repairs.placed(meeting, placement);
        this.#meetings.mirrored(meeting, placement);
        this.#membership?.placed(meeting);
      },
      blockSeen: (block) => this.#membership?.blockSeen(block),
      defined: (meeting, definition) => this.#membership?.defined(meeting, definition !== undefined),
      sessionKey: (seed) => {
        const signing = this.#privateKey ?? keyFromSeed(seed);
        this.#keys = { seed, signing };
        this.#meetings.tokens.useKey(signing);
        this.#registeredTunnels.changed();
        this.#probes.useSeed(seed);
      },
      log,
    });
    this.#registry = registry;
    const { records } = registry;
    this.#registered = new RegisteredRouters(records, registry.keys, controller);
    const isDrained = (tunnel: string): boolean => registry.operators.tunnelDrains.has(tunnel);
    const tunnels = new TunnelDirectory({
      records,
      changed: () => this.#registeredTunnels.changed(),
      unrecorded: (tunnel) => this.#registeredTunnels.unrecorded(tunnel),
      isDrained,
      now,
    });
    this.#tunnels = tunnels;
    const orders: RegisteredTunnelsOptions['orders'] = () => this.#tunnelOrders();
    this.#registeredTunnels = new RegisteredTunnels({ records, keys: registry.keys, controller, orders, isDrained });
    const access = new Access({ zone, tunnels, keys: () => this.#keys, unixMs: () => Date.now(), now });
    const directory = new RouterDirectory({
      records,
      instance,
      tls,
      log,
      now,
      listener: this.#routerListener(),
      isDrained: (router) => this.#repairs.isDrained(router),
      policy: { ...DEFAULT_POLICY, ...options.placement },
    });
    this.#directory = directory;
    this.#probes = new ZoneProbes({ directory, unixMs: () => Date.now(), log });
    this.#membership =
      options.world &&
      new ZoneMembership({
        options: options.world,
        own: zone,
        controller,
        zone: sideOfController({
          registry,
          directory,
          meetings: () => this.#meetings,
          repairs: () => this.#repairs,
          service: () => this.#service,
          probe: () => this.#probes.current,
        }),
        metrics: metricsRegistry,
        now,
        log,
      });
    const membership = options.membership ?? this.#membership;
    const world = membership?.world ?? new LonelyWorld(zone);
    this.#world = world;
    this.#privateKey = membership?.privateKey;
    const whereElse = new WhereElse({ own: common.otherControllers, zones: () => world.otherZonesUrls() });
    const meetings = new ZoneMeetings({ ...common, instance, registry, directory, world, whereElse, access });
    this.#meetings = meetings;
    const repairs = new ZoneRepairs({
      registry,
      directory,
      placed: (meeting, placement) => meetings.placed(meeting, placement),
      closeIfEmpty: (router, meeting, epoch) => meetings.closeIfEmpty(router, meeting, epoch),
      isNeeded: (meeting) => this.#membership?.isOnTheWay(meeting) ?? false,
      policy: { emptyMs: times.emptyMeetingMs },
      log,
    });
    this.#repairs = repairs;
    this.#admin = new ZoneAdmin({
      zone,
      controller,
      registry,
      directory,
      tunnels,
      repairs,
      readinessProblems,
      kicked: (meeting, participant) => meetings.kicked(meeting, participant),
      remove: (meeting, participant) => meetings.remove(meeting, participant),
      audit,
      log,
    });
    const service = new ZoneService({
      ...common,
      registry,
      meetings,
      world,
      identities,
      anonymous: options.anonymous ?? true,
      routes: [
        zonesRoute(() => zoneList(world, { url: this.url, probe: this.#probes.current })),
        accessRoute({ access: () => access.forVisitor(), rate: common.limits.access, now }),
      ],
      url: () => this.url,
    });
    this.#service = service;
    this.#zoneServer = new ZoneServer({
      zone,
      routers: this.#registered,
      tunnels: this.#registeredTunnels,
      admin: this.#admin.handlers,
      meetings: service.handlers,
      log,
    });
    this.#people = new PeopleServer({
      ...common,
      address: options,
      service: meetings.service,
      otherZones: () => world.zones().flatMap(({ zone: id, record }) => (id === zone ? [] : record.urls)),
      whereElse,
      tunnels: () => tunnels.urls,
      routes: service.routes,
      readinessProblems,
    });
  }

  /**
   * Resolves when both servers listen; the registry may come later. Rejects with ZonecastError (`portTaken`,
   * `badConfig`); then nothing is left.
   */
  async start(): Promise<void> {
    const { grpcAddress, tls, log } = this.#options;
    try {
      await this.#people.start();
      this.#grpcPort = await this.#zoneServer.start(grpcAddress, tls);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#registry.operators.onController(() => {
      this.#people.controllersChanged();
      this.#registeredTunnels.changed();
    });
    this.#registry.operators.onTunnelDrain(() => this.#tunnels.drainChanged());
    this.#worldWatch = this.#world.onChange(() => this.#people.controllersChanged());
    const host = grpcAddress.slice(0, grpcAddress.lastIndexOf(':'));
    this.#registry.start({ address: `${host}:${this.#grpcPort}`, url: this.url, release: VERSION });
    this.#directory.start();
    this.#tunnels.start();
    this.#registeredTunnels.start();
    this.#probes.start();
    this.#repairs.start();
    this.#meetings.start();
    this.#membership?.start();
    this.#service.start();
    log.info({ url: this.url, grpcPort: this.#grpcPort }, 'zone-controller started');
  }

  /**
   * Has the zone's other controllers take its people over, one after another, in `forMs` at most; people are not without
   * media meanwhile. Without others there is nothing to do.
   */
  async drain(forMs: number): Promise<void> {
    this.#isLeaving = true;
    await this.#registry.withdraw();
    if (this.#otherControllers().length > 0) await this.#people.handOver(forMs);
  }

  /** Closes every socket. Routers and the media of their meetings go on. Safe at any time. */
  async stop(): Promise<void> {
    this.#isLeaving = true;
    // First of all: nobody is to be sent here any more.
    await this.#registry.withdraw();
    this.#worldWatch?.();
    this.#service.close();
    this.#meetings.close();
    this.#probes.close();
    this.#registeredTunnels.close();
    this.#tunnels.close();
    this.#directory.close();
    this.#repairs.close();
    await Promise.all([
      this.#people.stop(),
      this.#membership?.close(),
      this.#registry.stop(() => this.#zoneServer.stop()),
    ]);
  }

  /** Places people by other numbers from here on. */
  usePlacementPolicy(policy: PlacementPolicy): void {
    this.#directory.capacity.usePolicy(this.#directory.nowMs, policy);
  }

  /** Where people reach the page, without a slash at the end. */
  get url(): string {
    return this.#people.url;
  }

  /** The port that people connect to, once started. */
  get httpPort(): number {
    return this.#people.port;
  }

  /** The port that routers register at, once started. */
  get grpcPort(): number {
    return this.#grpcPort;
  }

  /** `permanent`: kept as long as the registry. @throws ZonecastError `noRouter` when there are too many, or the registry is away */
  createMeeting(options: { readonly permanent?: boolean } = {}): Promise<CreatedMeeting> {
    return this.#meetings.create(this.url, options.permanent ?? false);
  }

  /** Ids of the routers that can take meetings now. */
  readyRouters(): RouterId[] {
    return this.#directory.ready();
  }

  /** Zones whose controllers speak at the moment, this one too, in order of names; empty when this zone is alone. */
  readyZones(): ZoneId[] {
    return this.#world.zones().flatMap(({ zone, standing }) => (standing === 'well' ? [zone] : []));
  }

  /** Why people should be sent to another controller, in words for operators; empty when they need not. */
  readinessProblems(): string[] {
    const routers = this.readyRouters().length > 0 ? [] : ['no router can take meetings'];
    const key = this.#meetings.tokens.isReady ? [] : ['the key of session tokens is not known yet'];
    const end = this.#isLeaving ? ['this controller is stopping'] : [];
    return [...end, ...this.#registry.problems(), ...key, ...routers];
  }

  /** In the text format of Prometheus. */
  metrics(): Promise<string> {
    return this.#metrics.text();
  }

  /** Resolves when that many routers can take meetings. */
  whenReady(routers: number): Promise<void> {
    return this.#directory.whenReady(routers);
  }

  /** undefined until all that was recorded at the start is known: tunnels go on with what they know. */
  #tunnelOrders(): TunnelOrders | undefined {
    const { operators } = this.#registry;
    const keys = this.#keys;
    if (keys === undefined || !this.#directory.isListed || !operators.isListed) return undefined;
    const known = {
      zone: this.#options.zone,
      keys,
      routers: this.#directory.all,
      controllers: [...operators.controllers.values()].flatMap(({ url = [] }) => url),
      tunnels: this.#tunnels.urls,
    };
    return tunnelOrders(known, Date.now());
  }

  /** Where people reach those, as far as that is another address than ours. */
  #otherControllers(): string[] {
    return this.#admin.controllerUrls.filter((url) => url !== this.url);
  }

  /** Who hears of what a router tells: most of it is about meetings, some for whoever leads the zone. */
  #routerListener(): DirectoryListener {
    return {
      event: (router, event) => {
        if (event.people) {
          this.#repairs.report(router, event.people);
          this.#membership?.peopled(event.people.places);
        } else this.#meetings.events.event(router, event);
      },
      interrupted: (router) => this.#meetings.events.interrupted(router),
      subscribed: (router) => {
        this.#meetings.events.subscribed(router);
        this.#probes.subscribed(router);
        this.#membership?.subscribed(router);
        this.#registeredTunnels.changed();
      },
      heardAgain: (router) => this.#meetings.events.heardAgain(router),
      lost: (router) => {
        this.#meetings.events.lost(router);
        this.#probes.lost(router);
        this.#membership?.lost(router);
        this.#repairs.lost(router);
        this.#registeredTunnels.changed();
      },
      unrecorded: (router) => this.#registered.unrecorded(router),
    };
  }
}
