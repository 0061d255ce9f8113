/**
 * The routers of the zone as this controller knows them: their records in the registry, and a link to each. What they
 * report goes to placement, what happens in their meetings to the listener. Tells when a router is lost.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { MutualTls } from '../../common/mutual-tls.ts';
import type { Event__Output } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { Load__Output } from '../../proto/gen/zonecast/router/v1/Load.ts';
import type { PlacementPolicy } from '../placement/placement-policy.ts';
import { ZoneCapacity } from '../placement/zone-capacity.ts';
import type { RouterRecord, ZoneRecords } from '../registry/records.ts';
import type { RegistryView } from '../registry/registry-view.ts';
import { AwakeClock, LONGEST_STEP_MS } from './awake-clock.ts';
import { RouterLink } from './router-link.ts';

/** A router that can neither be reached nor is recorded, or that refuses connections, is lost after this. */
const LOST_AFTER_MS = 3_000;
/**
 * One that is alive has registered with some controller within this, also after all were away: it tries one after another,
 * at most 5 s apart.
 */
const REGISTERED_MS = 15_000;
/** What is lost is remembered for so long. */
const REMEMBERED_MS = 60_000;
const RETRY_MS = 2_000;

export interface DirectoryListener {
  /** Something of a router's meetings happened. */
  event(router: RouterId, event: Event__Output): void;
  /** Its events do not flow (any more). */
  interrupted(router: RouterId): void;
  /** Events flow, from the beginning or again: what it did not tell a snapshot of is not there. */
  subscribed(router: RouterId): void;
  /** It reports again after it was silent: what it was told meanwhile may be lost. */
  heardAgain(router: RouterId): void;
  /** The router is gone, and its meetings with it. */
  lost(router: RouterId): void;
  /** The registry has no record of it. */
  unrecorded(router: RouterId): void;
}

/** A router as operators see it. */
export interface RouterView {
  readonly router: RouterId;
  /** As last seen in the registry. */
  readonly record: RouterRecord;
  readonly isRecorded: boolean;
  readonly isLost: boolean;
  /** Its last report; undefined before the first. */
  readonly load: Load__Output | undefined;
}

interface LinkedRouter {
  readonly link: RouterLink;
  /** As last seen in the registry. */
  record: RouterRecord;
  isRecorded: boolean;
  /** Of the router's process, once its events flow. */
  instance: string | undefined;
  /** Lost, though it is recorded still: it may come back. */
  isLost: boolean;
  load: Load__Output | undefined;
  suspicion: NodeJS.Timeout | undefined;
}

export interface RouterDirectoryOptions {
  readonly records: ZoneRecords;
  /** Of this controller's process. */
  readonly instance: string;
  readonly tls: MutualTls;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly listener: DirectoryListener;
  /** Whether operators want it to be emptied. */
  readonly isDrained?: (router: RouterId) => boolean;
  readonly policy?: PlacementPolicy;
}

export class RouterDirectory {
  /** What placement knows of the routers. */
  readonly capacity: ZoneCapacity;
  readonly #options: RouterDirectoryOptions;
  readonly #clock: AwakeClock;
  #ticks: NodeJS.Timeout | undefined;
  #view: RegistryView | undefined;
  readonly #routers = new Map<RouterId, LinkedRouter>();
  /** When it was found out of a router's process that it is lost; those of the last minute. */
  readonly #lost = new Map<RouterId, { readonly atMs: number; readonly instance: string | undefined }>();
  /** When all that were recorded at the start were known. */
  #listedMs: number | undefined;
  readonly #waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();

  constructor(options: RouterDirectoryOptions) {
    this.#options = options;
    this.capacity = new ZoneCapacity(options.policy);
    this.#clock = new AwakeClock(options.now());
  }

