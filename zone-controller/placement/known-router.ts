/** One router as placement knows it: what it registered, what its workers report, what they were promised since. */
import type { RouterId } from '../../common/ids.ts';
import { TokenBucket } from '../limits/token-bucket.ts';
import { hash32 } from './hash.ts';
import type { Demand } from './meeting-cost.ts';
import type { PlacementPolicy } from './placement-policy.ts';
import { Reservations } from './reservations.ts';
import type { RingMember } from './ring-set.ts';
import { domainName, type Listing } from './router-index.ts';
import { loadOf, roundedLimits, sumOf } from './worker-limits.ts';

export interface RouterFacts {
  /** Registered, reachable, its events flow. */
  readonly ready: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /**
   * `draining`: gets nothing, its people move away. `no-new`: no new meetings or branches. Any other, say `canary`: new
   * ones only of meetings that ask for it.
   */
  readonly taints: readonly string[];
  readonly workers: number;
  /** Of each worker. */
  readonly limits: Demand;
}

/** Whether a router takes new meetings and branches, and if not, why. */
export type Standing = 'open' | 'notReady' | 'draining' | 'noNew' | 'joinRate';

interface KnownWorker {
  reported: Demand;
  readonly reservations: Reservations;
}

const NOTHING: Demand = { participants: 0, packetsPerSecond: 0 };

export class KnownRouter implements RingMember {
  readonly id: RouterId;
  readonly hash: number;
  facts: RouterFacts;
  listing: Listing;
  standing: Standing = 'notReady';
  reportedMs = Number.NEGATIVE_INFINITY;
  /** Index and load of the least loaded worker, and the load of the most loaded one. */
  idlest = 0;
  load = 0;
  highestLoad = 0;
  joins: TokenBucket;
  readonly #workers: KnownWorker[] = [];
  #policy: PlacementPolicy;

  constructor(id: RouterId, facts: RouterFacts, policy: PlacementPolicy, nowMs: number) {
    this.id = id;
    this.hash = hash32(id);
    this.facts = facts;
    this.joins = new TokenBucket(policy.joinRate, nowMs);
    this.#policy = policy;
    this.listing = listingOf(facts, policy);
    this.update(nowMs, facts);
  }

  get limits(): Demand {
    return this.facts.limits;
  }

  get workers(): number {
    return this.#workers.length;
  }

  /** Why not, if its own meetings cannot get more people here; undefined if they can. */
  refusesJoins(nowMs: number): 'draining' | 'silent' | undefined {
    if (this.facts.taints.includes('draining')) return 'draining';
    return this.isSilent(nowMs) ? 'silent' : undefined;
  }

  /** Other numbers than before. */
  usePolicy(nowMs: number, policy: PlacementPolicy): void {
    this.#policy = policy;
    this.joins = new TokenBucket(policy.joinRate, nowMs);
    this.listing = listingOf(this.facts, policy);
    this.refresh(nowMs);
  }

