/** Where a meeting goes: a pure function from what is known of the routers to a router and the reasons. */
import type { RouterId } from '../../common/ids.ts';

/** One router as placement sees it: its last report plus what was promised since. */
export interface RouterCandidate {
  readonly router: RouterId;
  /** Registered, reporting, and not on its way out. */
  readonly ready: boolean;
  readonly participants: number;
  readonly maxParticipants: number;
  /** Ingress and egress together. */
  readonly packetsPerSecond: number;
  readonly maxPacketsPerSecond: number;
  /** Promised by placements and joins that the last report does not show yet. */
  readonly reservedParticipants: number;
  readonly reservedPacketsPerSecond: number;
}

export interface Demand {
  readonly participants: number;
  readonly packetsPerSecond: number;
}

export interface Verdict {
  readonly router: RouterId;
  /** Load with the demand on it, 1 = full by the tighter of participants and packets. */
  readonly expectedLoad: number;
  readonly why: 'chosen' | 'sticky' | 'moreLoaded' | 'notReady' | 'full' | 'notNeeded';
}

export interface Placement {
  /** undefined when no router is ready and has room. */
  readonly router: RouterId | undefined;
  /** One verdict a candidate, in the order given: the answer to "why". */
  readonly explain: readonly Verdict[];
}

/**
 * Picks the router with the least expected load; a meeting that is placed stays where it is while its router is ready
 * and the demand fits. Equal loads go by id, so that the same knowledge gives the same answer everywhere.
 */
export function placeMeeting(
  candidates: readonly RouterCandidate[],
  demand: Demand,
  current: RouterId | undefined,
): Placement {
  const verdicts = candidates.map((candidate) => judge(candidate, demand));
  const able = verdicts.filter(({ why }) => why === 'moreLoaded');
  const sticky = able.find(({ router }) => router === current);
  const chosen =
    sticky ?? able.reduce<Verdict | undefined>((best, next) => (isBetter(next, best) ? next : best), undefined);
  const explain = verdicts.map((verdict): Verdict => {
    if (verdict === chosen) return { ...verdict, why: sticky === undefined ? 'chosen' : 'sticky' };
    if (sticky !== undefined && verdict.why === 'moreLoaded') return { ...verdict, why: 'notNeeded' };
    return verdict;
  });
  return { router: chosen?.router, explain };
}

/** The load of a candidate with `demand` on top: 1 is full. */
export function expectedLoad(candidate: RouterCandidate, demand: Demand): number {
  const participants = candidate.participants + candidate.reservedParticipants + demand.participants;
  const packets = candidate.packetsPerSecond + candidate.reservedPacketsPerSecond + demand.packetsPerSecond;
  return Math.max(participants / candidate.maxParticipants, packets / candidate.maxPacketsPerSecond);
}

function judge(candidate: RouterCandidate, demand: Demand): Verdict {
  const load = expectedLoad(candidate, demand);
  const why = candidate.ready ? (load <= 1 ? 'moreLoaded' : 'full') : 'notReady';
  return { router: candidate.router, expectedLoad: load, why };
}

function isBetter(verdict: Verdict, best: Verdict | undefined): boolean {
  if (best === undefined || verdict.expectedLoad !== best.expectedLoad) {
    return best === undefined || verdict.expectedLoad < best.expectedLoad;
  }
  return verdict.router < best.router;
}

/** A line for people: which router and why, then the others. */
export function describePlacement({ router, explain }: Placement): string {
  const verdicts = explain.map((verdict) => `${verdict.router} ${verdict.why} ${verdict.expectedLoad.toFixed(3)}`);
  return `${router ?? 'nowhere'}: ${verdicts.length === 0 ? 'no router is known' : verdicts.join(', ')}`;
}
