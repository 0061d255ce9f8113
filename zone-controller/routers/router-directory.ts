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
import type { Demand, RouterCandidate } from '../placement/place-meeting.ts';
import { Reservations } from '../placement/reservations.ts';
import { RouterLink } from './router-link.ts';
import type { RegistrationListener } from './zone-server.ts';

/** Reports come every second; after four missed ones a router gets no new meetings. */
const REPORT_STALE_MS = 5_000;
/** A router that is neither registered nor reachable for this long is lost even if nothing refuses connections. */
const LOST_AFTER_MS = 3_000;
const MAX_ROUTERS = 10_000;
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
  readonly reservations: Reservations;
  registration: Registration__Output;
  /** The stream that registers it; undefined when that broke. */
  session: object | undefined;
  load: Load__Output | undefined;
  reportedMs: number;
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
    const known = this.#routers.get(router);
    if (known === undefined && this.#routers.size >= MAX_ROUTERS) {
      throw new ZonecastError('rateLimited', `more than ${MAX_ROUTERS} routers`);
    }
    if (known?.link.address === registration.address) {
      clearTimeout(known.unreachable);
      Object.assign(known, { session, registration, unreachable: undefined });
      return;
    }
    // The same router at another address is another process: what the old one carried is gone.
    if (known !== undefined) this.#lose(router, known);
    this.#routers.set(router, this.#newRouter(session, router, registration));
    this.#options.log.info({ router, address: registration.address }, 'router registered');
  }

  reported(session: object, router: RouterId, load: Load__Output): void {
    const known = this.#routers.get(router);
    if (known?.session !== session) return;
    const nowMs = this.#options.now();
    Object.assign(known, { load, reportedMs: nowMs });
    known.reservations.reported(nowMs);
    this.#wake();
  }

  gone(session: object, router: RouterId): void {
    const known = this.#routers.get(router);
    if (known?.session !== session) return;
    known.session = undefined;
    if (!known.link.subscribed) this.#suspect(router, known);
  }

  /** What placement may choose from, ready or not. */
  candidates(): RouterCandidate[] {
    const nowMs = this.#options.now();
    return [...this.#routers].map(([router, known]) => candidate(router, known, nowMs));
  }

  /** Counts a promise until the router's reports show it. */
  reserve(router: RouterId, demand: Demand): void {
    this.#routers.get(router)?.reservations.add(this.#options.now(), demand);
  }

  /** Ids of the routers that can take meetings now. */
  ready(): RouterId[] {
    return this.candidates().flatMap(({ router, ready }) => (ready ? [router] : []));
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
      reservations: new Reservations(),
      registration,
      session,
      load: undefined,
      reportedMs: Number.NEGATIVE_INFINITY,
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
    this.#wake();
  }

  /** Both ways to the router are down and nothing listens where it was: it is dead. If only time passes: wait. */
  #broken(router: RouterId, known: KnownRouter, error: ZonecastError): void {
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
    this.#options.log.error({ router, address: known.link.address }, 'router lost');
    this.#options.listener.lost(router);
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

function candidate(router: RouterId, known: KnownRouter, nowMs: number): RouterCandidate {
  const { registration, load, session, reportedMs, link, reservations } = known;
  const promised = reservations.sum(nowMs);
  let participants = 0;
  let packetsPerSecond = 0;
  for (const worker of load?.workers ?? []) {
    participants += worker.participants;
    packetsPerSecond += worker.ingressPacketsPerSecond + worker.egressPacketsPerSecond;
  }
  return {
    router,
    ready: session !== undefined && link.subscribed && nowMs - reportedMs < REPORT_STALE_MS,
    participants,
    maxParticipants: registration.maxParticipants,
    packetsPerSecond,
    maxPacketsPerSecond: Math.max(1, registration.workers) * WORKER_PACKETS_PER_SECOND,
    reservedParticipants: promised.participants,
    reservedPacketsPerSecond: promised.packetsPerSecond,
  };
}

/** The machine is there and nobody listens. */
function isRefusal(error: ZonecastError): boolean {
  return error.cause instanceof Error && error.cause.message.includes('ECONNREFUSED');
}
