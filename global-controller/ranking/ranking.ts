/** What a ranking comes out as, as data and in words. */
import type { ZoneId } from '../../common/ids.ts';

/** Why a candidate comes before the next one. */
export const CANDIDATE_WORDS = {
  onlyHere: 'policy allows no other zone',
  present: 'the meeting is there already, and it is nearly as near as any',
  heard: 'the next one has not been heard of lately',
  rtt: 'nearer, by the round trips that the client measured',
  distance: 'nearer, by where his address is',
  reached: 'he came to it, and nothing says that another is nearer',
  headRoom: 'as near as the next one, and has more room',
  cost: 'as near as the next one, and traffic costs less there',
  name: 'as good as the next one; the name decides',
  last: 'the last resort',
} as const;
export type CandidateReason = keyof typeof CANDIDATE_WORDS;

/** Why a zone is no candidate. */
export const EXCLUDED_WORDS = {
  drained: 'is to get nobody new',
  lost: 'is lost',
  full: 'has no room',
  residency: 'takes only its own people',
  ownPeople: 'his zone keeps him',
  homeIsLocal: 'the meeting does not leave its zone',
  onlyVia: 'the meeting is open to others only in another zone',
  overflow: 'the full zone before it does not send people there',
} as const;
export type ExcludedReason = keyof typeof EXCLUDED_WORDS;

export interface Candidate {
  readonly zone: ZoneId;
  readonly reason: CandidateReason;
  /** Measured by the client, milliseconds. */
  readonly rttMs: number | undefined;
  readonly distanceKm: number | undefined;
  /** Share of the zone that is free, 0–1; undefined: it has never spoken. */
  readonly headRoom: number | undefined;
  readonly cost: number;
  /** The meeting is there. */
  readonly present: boolean;
}

export interface Excluded {
  readonly zone: ZoneId;
  readonly reason: ExcludedReason;
}

export interface Ranking {
  /** The best first. Empty: he cannot be placed anywhere now. */
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly Excluded[];
}

/** For people, a line each. */
export function describeRanking({ candidates, excluded }: Ranking): string {
  const lines = candidates.map((candidate, index) => {
    const numbers = describeNumbers(candidate);
    return `${index + 1}. ${candidate.zone}: ${CANDIDATE_WORDS[candidate.reason]}${numbers === '' ? '' : ` (${numbers})`}`;
  });
  const head = candidates.length === 0 ? ['No zone can take him.'] : [];
  return [...head, ...lines, ...excluded.map(({ zone, reason }) => `${zone}: ${EXCLUDED_WORDS[reason]}`)].join('\n');
}

function describeNumbers({ rttMs, distanceKm, headRoom, cost, present }: Candidate): string {
  return [
    rttMs === undefined ? [] : [`${Math.round(rttMs)} ms`],
    distanceKm === undefined ? [] : [`${Math.round(distanceKm)} km`],
    headRoom === undefined ? [] : [`${Math.round(headRoom * 100)} % free`],
    cost === 0 ? [] : [`${cost} per GB`],
    present ? ['meeting is there'] : [],
  ]
    .flat()
    .join(', ');
}
