/**
 * What this router is told of where a meeting is in other zones. Several controllers tell, each what it knows: of the tree between
 * zones, whose version orders what they say of it, and of where the meeting is in each zone, which has a version of its own. Pure.
 */
import type { ZoneLink } from './meeting-places.ts';

export interface ZoneLinks {
  /** Of the tree between zones. */
  readonly version: number;
  readonly links: readonly ZoneLink[];
}

/**
 * What holds after both were told, in whatever order they arrive; `before` itself when nothing is new. Under the same tree a zone that is
 * not named is one of which a controller knows nothing yet: what another knows stays.
 */
export function mergeZoneLinks(before: ZoneLinks, told: ZoneLinks): ZoneLinks {
  if (told.version < before.version) return before;
  if (told.version > before.version) return told;
  const links = new Map(before.links.map((link) => [link.zone, link]));
  let isNew = false;
  for (const link of told.links) {
    const known = links.get(link.zone);
    if (known !== undefined && known.version >= link.version) continue;
    links.set(link.zone, link);
    isNew = true;
  }
  return isNew ? { version: told.version, links: [...links.values()] } : before;
}
