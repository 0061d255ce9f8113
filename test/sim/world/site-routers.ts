/** A site as the world's parts of a controller see their zone: one router that has all meetings. */
import type { MeetingId, RouterId, ZoneId } from '../../../common/ids.ts';
import type { MeetingDefinition, MeetingPlacement } from '../../../zone-controller/registry/records.ts';
import type { RouterView } from '../../../zone-controller/routers/router-directory.ts';
import type { ZoneSide } from '../../../zone-controller/world/zone-side.ts';
import type { Bug } from './bugs.ts';
import type { ZoneSite } from './zone-site.ts';

const ROUTER = 'r-1' as RouterId;

type Side = Pick<
  ZoneSide,
  'isLeader' | 'isLive' | 'definitions' | 'placements' | 'people' | 'router' | 'setTree' | 'setZoneLinks'
>;

export function routersOf(
  site: ZoneSite,
  accountOf: (meeting: MeetingId) => string | undefined,
  blockZone: (meeting: MeetingId) => ZoneId | undefined,
  bug: Bug | undefined,
): Side {
  // Of what the world's parts read.
  const router = {
    router: ROUTER,
    record: { zonesAddress: site.dials ? undefined : `${site.zone}:9000` },
  } as RouterView;
  const definitionOf = (meeting: MeetingId): MeetingDefinition => {
    const [home, account] = [blockZone(meeting), accountOf(meeting)];
    return { ...(home !== site.zone && { home }), ...(account !== undefined && { account }) } as MeetingDefinition; // the same
  };
  const placementOf = (meeting: MeetingId): MeetingPlacement => ({
    epoch: site.epochOf(meeting),
    version: 0,
    root: { router: ROUTER, worker: 0 },
    branches: [],
    leaving: [],
  });
  return {
    isLeader: () => true,
    isLive: (meeting) => site.peopleIn(meeting) > 0,
    get definitions() {
      return new Map([...site.placed].map((meeting) => [meeting, definitionOf(meeting)]));
    },
    get placements() {
      return new Map([...site.placed].map((meeting) => [meeting, placementOf(meeting)]));
    },
    people: (meeting) => site.peopleIn(meeting),
    router: () => router,
    setTree: async () => undefined,
    setZoneLinks: async (_router, meeting, version, links) => {
      if (bug === 'deafToTrees' && site.neighboursIn(meeting).size > 0) return;
      site.setLinks(meeting, version, new Set(links.map(({ zone }) => zone as ZoneId)));
    },
  };
}
