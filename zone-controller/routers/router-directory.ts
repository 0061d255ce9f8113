/**
 * The routers of the zone as this controller knows them: who is registered and reachable, what they report, what they
 * were promised. Tells when a router is lost.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { MutualTls } from '../../common/mutual-tls.ts';
import type { Event__Output } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { Load__Output } from '../../proto/gen/zonecast/zone/v1/Load.ts';
import type { Registration__Output } from '../../proto/gen/zonecast/zone/v1/Registration.ts';
import type { RouterFacts } from '../placement/known-router.ts';
import type { Demand } from '../placement/meeting-cost.ts';
import { ZoneCapacity } from '../placement/zone-capacity.ts';
import { RouterLink } from './router-link.ts';
import type { RegistrationListener } from './zone-server.ts';

/** A router that is neither registered nor reachable for this long is lost even if nothing refuses connections. */
const LOST_AFTER_MS = 3_000;
const MAX_ROUTERS = 10_000;
const MAX_WORKERS = 256;
/** What one worker forwards on one core at the measured cost of 1.5–2 µs a packet, with head-room. */
const WORKER_PACKETS_PER_SECOND = 300_000;

export interface DirectoryListener {
  /** Something of a router's meetings happened. */
  event(router: RouterId, event: Event__Output): void;
  /** Events flow again after a gap: what happened meanwhile has to be asked for. */
  resubscribed(router: RouterId): void;
  /** The router is gone, and its meetings with it. */
  lost(router: RouterId): void;
}

interface KnownRouter {
  readonly link: RouterLink;
  registration: Registration__Output;
  /** The stream that registers it; undefined when that broke. */
  session: object | undefined;
  wasSubscribed: boolean;
  unreachable: NodeJS.Timeout | undefined;
}

export interface RouterDirectoryOptions {
  readonly tls: MutualTls;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly listener: DirectoryListener;
}

export class RouterDirectory implements RegistrationListener {
  /** What placement knows of the routers. */
  readonly capacity = new ZoneCapacity();
  readonly #options: RouterDirectoryOptions;
  readonly #routers = new Map<RouterId, KnownRouter>();
  readonly #waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();

  constructor(options: RouterDirectoryOptions) {
    this.#options = options;
  }

  registered(session: object, router: RouterId, registration: Registration__Output): void {
    if (registration.maxParticipants === 0 || !/^.+:\d+$/.test(registration.address)) {
      throw new ZonecastError('badMessage', 'the registration lacks an address or room for participants');
    }
    if (registration.workers > MAX_WORKERS) {
      throw new ZonecastError('badMessage', `a router has at most ${MAX_WORKERS} workers`);
    }
    const known = this.#routers.get(router);
    if (known === undefined && this.#routers.size >= MAX_ROUTERS) {
      throw new ZonecastError('rateLimited', `more than ${MAX_ROUTERS} routers`);
    }
    if (known?.link.address === registration.address) {
      clearTimeout(known.unreachable);
      Object.assign(known, { session, registration, unreachable: undefined });
      this.#tellCapacity(router, known);
      return;
    }
    // The same router at another address is another process: what the old one carried is gone.
    if (known !== undefined) this.#lose(router, known);
    const fresh = this.#newRouter(session, router, registration);
    this.#routers.set(router, fresh);
    this.#tellCapacity(router, fresh);
    this.#options.log.info({ router, address: registration.address }, 'router registered');
  }

  reported(session: object, router: RouterId, load: Load__Output): void {
    const known = this.#routers.get(router);
    if (known?.session !== session) return;
    const workers = load.workers.map(({ index, participants, ingressPacketsPerSecond, egressPacketsPerSecond }) => ({
      index,
      participants,
      packetsPerSecond: ingressPacketsPerSecond + egressPacketsPerSecond,
    }));
    this.capacity.report(this.nowMs, router, workers);
    this.#wake();
  }

  gone(session: object, router: RouterId): void {
    const known = this.#routers.get(router);
    if (known?.session !== session) return;
    known.session = undefined;
    this.#tellCapacity(router, known);
    if (!known.link.subscribed) this.#suspect(router, known);
  }

