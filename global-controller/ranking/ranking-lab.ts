/** Zones for the tests of the ranking: made by hand, or drawn. */
import fc from 'fast-check';
import type { ZoneId } from '../../common/ids.ts';
import type { GeoPoint } from '../geo/geo-point.ts';
import { Policies } from '../policies/policies.ts';
import type { PolicyRules } from '../policies/policy.ts';
import type { KnownZone, ZoneStanding } from '../zones/known-zone.ts';
import { recordOf, statusOf } from '../zones/zone-directory-lab.ts';
import { type RankingRequest, rankZones } from './rank-zones.ts';
import type { Ranking } from './ranking.ts';

export const SEED = 51;

export interface LabZone {
  readonly id: string;
  /** Measured; undefined: not. */
  readonly rttMs?: number | undefined;
  readonly at?: GeoPoint | undefined;
  /** Share that is free; undefined: it has never spoken. */
  readonly free?: number | undefined;
  readonly cost?: number;
  readonly standing?: ZoneStanding;
  readonly drained?: boolean;
  readonly present?: boolean;
  readonly rules?: PolicyRules;
}

export interface LabRequest {
  readonly home?: string;
  readonly own?: string;
  readonly reached?: string;
  readonly place?: GeoPoint;
  readonly account?: PolicyRules;
}

function knownZone({ id, at, free, cost = 0, standing = 'well', drained = false }: LabZone): KnownZone {
  const record = recordOf({ cost, ...(at === undefined ? {} : { coordinates: at }) });
  const capacity = { participants: 100_000, packetsPerSecond: 1e9 };
  const load = { participants: Math.round((1 - (free ?? 0)) * 100_000), packetsPerSecond: 0, capacity };
  const status = free === undefined ? undefined : statusOf({ load });
  return { zone: id as ZoneId, record, standing, status, silentMs: 0, drained };
}

/** `free` is a half unless it is given. */
export function rank(zones: readonly LabZone[], request: LabRequest = {}): Ranking {
  return rankZones(requestOf(zones, request));
}

function requestOf(
  zones: readonly LabZone[],
  { home = 'a', own, reached, place, account }: LabRequest,
): RankingRequest {
  const policies = new Policies();
  for (const { id, rules } of zones) if (rules) policies.put({ kind: 'zone', id }, { ...rules, revision: 1 });
  if (account) policies.put({ kind: 'account', id: 'acme' }, { ...account, revision: 1 });
  return {
    zones: zones.map((zone) => knownZone({ free: 0.5, ...zone })),
    meeting: {
      home: home as ZoneId,
      present: new Set(zones.filter(({ present }) => present).map(({ id }) => id as ZoneId)),
      policyIn: (zone) => policies.effective(zone, 'acme'),
    },
    participant: {
      own: own as ZoneId | undefined,
      reached: reached as ZoneId | undefined,
      rttMs: new Map(zones.flatMap(({ id, rttMs }) => (rttMs === undefined ? [] : [[id as ZoneId, rttMs] as const]))),
      place,
    },
    policyOf: (zone) => policies.effective(zone),
  };
}

/** `a present, b rtt`. */
export function orderOf({ candidates }: Ranking): string {
  return candidates.map(({ zone, reason }) => `${zone} ${reason}`).join(', ');
}

/** `b full, c residency`. */
export function leftOut({ excluded }: Ranking): string {
  return excluded.map(({ zone, reason }) => `${zone} ${reason}`).join(', ');
}

const IDS = ['a', 'b', 'c', 'd', 'e'];
const anyRules: fc.Arbitrary<PolicyRules> = fc.record<PolicyRules>(
  {
    residency: fc.constantFrom('anywhere', 'anywhere', 'local'),
    guests: fc.constantFrom<PolicyRules['guests']>('none', { via: 'a' as ZoneId }, { via: 'b' as ZoneId }),
    overflow: fc.constantFrom<PolicyRules['overflow']>('never', 'any', { zone: 'b' as ZoneId }),
  },
  { requiredKeys: [] },
);

/** Up to five zones in which anything may be so. */
export const anyZones: fc.Arbitrary<LabZone[]> = fc
  .tuple(
    ...IDS.map((id) =>
      fc.record({
        id: fc.constant(id),
        rttMs: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
        at: fc.option(
          fc.record({ latitude: fc.integer({ min: -80, max: 80 }), longitude: fc.integer({ min: -180, max: 180 }) }),
          { nil: undefined },
        ),
        free: fc.constantFrom(undefined, 0, 0.01, 0.2, 0.5, 0.9),
        cost: fc.constantFrom(0, 0.01, 0.09),
        standing: fc.constantFrom<ZoneStanding>('well', 'well', 'well', 'silent', 'lost', 'new'),
        drained: fc.constantFrom(false, false, false, true),
        present: fc.boolean(),
        rules: anyRules,
      }),
    ),
  )
  .chain((zones) => fc.shuffledSubarray(zones, { minLength: 1 }));
export const anyRequest: fc.Arbitrary<LabRequest> = fc.record<LabRequest>(
  {
    home: fc.constantFrom(...IDS),
    own: fc.constantFrom(...IDS),
    place: fc.constant({ latitude: 50, longitude: 10 }),
    account: anyRules,
  },
  { requiredKeys: ['home'] },
);
