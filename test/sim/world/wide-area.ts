/** The ways between sites: how long they take, which are cut, which lose and repeat messages. A site is a name. */
import { distanceKm, type GeoPoint } from '../../../global-controller/geo/geo-point.ts';
import type { SimClock } from '../common/sim-clock.ts';
import type { Chance } from '../network/chance.ts';

/** Milliseconds of round trip: 1.5 for 100 km of cable, and what the ends add. */
const RTT_PER_KM = 0.015;
const ENDS_MS = 4;

export interface Fate {
  /** Of a message, 0–1. */
  readonly lost: number;
  readonly repeated: number;
  /** Added to each way, milliseconds, at most. */
  readonly slowMs: number;
}

export class WideArea {
  readonly clock: SimClock;
  readonly #chance: Chance;
  readonly #sites = new Map<string, GeoPoint>();
  /** How often each pair is cut: several faults may cut it at once. */
  readonly #cuts = new Map<string, number>();
  readonly #fates = new Map<string, Fate>();

  constructor(clock: SimClock, chance: Chance) {
    this.clock = clock;
    this.#chance = chance;
  }

  place(site: string, at: GeoPoint): void {
    this.#sites.set(site, at);
  }

  get sites(): Iterable<string> {
    return this.#sites.keys();
  }

  /** Until the returned function is called. */
  cut(a: string, b: string): () => void {
    const pair = pairOf(a, b);
    const change = (by: number): void => {
      this.#cuts.set(pair, (this.#cuts.get(pair) ?? 0) + by);
    };
    change(1);
    return () => change(-1);
  }

  isCut(a: string, b: string): boolean {
    return a !== b && (this.#cuts.get(pairOf(a, b)) ?? 0) > 0;
  }

  /** What goes to and from the site has this fate until the returned function is called. */
  impair(site: string, fate: Fate): () => void {
    this.#fates.set(site, fate);
    return () => void (this.#fates.get(site) === fate && this.#fates.delete(site));
  }

  rttMs(a: string, b: string): number {
    const [from, to] = [this.#sites.get(a), this.#sites.get(b)];
    if (a === b || from === undefined || to === undefined) return 1;
    return ENDS_MS + distanceKm(from, to) * RTT_PER_KM;
  }

  /** One way, drawn. */
  delayMs(a: string, b: string): number {
    const slowMs = (this.#fates.get(a)?.slowMs ?? 0) + (this.#fates.get(b)?.slowMs ?? 0);
    return Math.round(1 + this.rttMs(a, b) * this.#chance.between(0.5, 0.6) + this.#chance.between(0, slowMs));
  }

  isLost(a: string, b: string): boolean {
    return [a, b].some((site) => this.#chance.happens(this.#fates.get(site)?.lost ?? 0));
  }

  isRepeated(a: string, b: string): boolean {
    return [a, b].some((site) => this.#chance.happens(this.#fates.get(site)?.repeated ?? 0));
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