  /** The time that `capacity` goes by. */
  get nowMs(): number {
    return this.#options.now();
  }

  /** Counts a join until the router's reports show it. Its least loaded worker is the best guess at where it went. */
  reserveJoin(router: RouterId, demand: Demand): void {
    const { capacity, nowMs } = this;
    const worker = capacity.router(router)?.idlest ?? 0;
    capacity.reserve(nowMs, [{ router, worker, demand }]);
    capacity.countJoin(nowMs, router);
  }

  /** Ids of the routers that can take meetings now. */
  ready(): RouterId[] {
    this.capacity.expire(this.nowMs);
    return [...this.#routers.keys()].filter((router) => this.capacity.router(router)?.standing === 'open');
  }

  /** Resolves when `count` routers can take meetings. */
  whenReady(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add({ count, resolve });
      this.#wake();
    });
  }

  /** @throws ZonecastError `noRouter` when it is not known (any more) */
  link(router: RouterId): RouterLink {
    const known = this.#routers.get(router);
    if (known === undefined) throw new ZonecastError('noRouter', 'The server that carries this meeting is away.');
    return known.link;
  }

  close(): void {
    for (const known of this.#routers.values()) {
      clearTimeout(known.unreachable);
      known.link.close();
    }
    this.#routers.clear();
  }

  #newRouter(session: object, router: RouterId, registration: Registration__Output): KnownRouter {
    const { tls, log, listener } = this.#options;
    const isCurrent = (): boolean => this.#routers.get(router) === known;
    const link = new RouterLink({
      router,
      address: registration.address,
      tls,
      log,
      onEvent: (event) => isCurrent() && listener.event(router, event),
      onSubscribed: () => isCurrent() && this.#subscribed(router, known),
      onBroken: (error) => isCurrent() && this.#broken(router, known, error),
    });
    const known: KnownRouter = {
      link,
      registration,
      session,
      wasSubscribed: false,
      unreachable: undefined,
    };
    return known;
  }

  #subscribed(router: RouterId, known: KnownRouter): void {
    clearTimeout(known.unreachable);
    known.unreachable = undefined;
    if (known.wasSubscribed) this.#options.listener.resubscribed(router);
    known.wasSubscribed = true;
    this.#tellCapacity(router, known);
    this.#wake();
  }

  /** Both ways to the router are down and nothing listens where it was: it is dead. If only time passes: wait. */
  #broken(router: RouterId, known: KnownRouter, error: ZonecastError): void {
    this.#tellCapacity(router, known);
    if (known.session !== undefined) return;
    if (isRefusal(error)) this.#lose(router, known);
    else this.#suspect(router, known);
  }

  #suspect(router: RouterId, known: KnownRouter): void {
    known.unreachable ??= setTimeout(() => this.#lose(router, known), LOST_AFTER_MS);
  }

  #lose(router: RouterId, known: KnownRouter): void {
    if (this.#routers.get(router) !== known) return;
    clearTimeout(known.unreachable);
    known.link.close();
    this.#routers.delete(router);
    this.capacity.remove(router);
    this.#options.log.error({ router, address: known.link.address }, 'router lost');
    this.#options.listener.lost(router);
  }

  #tellCapacity(router: RouterId, known: KnownRouter): void {
    this.capacity.put(this.nowMs, router, routerFacts(known));
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    const ready = this.ready().length;
    for (const waiting of this.#waiting) {
      if (ready < waiting.count) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}

function routerFacts({ registration, session, link }: KnownRouter): RouterFacts {
  const workers = Math.max(1, registration.workers);
  return {
    ready: session !== undefined && link.subscribed,
    labels: {},
    taints: [],
    workers,
    limits: {
      participants: registration.maxParticipants / workers,
      packetsPerSecond: WORKER_PACKETS_PER_SECOND,
    },
  };
}

/** The machine is there and nobody listens. */
function isRefusal(error: ZonecastError): boolean {
  return error.cause instanceof Error && error.cause.message.includes('ECONNREFUSED');
}
