/** The routers as one controller knows them: the rules of zone-controller/routers/router-directory.ts on virtual time. */
import type { RouterId } from '../../../common/ids.ts';
import type { PlacementPolicy } from '../../../zone-controller/placement/placement-policy.ts';
import { ZoneCapacity } from '../../../zone-controller/placement/zone-capacity.ts';
import type { RouterRecord } from '../../../zone-controller/registry/records.ts';
import type { SimHost } from '../common/sim-host.ts';
import type { Report } from './sim-router.ts';

const LOST_AFTER_MS = 3_000;
const REGISTERED_MS = 15_000;

interface Known {
  record: RouterRecord;
  isRecorded: boolean;
  isSubscribed: boolean;
  isRefused: boolean;
  isLost: boolean;
  /** Grows when a suspicion is over. */
  suspicion: number;
  isSuspected: boolean;
}

export interface DirectoryOptions {
  readonly host: SimHost;
  readonly policy: PlacementPolicy;
  readonly now: () => number;
  readonly isDraining: (router: RouterId) => boolean;
  readonly lost: (router: RouterId) => void;
}

export class SimDirectory {
  readonly capacity: ZoneCapacity;
  readonly #options: DirectoryOptions;
  readonly #routers = new Map<RouterId, Known>();
  readonly #gone = new Set<RouterId>();
  #listedMs: number | undefined;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.capacity = new ZoneCapacity(options.policy);
  }

  get nowMs(): number {
    return this.#options.now();
  }

  has(router: RouterId): boolean {
    const known = this.#routers.get(router);
    return known === undefined ? this.#mayCome(router) : !known.isLost;
  }

  isAbsent(router: RouterId): boolean {
    return !this.#routers.has(router) && !this.#mayCome(router);
  }

  /** All that were recorded at the start are known. */
  listed(): void {
    this.#listedMs = this.nowMs;
  }

  isSubscribed(router: RouterId): boolean {
    return this.#routers.get(router)?.isSubscribed ?? false;
  }

  get routers(): Iterable<RouterId> {
    return this.#routers.keys();
  }

  recorded(router: RouterId, record: RouterRecord | undefined): void {
    const known = this.#routers.get(router);
    if (record === undefined) {
      if (known === undefined) return;
      known.isRecorded = false;
      this.tellCapacity(router);
      if (known.isLost || (!known.isSubscribed && known.isRefused)) this.#remove(router, known);
      else if (!known.isSubscribed) this.#suspect(router, known);
      return;
    }
    if (known !== undefined && known.record.address === record.address) {
      Object.assign(known, { record, isRecorded: true });
      if (!known.isRefused) this.#trust(known);
      this.tellCapacity(router);
      return;
    }
    if (known !== undefined) this.#remove(router, known);
    this.#gone.delete(router);
    const fresh = { isSubscribed: false, isRefused: false, isLost: false, suspicion: 0, isSuspected: false };
    this.#routers.set(router, { record, isRecorded: true, ...fresh });
  }

  subscribed(router: RouterId): void {
    const known = this.#routers.get(router);
    if (known === undefined) return;
    this.#trust(known);
    Object.assign(known, { isSubscribed: true, isRefused: false, isLost: false });
    this.tellCapacity(router);
  }

  /** The stream broke, or could not be opened. */
  broken(router: RouterId, isRefused: boolean): void {
    const known = this.#routers.get(router);
    if (known === undefined) return;
    Object.assign(known, { isSubscribed: false, isRefused });
    this.tellCapacity(router);
    if (!known.isRecorded && isRefused) this.#remove(router, known);
    else if (!known.isRecorded || isRefused) this.#suspect(router, known);
    else this.#trust(known);
  }

  reported(router: RouterId, { loads }: Report): void {
    this.capacity.report(this.nowMs, router, loads);
  }

  tellCapacity(router: RouterId): void {
    const known = this.#routers.get(router);
    if (known === undefined) return;
    const { labels, taints, workers, limits } = known.record;
    const draining = this.#options.isDraining(router) ? ['draining'] : [];
    const ready = known.isRecorded && known.isSubscribed;
    this.capacity.put(this.nowMs, router, { ready, labels, taints: [...taints, ...draining], workers, limits });
  }

  #mayCome(router: RouterId): boolean {
    if (this.#gone.has(router)) return false;
    return this.#listedMs === undefined || this.nowMs - this.#listedMs < REGISTERED_MS;
  }

  #suspect(router: RouterId, known: Known): void {
    if (known.isSuspected) return;
    known.isSuspected = true;
    const { suspicion } = known;
    this.#options.host.after(LOST_AFTER_MS, () => {
      if (known.suspicion !== suspicion) return;
      known.isSuspected = false;
      if (known.isRecorded) this.#lose(router, known);
      else this.#remove(router, known);
    });
  }

  #trust(known: Known): void {
    known.suspicion++;
    known.isSuspected = false;
  }

  #remove(router: RouterId, known: Known): void {
    if (this.#routers.get(router) !== known) return;
    this.#trust(known);
    if (this.#mayCome(router)) this.#gone.add(router);
    this.#routers.delete(router);
    this.capacity.remove(router);
    this.#lose(router, known);
  }

  #lose(router: RouterId, known: Known): void {
    if (known.isLost) return;
    known.isLost = true;
    this.#options.lost(router);
  }
}
