/**
 * Which zone a participant should be placed in: what he measured first, then where his address is, then room, then cost. A zone
 * where the meeting is already is preferred when it is nearly as good. Pure; controllers of every zone run it on what they
 * know, so that no join waits for an answer from elsewhere.
 */
import type { ZoneId } from '../../common/ids.ts';
import { distanceKm, type GeoPoint } from '../geo/geo-point.ts';
import type { EffectivePolicy } from '../policies/effective-policy.ts';
import type { ZoneView } from '../zones/known-zone.ts';
import { compareNames } from '../zones/zone-name.ts';
import { headRoomOf } from '../zones/zone-status.ts';
import { whyForbidden } from './allowed-zones.ts';
import { bandedOrder, type Measure } from './banded-order.ts';
import type { Candidate, CandidateReason, Excluded, Ranking } from './ranking.ts';
import { RANKING_LIMITS, type RankingLimits } from './ranking-limits.ts';
import { withoutFull } from './without-full.ts';

export interface RankingRequest {
  /** All zones that are known. */
  readonly zones: readonly ZoneView[];
  readonly meeting: {
    readonly home: ZoneId;
    /** Where it is now. */
    readonly present: ReadonlySet<ZoneId>;
    /** What holds for it in a zone, by the rules of the zone, its account and its own. */
    readonly policyIn: (zone: ZoneId) => EffectivePolicy;
  };
  readonly participant: {
    /** The zone whose own he is, say because he is on its network; undefined: of none. */
    readonly own: ZoneId | undefined;
    /** Whose controller he has reached: his name server or his operator sent him there. */
    readonly reached?: ZoneId | undefined;
    /** Round trips that his client measured, milliseconds. Hostile numbers count as not measured. */
    readonly rttMs: ReadonlyMap<ZoneId, number>;
    /** Where his address is. */
    readonly place: GeoPoint | undefined;
  };
  /** What a zone says by itself, whatever the meeting. */
  readonly policyOf: (zone: ZoneId) => EffectivePolicy;
  readonly limits?: RankingLimits;
}

/** No round trip on Earth is as long. */
const MAX_RTT_MS = 10_000;

type Facts = Omit<Candidate, 'reason'> & { readonly isHeard: boolean; readonly isReached: boolean };
type Ranked = Facts & { readonly reason: CandidateReason };

export function rankZones(request: RankingRequest): Ranking {
  const { limits = RANKING_LIMITS, meeting } = request;
  const excluded: Excluded[] = [];
  const able: Facts[] = [];
  // In order of names, which decides when nothing else does.
  for (const known of request.zones.toSorted((a, b) => compareNames(a.zone, b.zone))) {
    const reason = whyForbidden(known.zone, request) ?? whyUnable(known);
    if (reason === undefined) able.push(factsOf(known, request));
    else excluded.push({ zone: known.zone, reason });
  }
  const { open, full } = withoutFull(inOrder(able, limits), meeting.policyIn, limits.fullBelow);
  const left = [...excluded, ...full];
  const isAlone = open.length === 1 && left.length > 0 && left.every(({ reason }) => isPolicy(reason));
  const candidates = open.map(({ isHeard: _, isReached: __, ...candidate }, index): Candidate => {
    if (isAlone) return { ...candidate, reason: 'onlyHere' };
    return index === open.length - 1 && candidate.reason !== 'present' ? { ...candidate, reason: 'last' } : candidate;
  });
  return { candidates, excluded: left };
}

/** Those where the meeting is, if they are nearly as good as the best, then the others. */
function inOrder(able: readonly Facts[], limits: RankingLimits): Ranked[] {
  const isPreferred = preferenceIn(able, limits);
  const measures = measuresOf(limits, isMeasured(able));
  const preferred = bandedOrder(able.filter(isPreferred), measures);
  const others = bandedOrder(
    able.filter((facts) => !isPreferred(facts)),
    measures,
  );
  return [
    ...preferred.map(({ item }) => ({ ...item, reason: 'present' as const })),
    ...others.map(({ item, by }) => ({ ...item, reason: by ?? ('name' as const) })),
  ];
}

