/** The zones of which clients want to know how far they are, before they join: `GET /v1/zones`. */
import type { ZoneProbe } from '../../global-controller/zones/zone-status.ts';
import type { ZoneEntry, ZoneList } from '../../proto/signalling.ts';
import type { World } from './world.ts';

/** Of this zone, as it knows itself. */
export interface OwnZone {
  readonly url: string;
  readonly probe: ZoneProbe | undefined;
}

/** This zone first, then the others that take people, as the world orders them. */
export function zoneList(world: World, { url, probe }: OwnZone): ZoneList {
  const { own } = world;
  const record = world.zone(own)?.record;
  const self: ZoneEntry = {
    zone: own,
    name: record?.name || own,
    region: record?.region ?? '',
    urls: record === undefined || record.urls.length === 0 ? [url] : record.urls,
    ...(probe && { probe }),
  };
  return { zones: [self, ...othersOf(world)] };
}

function othersOf(world: World): ZoneEntry[] {
  // Whose people are placed only there, nobody else is: docs/zones.md.
  if (world.policyIn(world.own).residency === 'local') return [];
  return world
    .zones()
    .filter(({ zone, standing, drained }) => zone !== world.own && standing !== 'lost' && !drained)
    .filter(({ zone }) => world.policyIn(zone).residency !== 'local')
    .map(({ zone, record, status }) => ({
      zone,
      name: record.name || zone,
      region: record.region,
      urls: record.urls,
      ...(status?.probe && { probe: status.probe }),
    }));
}
