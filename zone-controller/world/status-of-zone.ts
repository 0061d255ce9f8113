/** What a zone says of itself each second, put together from what its routers report. Pure. */
import type { RouterId, ZoneId } from '../../common/ids.ts';
import { zoneName } from '../../global-controller/zones/zone-name.ts';
import {
  MAX_RELEASES,
  MAX_TRUNKS,
  type TrunkHealth,
  type ZoneProbe,
  type ZoneStatus,
} from '../../global-controller/zones/zone-status.ts';
import type { ZoneTrunk__Output } from '../../proto/gen/zonecast/router/v1/ZoneTrunk.ts';
import type { RouterView } from '../routers/router-directory.ts';

/** The most that the schema of the status knows. */
const MAX_RTT_MS = 60_000;

export interface ZoneFacts {
  readonly routers: readonly RouterView[];
  /** Those that can take meetings. */
  readonly ready: readonly RouterId[];
  readonly strandedFrom: readonly ZoneId[];
  /** Operators want every router to be emptied. */
  readonly drained: boolean;
  /** By which clients measure the way to the zone; undefined: they cannot now. */
  readonly probe: ZoneProbe | undefined;
}

export function statusOfZone({
  routers,
  ready,
  strandedFrom,
  drained,
  probe,
}: ZoneFacts): Omit<ZoneStatus, 'instance' | 'seq'> {
  const isReady = new Set(ready);
  const load = { participants: 0, packetsPerSecond: 0, capacity: { participants: 0, packetsPerSecond: 0 } };
  for (const { router, record, load: reported } of routers) {
    for (const { participants, ingressPacketsPerSecond, egressPacketsPerSecond } of reported?.workers ?? []) {
      load.participants += participants;
      load.packetsPerSecond += ingressPacketsPerSecond + egressPacketsPerSecond;
    }
    if (!isReady.has(router)) continue;
    load.capacity.participants += record.workers * record.limits.participants;
    load.capacity.packetsPerSecond += record.workers * record.limits.packetsPerSecond;
  }
  return {
    load,
    routersReady: ready.length,
    releases: [...new Set(routers.map(({ record }) => record.release))].sort().slice(0, MAX_RELEASES),
    trunks: trunkHealth(routers.flatMap((view) => view.load?.zoneTrunks ?? [])).slice(0, MAX_TRUNKS),
    strandedFrom: strandedFrom.slice(0, MAX_TRUNKS),
    drained,
    ...(probe && { probe }),
  };
}

/**
 * By zone: several trunks may lead there. One that works says that the way is there, whatever became of others; of those that work
 * the middle one is as it is for most.
 */
function trunkHealth(trunks: readonly ZoneTrunk__Output[]): TrunkHealth[] {
  const byZone = Map.groupBy(trunks, ({ zone }) => zone);
  return [...byZone].flatMap(([name, all]) => {
    const zone = zoneName.safeParse(name);
    if (!zone.success) return [];
    const working = all.filter(({ up }) => up);
    const counted = working.length > 0 ? working : all;
    const rttMs = Math.min(MAX_RTT_MS, middle(counted.map((trunk) => trunk.rttMs)));
    const loss = Math.min(1, middle(counted.map((trunk) => trunk.loss)));
    return [{ zone: zone.data, rttMs, loss, up: working.length > 0 }];
  });
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}