function whyUnable({ standing, drained }: ZoneView): 'lost' | 'drained' | undefined {
  if (standing === 'lost') return 'lost';
  return drained ? 'drained' : undefined;
}

function isPolicy(reason: Excluded['reason']): boolean {
  return reason !== 'lost' && reason !== 'drained' && reason !== 'full';
}

function factsOf({ zone, record, standing, status }: ZoneView, { meeting, participant }: RankingRequest): Facts {
  const measured = participant.rttMs.get(zone);
  const isMeasured = measured !== undefined && measured >= 0 && measured <= MAX_RTT_MS;
  const { coordinates, cost } = record;
  return {
    zone,
    rttMs: isMeasured ? measured : undefined,
    distanceKm: coordinates && participant.place && distanceKm(participant.place, coordinates),
    headRoom: status && headRoomOf(status),
    cost,
    present: meeting.present.has(zone),
    isHeard: standing === 'well',
    isReached: zone === participant.reached,
  };
}

/** Something is known of how far the zones are from him. */
function isMeasured(able: readonly Facts[]): boolean {
  return able.some(({ rttMs, distanceKm: km }) => rttMs !== undefined || km !== undefined);
}

function measuresOf(limits: RankingLimits, measured: boolean): Measure<Facts, CandidateReason>[] {
  const { rttNoiseMs, rttNoiseShare, distanceNoiseKm, headRoomNoise } = limits;
  const exactly = (best: number): number => best;
  const reached: Measure<Facts, CandidateReason> = {
    name: 'reached',
    value: ({ isReached }) => (isReached ? 0 : 1),
    asGoodAs: exactly,
  };
  return [
    { name: 'heard', value: ({ isHeard }) => (isHeard ? 0 : 1), asGoodAs: exactly },
    {
      name: 'rtt',
      value: ({ rttMs }) => rttMs,
      asGoodAs: (best) => Math.max(best + rttNoiseMs, best * (1 + rttNoiseShare)),
    },
    { name: 'distance', value: (facts) => facts.distanceKm, asGoodAs: (best) => best + distanceNoiseKm },
    // Whoever sent him there knows better than nobody.
    ...(measured ? [] : [reached]),
    {
      name: 'headRoom',
      value: ({ headRoom }) => (headRoom === undefined ? undefined : 1 - headRoom),
      asGoodAs: (best) => best + headRoomNoise,
    },
    { name: 'cost', value: ({ cost }) => cost, asGoodAs: exactly },
    // Rather than sending him on for nothing.
    ...(measured ? [reached] : []),
  ];
}

/** The meeting is there, it is heard of, has room, and is nearly as near as any that is heard of. */
function preferenceIn(able: readonly Facts[], limits: RankingLimits): (facts: Facts) => boolean {
  const heard = able.filter(({ isHeard }) => isHeard);
  const nearestMs = least(heard.flatMap(({ rttMs }) => rttMs ?? []));
  const nearestKm = least(heard.flatMap((facts) => facts.distanceKm ?? []));
  // What was measured is compared with what was measured only.
  const reached = isMeasured(heard) ? undefined : heard.find(({ isReached }) => isReached);
  const isNear = (facts: Facts): boolean => {
    const { rttMs, distanceKm: km } = facts;
    if (reached !== undefined) return facts === reached;
    if (nearestMs !== undefined) return rttMs !== undefined && rttMs <= nearestMs + limits.presentRttMs;
    return nearestKm === undefined || (km !== undefined && km <= nearestKm + limits.presentKm);
  };
  return (facts) => facts.present && facts.isHeard && (facts.headRoom ?? 0) >= limits.fullBelow && isNear(facts);
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}
