/**
 * When a meeting gets another home. Pure and without memory, so that several global controllers that know the same plan the
 * same; the record is written by compare-and-swap, so that of those that know different things one wins.
 */
import type { ZoneId } from '../../common/ids.ts';
import type { Residency } from '../policies/policy.ts';
import type { ZoneStanding } from '../zones/known-zone.ts';
import { compareNames } from '../zones/zone-name.ts';
import type { Home, HomeRecord } from './home-record.ts';

export interface PresentZone {
  readonly zone: ZoneId;
  /** Of the meeting, there. */
  readonly people: number;
  readonly standing: ZoneStanding;
  readonly drained: boolean;
  /** It keeps media inside: by its own policy it would be the home of a local meeting, which nobody else could come to. */
  readonly fenced: boolean;
}

export interface HomeRequest {
  readonly home: Home;
  /** undefined: the zone is not recorded any more. */
  readonly homeStanding: ZoneStanding | undefined;
  /** The zone of its block, if that could be its home now. */
  readonly blockZone: { readonly zone: ZoneId; readonly standing: ZoneStanding } | undefined;
  readonly present: readonly PresentZone[];
  /** What holds for the meeting at home. */
  readonly residency: Residency;
}

export interface HomeChange {
  /** To be written if the record has not changed since. */
  readonly next: HomeRecord;
  readonly why: 'homeLost' | 'homeGone' | 'backToBlock';
}

/** undefined: it stays where it is. */
export function planHome(request: HomeRequest): HomeChange | undefined {
  const { home, homeStanding, residency } = request;
  // A local meeting goes on in its zone whether the world sees it or not; a second home would be a second meeting.
  if (residency === 'local') return undefined;
  const why = homeStanding === 'lost' ? 'homeLost' : homeStanding === undefined ? 'homeGone' : undefined;
  if (why === undefined) return backToBlock(request);
  const heir = heirOf(request);
  return heir && { next: { zone: heir, term: home.term + 1 }, why };
}

/**
 * Where most of its people are; drained zones only if there is no other. Silent ones are not asked, nor
 * those that are only on the way or keep media inside: there the meeting goes on without a home.
 */
function heirOf({ home, present }: HomeRequest): ZoneId | undefined {
  const able = present.filter(
    ({ zone, people, standing, fenced }) => zone !== home.zone && people > 0 && standing === 'well' && !fenced,
  );
  able.sort((a, b) => Number(a.drained) - Number(b.drained) || b.people - a.people || compareNames(a.zone, b.zone));
  return able[0]?.zone;
}

/** A meeting that nobody is in goes back to whose block it is of; one that is going on is left alone. */
function backToBlock({ home, blockZone, present }: HomeRequest): HomeChange | undefined {
  const isEmpty = present.every(({ people, standing }) => people === 0 || standing === 'lost');
  if (blockZone === undefined || blockZone.zone === home.zone || !isEmpty || blockZone.standing !== 'well')
    return undefined;
  return { next: { zone: blockZone.zone, term: home.term + 1 }, why: 'backToBlock' };
}
