/** Media between zones: a meeting's goes where both ends have the link and the way is not cut; and what its ends say of that. */
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import type { TrunkHealth } from '../../../global-controller/zones/zone-status.ts';
import type { WideArea } from './wide-area.ts';
import type { ZoneSite } from './zone-site.ts';

/** Without media, until an end says that the trunk is down. */
const DOWN_MS = 1_500;
/** To open one. */
const OPEN_MS = 3_000;

interface Trunk {
  readonly wantedMs: number;
  mediaMs: number | undefined;
  isRefused: boolean;
}

export class Trunks {
  readonly #area: WideArea;
  readonly #sites: ReadonlyMap<ZoneId, ZoneSite>;
  /** By zone, then by the zone at the other end. */
  readonly #trunks = new Map<ZoneId, Map<ZoneId, Trunk>>();

  constructor(area: WideArea, sites: ReadonlyMap<ZoneId, ZoneSite>) {
    this.#area = area;
    this.#sites = sites;
  }

  canReach(a: ZoneId, b: ZoneId): boolean {
    const both = this.#sites.get(a)?.isAlive === true && this.#sites.get(b)?.isAlive === true;
    return both && !this.#area.isCut(a, b);
  }

  isOpen(meeting: MeetingId, a: ZoneId, b: ZoneId): boolean {
    const [one, other] = [this.#sites.get(a), this.#sites.get(b)];
    if (one === undefined || other === undefined || !this.canReach(a, b)) return false;
    return one.neighboursIn(meeting).has(b) && other.neighboursIn(meeting).has(a);
  }

  /** Zones that the meeting's media gets to from this one, itself included. */
  reach(meeting: MeetingId, from: ZoneId): Set<ZoneId> {
    const reached = new Set([from]);
    for (const zone of reached) {
      for (const next of this.#sites.get(zone)?.neighboursIn(meeting) ?? [])
        if (this.isOpen(meeting, zone, next)) reached.add(next);
    }
    return reached;
  }

  /** To be called every few hundred milliseconds. */
  tick(nowMs: number): void {
    for (const site of this.#sites.values()) {
      const trunks = this.#trunks.get(site.zone) ?? new Map<ZoneId, Trunk>();
      this.#trunks.set(site.zone, trunks);
      const wanted = new Set([...site.linked].flatMap((meeting) => [...site.neighboursIn(meeting)]));
      for (const zone of trunks.keys()) if (!wanted.has(zone)) trunks.delete(zone);
      for (const zone of wanted) {
        const trunk = trunks.get(zone) ?? { wantedMs: nowMs, mediaMs: undefined, isRefused: false };
        trunks.set(zone, trunk);
        const isOpen = [...site.linked].some((meeting) => this.isOpen(meeting, site.zone, zone));
        if (isOpen) trunk.mediaMs = nowMs;
        // The other end is there and says that it has no such link: nothing is broken.
        trunk.isRefused = !isOpen && this.canReach(site.zone, zone);
      }
    }
  }

  healthOf(zone: ZoneId, nowMs: number): TrunkHealth[] {
    return [...(this.#trunks.get(zone) ?? [])].flatMap(([other, { wantedMs, mediaMs, isRefused }]) => {
      if (isRefused || (mediaMs === undefined && nowMs - wantedMs < OPEN_MS)) return [];
      const up = mediaMs !== undefined && nowMs - mediaMs < DOWN_MS;
      return [{ zone: other, rttMs: this.#area.rttMs(zone, other), loss: up ? 0 : 1, up }];
    });
  }
}