  /** Throws RangeError, and changes nothing, when the limits leave no room at all. */
  update(nowMs: number, facts: RouterFacts): void {
    const { participants, packetsPerSecond } = facts.limits;
    if (!(facts.workers >= 1 && participants > 0 && packetsPerSecond > 0)) {
      throw new RangeError(`router ${this.id} has no room at all`);
    }
    this.facts = facts;
    this.listing = listingOf(facts, this.#policy);
    while (this.#workers.length > facts.workers) this.#workers.pop();
    while (this.#workers.length < facts.workers) {
      this.#workers.push({ reported: NOTHING, reservations: new Reservations() });
    }
    this.refresh(nowMs);
  }

  /**
   * A load report, by worker index; of a worker that it leaves out nothing new is known. What is not a number of
   * anything counts as full.
   */
  report(nowMs: number, loads: readonly (Demand & { readonly index: number })[]): void {
    this.reportedMs = nowMs;
    for (const { index, participants, packetsPerSecond } of loads) {
      const worker = this.#workers[index];
      if (worker === undefined) continue;
      worker.reported = { participants: amount(participants), packetsPerSecond: amount(packetsPerSecond) };
      worker.reservations.reported(nowMs);
    }
    this.refresh(nowMs);
  }

  reserve(nowMs: number, index: number, demand: Demand): void {
    this.#workers[index]?.reservations.add(nowMs, demand);
    this.refresh(nowMs);
  }

  /** Whether what was promised to a worker at that time counts still. */
  isPromised(promisedMs: number, index: number): boolean {
    return this.#workers[index]?.reservations.has(promisedMs) ?? false;
  }

  giveBack(nowMs: number, promisedMs: number, index: number, demand: Demand): void {
    this.#workers[index]?.reservations.giveBack(promisedMs, demand);
    this.refresh(nowMs);
  }

  /** Somebody for whom there was a promise is there now: the next report counts him. */
  arrived(promisedMs: number, index: number): void {
    this.#workers[index]?.reservations.arrived(promisedMs);
  }

  /** Reported and promised; undefined when there is no such worker. */
  expected(nowMs: number, index: number): Demand | undefined {
    const worker = this.#workers[index];
    return worker === undefined ? undefined : sumOf(worker.reported, worker.reservations.sum(nowMs));
  }

  /** With `demand` on top; Infinity when there is no such worker. */
  loadWith(nowMs: number, index: number, demand: Demand): number {
    const expected = this.expected(nowMs, index);
    if (expected === undefined) return Number.POSITIVE_INFINITY;
    return loadOf(sumOf(expected, demand), this.limits, this.#policy.trunkReserve);
  }

  /** As `loadWith`, for what brings no people: too many of them are no reason against a trunk. */
  packetLoadWith(nowMs: number, index: number, { packetsPerSecond }: Demand): number {
    const expected = this.expected(nowMs, index);
    if (expected === undefined) return Number.POSITIVE_INFINITY;
    const packets = { participants: 0, packetsPerSecond: expected.packetsPerSecond + packetsPerSecond };
    return loadOf(packets, this.limits, this.#policy.trunkReserve);
  }

  isStale(nowMs: number): boolean {
    return nowMs - this.reportedMs >= this.#policy.reportStaleMs;
  }

  /** It did report, and does not any more. */
  isSilent(nowMs: number): boolean {
    return this.reportedMs !== Number.NEGATIVE_INFINITY && this.isStale(nowMs);
  }

  /** Works out again what follows from facts, reports and promises. */
  refresh(nowMs: number): void {
    this.standing = this.#standing(nowMs);
    let lowest = Number.POSITIVE_INFINITY;
    let highest = 0;
    for (let index = 0; index < this.#workers.length; index++) {
      const load = this.loadWith(nowMs, index, NOTHING);
      highest = Math.max(highest, load);
      if (load >= lowest) continue;
      lowest = load;
      this.idlest = index;
    }
    this.load = lowest;
    this.highestLoad = highest;
  }

  #standing(nowMs: number): Standing {
    const { ready, taints } = this.facts;
    if (!ready || this.isStale(nowMs)) return 'notReady';
    if (taints.includes('draining')) return 'draining';
    if (taints.includes('no-new')) return 'noNew';
    return this.joins.waitMs(nowMs) === 0 ? 'open' : 'joinRate';
  }
}

function amount(reported: number): number {
  return reported >= 0 ? reported : Number.POSITIVE_INFINITY;
}

function listingOf({ taints, labels, limits }: RouterFacts, policy: PlacementPolicy): Listing {
  const taint = taints
    .filter((each) => each !== 'draining' && each !== 'no-new')
    .sort()
    .join(',');
  const near = policy.near.filter((label) => labels[label] !== undefined);
  const domains = [domainName(taint), ...near.map((label) => domainName(taint, label, labels[label]))];
  return { domains, limits: roundedLimits(limits) };
}
