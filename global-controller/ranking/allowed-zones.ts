/** What policies say about where a participant may be placed. */
import type { ZoneId } from '../../common/ids.ts';
import type { RankingRequest } from './rank-zones.ts';
import type { ExcludedReason } from './ranking.ts';

/** What they go by. */
interface Asked {
  readonly meeting: Pick<RankingRequest['meeting'], 'home' | 'policyIn'>;
  readonly participant: Pick<RankingRequest['participant'], 'own'>;
  readonly policyOf: RankingRequest['policyOf'];
}

/** undefined: he may be placed there, as far as policies go. */
export function whyForbidden(zone: ZoneId, { meeting, participant, policyOf }: Asked): ExcludedReason | undefined {
  const { own } = participant;
  const isFenced = (of: ZoneId): boolean => policyOf(of).residency === 'local';
  // A zone that keeps media inside keeps its people, wherever the meeting is; nobody of others comes in.
  if (own !== undefined && own !== zone && isFenced(own)) return 'ownPeople';
  if (own !== zone && isFenced(zone)) return 'residency';
  if (zone === meeting.home) return undefined;
  // A meeting elsewhere reaches its people only through the zone that it lets guests in by.
  if (isFenced(zone) && policyOf(zone).guests === 'none') return 'residency';
  // An account may keep its meetings at home, too; whoever may come there, comes.
  const { residency, guests } = meeting.policyIn(meeting.home);
  if (residency === 'anywhere') return undefined;
  if (guests === 'none') return 'homeIsLocal';
  return guests.via === zone ? undefined : 'onlyVia';
}
