/** What a zone says of itself every second, on `zonecast.zones.{zone}.status`. Whole each time: the last one is enough. */
import { z } from 'zod';
import { zoneName } from './zone-name.ts';

/** How often a zone speaks. */
export const STATUS_PERIOD_MS = 1_000;
/** No zone has trunks to more others. */
export const MAX_TRUNKS = 256;
const MAX_RELEASES = 16;

const count = z.int().min(0);
const perSecond = z.number().min(0);

export const trunkHealth = z.object({
  /** The zone at the other end. */
  zone: zoneName,
  /** Smoothed, milliseconds. */
  rttMs: z.number().min(0).max(60_000),
  /** Share of packets, 0–1. */
  loss: z.number().min(0).max(1),
  /** False: media does not come through any more. */
  up: z.boolean(),
});
export type TrunkHealth = z.output<typeof trunkHealth>;

export const zoneStatus = z.object({
  /** Drawn anew whenever another controller begins to speak for the zone. */
  instance: z.string().min(1).max(64),
  /** Grows by 1 with each status of the instance. */
  seq: count,
  load: z.object({
    participants: count,
    packetsPerSecond: perSecond,
    /** What the ready routers carry at most, together. */
    capacity: z.object({ participants: count, packetsPerSecond: perSecond }),
  }),
  routersReady: count,
  releases: z.array(z.string().max(64)).max(MAX_RELEASES).default([]),
  trunks: z.array(trunkHealth).max(MAX_TRUNKS).default([]),
  /** Zones whose clients have come here in the last seconds because they could not reach theirs. */
  strandedFrom: z.array(zoneName).max(MAX_TRUNKS).default([]),
  /** The zone itself wants nobody new. */
  drained: z.boolean().default(false),
});
export type ZoneStatus = z.output<typeof zoneStatus>;

/** undefined: not a status. */
export function readZoneStatus(payload: unknown): ZoneStatus | undefined {
  const result = zoneStatus.safeParse(payload);
  return result.success ? result.data : undefined;
}

/** Share of the zone that is free, by what is tightest, 0–1. A zone without a ready router has no room. */
export function headRoomOf({ load, routersReady }: ZoneStatus): number {
  const { participants, packetsPerSecond, capacity } = load;
  if (routersReady === 0) return 0;
  const used = Math.max(share(participants, capacity.participants), share(packetsPerSecond, capacity.packetsPerSecond));
  return Math.max(0, 1 - used);
}

function share(used: number, capacity: number): number {
  return capacity > 0 ? used / capacity : 1;
}
