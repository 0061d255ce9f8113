/**
 * The routers that may take something new, by what is asked for (a taint, a label), by kind of worker, and by the load
 * of their least loaded worker. A search goes up the bands of expected load; it never looks at all routers.
 */
import { BANDS, bandOf, LoadBands } from './load-bands.ts';
import type { Demand } from './meeting-cost.ts';
import type { RingMember } from './ring-set.ts';
import { loadOf } from './worker-limits.ts';

/** Where a router can be found. */
export interface Listing {
  /** Names, see `domainName`. */
  readonly domains: readonly string[];
  /** Its workers' limits, rounded, see `roundedLimits`. */
  readonly limits: Demand;
}

/** `taint` is '' for ordinary routers. */
export function domainName(taint: string, label?: string, value?: string): string {
  return label === undefined ? taint : `${taint}|${label}=${value}`;
}

/** Routers whose workers have the same limits. */
interface Kind<Router extends RingMember> {
  readonly limits: Demand;
  readonly bands: LoadBands<Router>;
}

/** Counts what a search looks at: bands it stops at and routers it meets. */
export interface Steps {
  steps: number;
}

export class RouterIndex<Router extends RingMember> {
  /** By name; then the kinds of workers found there, which are few. */
  readonly #domains = new Map<string, Kind<Router>[]>();
  readonly #listed = new Map<Router, { readonly listing: Listing; readonly band: number }>();
  readonly #trunkReserve: number;

  constructor(trunkReserve: number) {
    this.#trunkReserve = trunkReserve;
  }

  /** Lists a router, or moves it to where it belongs now. `load` is that of its least loaded worker. */
  put(router: Router, listing: Listing, load: number): void {
    const band = bandOf(load);
    const listed = this.#listed.get(router);
    if (listed?.band === band && listed.listing === listing) return;
    if (listed !== undefined) this.delete(router);
    this.#listed.set(router, { listing, band });
    for (const domain of listing.domains) this.#kind(domain, listing.limits).bands.add(router, band);
  }

  delete(router: Router): void {
    const listed = this.#listed.get(router);
    if (listed === undefined) return;
    this.#listed.delete(router);
    const { listing, band } = listed;
    for (const domain of listing.domains) {
      const kind = this.#kind(domain, listing.limits);
      kind.bands.delete(router, band);
      if (kind.bands.size === 0) this.#forget(domain, kind);
    }
  }

  /**
   * Routers with room for `demand`, in the order of the load they will have with it; within a band in the order of the
   * ring from `hash` on.
   */
  *withRoom(domain: string, demand: Demand, hash: number, counter: Steps): Generator<Router> {
    const kinds = (this.#domains.get(domain) ?? []).map(({ limits, bands }) => ({
      bands,
      band: bands.next(0),
      highest: this.#highestBand(demand, limits),
      share: loadOf(demand, limits, this.#trunkReserve),
    }));
    for (;;) {
      counter.steps++;
      let best: (typeof kinds)[number] | undefined;
      for (const kind of kinds) {
        if (kind.band > kind.highest) continue;
        if (best === undefined || kind.band / BANDS + kind.share < best.band / BANDS + best.share) best = kind;
      }
      if (best === undefined) return;
      for (const router of best.bands.members(best.band, hash)) {
        counter.steps++;
        yield router;
      }
      best.band = best.bands.next(best.band + 1);
    }
  }

  /**
   * Routers that may have room all the same: limits were rounded, loads were, too, and a router that is full of people may
   * have packets left. In the order of their bands.
   */
  *onTheBrink(domain: string, demand: Demand, hash: number, counter: Steps): Generator<Router> {
    for (const { limits, bands } of this.#domains.get(domain) ?? []) {
      for (let band = bands.next(this.#highestBand(demand, limits) + 1); band <= BANDS; band = bands.next(band + 1)) {
        for (const router of bands.members(band, hash)) {
          counter.steps++;
          yield router;
        }
      }
    }
  }

  /** How many routers have no room for `demand`, and how many have, as far as their bands tell. */
  count(domain: string, demand: Demand): { readonly full: number; readonly withRoom: number } {
    let full = 0;
    let all = 0;
    for (const { limits, bands } of this.#domains.get(domain) ?? []) {
      full += bands.countAbove(this.#highestBand(demand, limits));
      all += bands.size;
    }
    return { full, withRoom: all - full };
  }

  /** Loads are rounded up to their band; whatever is in this one still has room. -1: not even an idle worker has. */
  #highestBand(demand: Demand, limits: Demand): number {
    return Math.max(-1, Math.floor((1 - loadOf(demand, limits, this.#trunkReserve)) * BANDS));
  }

  #kind(domain: string, limits: Demand): Kind<Router> {
    let kinds = this.#domains.get(domain);
    if (kinds === undefined) {
      kinds = [];
      this.#domains.set(domain, kinds);
    }
    let kind = kinds.find((each) => isSame(each.limits, limits));
    if (kind === undefined) {
      kind = { limits, bands: new LoadBands() };
      // In one order, so that controllers that met the kinds in another order agree.
      kinds.push(kind);
      kinds.sort((a, b) => compare(a.limits, b.limits));
    }
    return kind;
  }

  /** Names come from the routers' labels: those that nobody has any more are not kept. */
  #forget(domain: string, kind: Kind<Router>): void {
    const kinds = this.#domains.get(domain)?.filter((each) => each !== kind) ?? [];
    if (kinds.length > 0) this.#domains.set(domain, kinds);
    else this.#domains.delete(domain);
  }
}

function isSame(a: Demand, b: Demand): boolean {
  return compare(a, b) === 0;
}

function compare(a: Demand, b: Demand): number {
  return a.packetsPerSecond - b.packetsPerSecond || a.participants - b.participants;
}