  start(): void {
    this.#ticks = setInterval(() => this.nowMs, LONGEST_STEP_MS / 2);
    this.#view = this.#options.records.viewRouters((router, record) => this.#recorded(router, record));
    void this.#view.listed.then(() => {
      this.#listedMs = this.nowMs;
    });
  }

  /** The time that `capacity` goes by: that in which this process was awake to hear of routers. */
  get nowMs(): number {
    return this.#clock.read(this.#options.now());
  }

  /** Operators want it to be emptied, or do not any more. */
  drainChanged(router: RouterId): void {
    const known = this.#routers.get(router);
    if (known !== undefined && this.capacity.router(router) !== undefined) this.#tellCapacity(router, known);
  }

  /** Whether a router can be there: it is known, or may be soon, and was not found to be lost. */
  has(router: RouterId): boolean {
    const known = this.#routers.get(router);
    return known === undefined ? this.#mayCome(router) : !known.isLost;
  }

  /** Whether all that were recorded at the start are known. */
  get isListed(): boolean {
    return this.#listedMs !== undefined;
  }

  /** Neither recorded nor heard of, though it would have to be if it were alive. */
  isAbsent(router: RouterId): boolean {
    return !this.#routers.has(router) && !this.#mayCome(router);
  }

  /** For how long the router has been lost, as far as that was found out here within the last minute. */
  lostForMs(router: RouterId): number | undefined {
    const lost = this.#lost.get(router);
    return lost && this.nowMs - lost.atMs;
  }

  /** It has reported, but not any more: it hangs, or is cut off from us. By itself no reason to take anybody away. */
  isSilent(router: RouterId): boolean {
    return this.capacity.router(router)?.isSilent(this.nowMs) ?? false;
  }

  /** Ids of the routers that can take meetings now. */
  ready(): RouterId[] {
    this.capacity.expire(this.nowMs);
    return [...this.#routers.keys()].filter((router) => this.capacity.router(router)?.standing === 'open');
  }

  /** What is known of each, in no order. */
  get all(): RouterView[] {
    return [...this.#routers].map(([router, known]) => viewOf(router, known));
  }

  get(router: RouterId): RouterView | undefined {
    const known = this.#routers.get(router);
    return known && viewOf(router, known);
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
    if (known !== undefined) return known.link;
    throw new ZonecastError('noRouter', 'The server that carries this meeting is away.', { retryAfterMs: RETRY_MS });
  }

  close(): void {
    clearInterval(this.#ticks);
    this.#view?.close();
    for (const known of this.#routers.values()) {
      clearTimeout(known.suspicion);
      known.link.close();
    }
    this.#routers.clear();
  }

  /** It is not known, which says nothing yet: after all controllers were away, routers come one by one. */
  #mayCome(router: RouterId): boolean {
    if (this.#lost.has(router)) return false;
    return this.#listedMs === undefined || this.nowMs - this.#listedMs < REGISTERED_MS;
  }

  #recorded(router: RouterId, record: RouterRecord | undefined): void {
    const known = this.#routers.get(router);
    if (record === undefined) {
      this.#options.listener.unrecorded(router);
      if (known !== undefined) this.#unrecorded(router, known);
      return;
    }
    if (known?.record.address === record.address) {
      Object.assign(known, { record, isRecorded: true });
      if (!known.link.isRefused) this.#trust(known);
      this.#tellCapacity(router, known);
      return;
    }
    // The same router at another address is another process: what the old one carried is gone.
    if (known !== undefined) this.#remove(router, known);
    this.#routers.set(router, this.#newRouter(router, record));
  }

  /** Its controller is gone, or it is. As long as its events flow, it is with another controller soon. */
  #unrecorded(router: RouterId, known: LinkedRouter): void {
    known.isRecorded = false;
    this.#tellCapacity(router, known);
    if (known.isLost || (!known.link.subscribed && known.link.isRefused)) this.#remove(router, known);
    else if (!known.link.subscribed) this.#suspect(router, known);
  }

  #newRouter(router: RouterId, record: RouterRecord): LinkedRouter {
    const { instance, tls, log } = this.#options;
    const isCurrent = (): boolean => this.#routers.get(router) === known;
    const link = new RouterLink({
      router,
      address: record.address,
      instance,
      tls,
      log,
      onEvent: (event) => isCurrent() && this.#event(router, known, event),
      onBroken: () => isCurrent() && this.#broken(router, known),
    });
    const known: LinkedRouter = {
      link,
      record,
      isRecorded: true,
      instance: undefined,
      isLost: false,
      load: undefined,
      suspicion: undefined,
    };
    return known;
  }

  #event(router: RouterId, known: LinkedRouter, event: Event__Output): void {
    if (event.load) this.#reported(router, known, event.load);
    else if (event.subscribed) this.#subscribed(router, known, event.subscribed.instance);
    else this.#options.listener.event(router, event);
  }

  #subscribed(router: RouterId, known: LinkedRouter, instance: string): void {
    const isNewProcess = known.instance !== undefined && known.instance !== instance;
    // Where the old process was there is a new one, which knows nothing of the old one's meetings.
    if (isNewProcess) this.#tellLost(router, known.instance);
    // It was only cut off: what it says of its people holds.
    else if (this.#lost.get(router)?.instance === instance) this.#lost.delete(router);
    clearTimeout(known.suspicion);
    Object.assign(known, { instance, isLost: false, suspicion: undefined });
    this.#tellCapacity(router, known);
    this.#options.log.info({ router, address: known.record.address }, 'router is there');
    this.#options.listener.subscribed(router);
    this.#wake();
  }

  #reported(router: RouterId, known: LinkedRouter, load: Load__Output): void {
    known.load = load;
    const { workers } = load;
    const wasSilent = this.isSilent(router);
    // The first report comes before `subscribed`.
    if (this.capacity.router(router) === undefined) this.#tellCapacity(router, known);
    const loads = workers.map(({ index, participants, ingressPacketsPerSecond, egressPacketsPerSecond }) => ({
      index,
      participants,
      packetsPerSecond: ingressPacketsPerSecond + egressPacketsPerSecond,
    }));
    this.capacity.report(this.nowMs, router, loads);
    if (wasSilent && known.link.subscribed) this.#options.listener.heardAgain(router);
    this.#wake();
  }

  /** If nothing listens there and nobody has it registered, it is dead. If only time passes: wait. */
  #broken(router: RouterId, known: LinkedRouter): void {
    this.#options.listener.interrupted(router);
    this.#tellCapacity(router, known);
    if (!known.isRecorded && known.link.isRefused) this.#remove(router, known);
    else if (!known.isRecorded || known.link.isRefused) this.#suspect(router, known);
    // Silent but recorded: slow, or cut off from us alone.
    else this.#trust(known);
  }

  #suspect(router: RouterId, known: LinkedRouter): void {
    known.suspicion ??= setTimeout(() => {
      if (known.isRecorded) this.#lose(router, known);
      else this.#remove(router, known);
    }, LOST_AFTER_MS);
  }

  #trust(known: LinkedRouter): void {
    clearTimeout(known.suspicion);
    known.suspicion = undefined;
  }

  #remove(router: RouterId, known: LinkedRouter): void {
    if (this.#routers.get(router) !== known) return;
    this.#trust(known);
    known.link.close();
    this.#routers.delete(router);
    this.capacity.remove(router);
    this.#lose(router, known);
  }

  #lose(router: RouterId, known: LinkedRouter): void {
    if (known.isLost) return;
    known.isLost = true;
    this.#options.listener.interrupted(router);
    this.#options.log.error({ router, address: known.record.address }, 'router lost');
    this.#tellLost(router, known.instance);
  }

  #tellLost(router: RouterId, instance: string | undefined): void {
    const { nowMs } = this;
    for (const [other, { atMs }] of this.#lost) if (nowMs - atMs > REMEMBERED_MS) this.#lost.delete(other);
    this.#lost.set(router, { atMs: nowMs, instance });
    this.#options.listener.lost(router);
  }

  #tellCapacity(router: RouterId, { record, isRecorded, link }: LinkedRouter): void {
    const { labels, taints, workers, limits } = record;
    const drained = this.#options.isDrained?.(router) ? ['draining'] : [];
    const facts = { labels, taints: [...taints, ...drained], workers, limits };
    this.capacity.put(this.nowMs, router, { ready: isRecorded && link.subscribed, ...facts });
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

function viewOf(router: RouterId, { record, isRecorded, isLost, load }: LinkedRouter): RouterView {
  return { router, record, isRecorded, isLost, load };
}
