/** Where a meeting's root in this zone is joined with other zones, from the tree between zones and what those say of where they are. Pure. */
import type { ZoneId } from '../../common/ids.ts';
import type { PresenceRecord } from '../../global-controller/buckets.ts';
import type { TreeRecord } from '../../global-controller/trees/zone-tree.ts';
import type { Kept } from '../../global-controller/world/meeting-world.ts';
import { compareNames } from '../../global-controller/zones/zone-name.ts';
import type { ZoneLink__Output as ZoneLink } from '../../proto/gen/zonecast/router/v1/ZoneLink.ts';

export interface LinkPlan {
  /** Orders what is told of a meeting: the revision of the tree. */
  readonly version: number;
  readonly links: readonly ZoneLink[];
}

/** `own`: this zone; `listens`: its root router takes calls of others. A zone of which nothing is known yet has no link. */
export function linksOfZone(
  own: ZoneId,
  listens: boolean,
  { value: tree, revision: version }: Kept<TreeRecord>,
  presenceOf: (zone: ZoneId) => Kept<PresenceRecord> | undefined,
): LinkPlan {
  const links = neighboursIn(tree, own).flatMap(({ zone, isParent }): ZoneLink[] => {
    const presence = presenceOf(zone);
    if (presence === undefined) return [];
    const { root, dials } = presence.value;
    // Two that only call do not come together.
    if (!listens && dials) return [];
    const calls = !listens || (!dials && compareNames(own, zone) < 0);
    return [{ zone, ...root, isParent, calls, version: presence.revision }];
  });
  return { version, links };
}

interface Neighbour {
  readonly zone: ZoneId;
  /** It is nearer to the tree's root. */
  readonly isParent: boolean;
}

function neighboursIn({ edges }: TreeRecord, own: ZoneId): Neighbour[] {
  return edges.flatMap(({ zone, parent }): Neighbour[] => {
    if (zone === own) return [{ zone: parent, isParent: true }];
    return parent === own ? [{ zone, isParent: false }] : [];
  });
}
