/** The least loaded worker that may take something new: nearest first, along the bands of the index. */
import type { RouterId } from '../../common/ids.ts';
import type { Reason, Verdicts } from './explanation.ts';
import type { KnownRouter, Standing } from './known-router.ts';
import { bandOf } from './load-bands.ts';
import type { Demand } from './meeting-cost.ts';
import type { WorkerPlace } from './meeting-tree.ts';
import { domainName } from './router-index.ts';
import type { ZoneCapacity } from './zone-capacity.ts';

export interface Search {
  readonly nowMs: number;
  readonly demand: Demand;
  /** Of the meeting: decides among routers that are loaded alike. */
  readonly hash: number;
  /** Routers with this taint come first; ordinary ones are taken, too. */
  readonly tolerate?: string | undefined;
  /** Routers with the same labels come first, in the order of the policy. */
  readonly near?: Readonly<Record<string, string>> | undefined;
  /** Never these; the reason is told. */
  readonly exclude?: ReadonlyMap<RouterId, Reason> | undefined;
  /** Only if there is nothing else. */
  readonly avoid?: ((router: KnownRouter) => Reason | undefined) | undefined;
}

/** What would have been taken without the one that is, for the explanation. */
const RUNNERS_UP = 3;
/** More routers that should be avoided are not passed over; then one of them is taken. */
const MAX_AVOIDED = 64;
/** Of routers whose band does not tell whether they have room, so many are looked at. */
const MAX_ON_THE_BRINK = 16;

/** undefined when no router has room; `verdicts` then say why. */
export function findWorker(capacity: ZoneCapacity, search: Search, verdicts: Verdicts): WorkerPlace | undefined {
  capacity.expire(search.nowMs);
  const named = new Set<RouterId>();
  const first = search.avoid === undefined ? undefined : firstIn(capacity, search, search.avoid, verdicts, named);
  const found = first ?? firstIn(capacity, search, undefined, verdicts, named);
  const last = found === undefined ? onTheBrink(capacity, search, verdicts) : undefined;
  countOthers(capacity, search, named.size, last === undefined ? 0 : 1, verdicts);
  const router = found ?? last;
  return router === undefined ? undefined : { router: router.id, worker: router.idlest };
}

/** The last room of a zone: on routers of which only a closer look tells. */
function onTheBrink(capacity: ZoneCapacity, search: Search, verdicts: Verdicts): KnownRouter | undefined {
  const { nowMs, demand, hash, exclude } = search;
  let looked = 0;
  for (const domain of domainsOf(capacity, search)) {
    for (const router of capacity.index.onTheBrink(domain, demand, hash, verdicts)) {
      if (++looked > MAX_ON_THE_BRINK) return undefined;
      const load = router.loadWith(nowMs, router.idlest, demand);
      if (load > 1 || exclude?.has(router.id)) continue;
      verdicts.add(router.id, router.idlest, load, 'chosen');
      return router;
    }
  }
  return undefined;
}

function firstIn(
  capacity: ZoneCapacity,
  search: Search,
  avoid: Search['avoid'],
  verdicts: Verdicts,
  named: Set<RouterId>,
): KnownRouter | undefined {
  const { nowMs, demand, hash, exclude } = search;
  const tell = ({ id, idlest }: KnownRouter, load: number | undefined, reason: Reason): void => {
    if (!named.has(id) || reason === 'chosen') verdicts.add(id, load === undefined ? undefined : idlest, load, reason);
    named.add(id);
  };
  for (const domain of domainsOf(capacity, search)) {
    let found: KnownRouter | undefined;
    let foundLoad = 0;
    let runnersUp = 0;
    let avoided = 0;
    for (const router of capacity.index.withRoom(domain, demand, hash, verdicts)) {
      const excluded = exclude?.get(router.id);
      const reason = excluded ?? avoid?.(router);
      if (reason !== undefined) {
        tell(router, undefined, reason);
        if (excluded === undefined && ++avoided === MAX_AVOIDED) break;
        continue;
      }
      const load = router.loadWith(nowMs, router.idlest, demand);
      if (found === undefined) {
        found = router;
        foundLoad = load;
        tell(router, load, 'chosen');
      } else {
        tell(router, load, bandOf(load) === bandOf(foundLoad) ? 'sameLoad' : 'moreLoaded');
        if (++runnersUp === RUNNERS_UP) break;
      }
    }
    if (found !== undefined) return found;
  }
  return undefined;
}

function* domainsOf(capacity: ZoneCapacity, { tolerate, near }: Search): Generator<string> {
  for (const taint of tolerate === undefined ? [''] : [tolerate, '']) {
    for (const label of near === undefined ? [] : capacity.policy.near) {
      const value = near?.[label];
      if (value !== undefined) yield domainName(taint, label, value);
    }
    yield domainName(taint);
  }
}

const STANDINGS: readonly Standing[] = ['notReady', 'draining', 'noNew', 'joinRate'];

/** `onTheBrink`: named, too, of those whose bands say that they are full. */
function countOthers(
  capacity: ZoneCapacity,
  search: Search,
  named: number,
  onTheBrink: number,
  verdicts: Verdicts,
): void {
  const { standings } = capacity;
  for (const standing of STANDINGS) verdicts.count(standing as Exclude<Standing, 'open'>, standings[standing]);
  let open = 0;
  let room = 0;
  let allFull = 0;
  for (const taint of new Set(['', search.tolerate ?? ''])) {
    const { full, withRoom } = capacity.index.count(domainName(taint), search.demand);
    allFull += full;
    open += full + withRoom;
    room += withRoom;
  }
  verdicts.count('full', allFull - onTheBrink);
  verdicts.count('notNeeded', room - named);
  verdicts.count('tainted', standings.open - open);
}
