/** What a zone says of itself every second, on `zonecast.zones.{zone}.status`. Whole each time: the last one is enough. */
import { z } from 'zod';
import { zoneName } from './zone-name.ts';

/** How often a zone speaks. */
export const STATUS_PERIOD_MS = 1_000;
/** No zone has trunks to more others. */
export const MAX_TRUNKS = 256;
export const MAX_RELEASES = 16;
/** Two routers, each by IPv4 and IPv6. */
export const MAX_PROBE_TARGETS = 4;

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

/** Where clients measure how far the zone is, and by which ICE credential: docs/zones.md. */
export const zoneProbe = z.object({
  ufrag: z.string().regex(/^probe\/[\w+/]{1,64}$/),
  password: z.string().regex(/^[\w+/]{22,256}$/),
  targets: z
    .array(z.object({ address: z.union([z.ipv4(), z.ipv6()]), port: z.int().min(1).max(65_535) }))
    .max(MAX_PROBE_TARGETS),
});
export type ZoneProbe = z.output<typeof zoneProbe>;

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
  /** Absent: it cannot be measured now. */
  probe: zoneProbe.optional(),
  /** The zone itself wants nobody new. */
  drained: z.boolean().default(false),
});
export type ZoneStatus = z.output<typeof zoneStatus>;

/** What every zone is told of it, in the digest of all zones; the rest concerns only who plans trees. */
export const toldStatus = zoneStatus.pick({ load: true, routersReady: true, probe: true });
export type ToldStatus = z.output<typeof toldStatus>;

/** undefined: not a status. */
export function readZoneStatus(payload: unknown): ZoneStatus | undefined {
  const result = zoneStatus.safeParse(payload);
  return result.success ? result.data : undefined;
}

/** Share of the zone that is free, by what is tightest, 0–1. A zone without a ready router has no room. */
export function headRoomOf({ load, routersReady }: ToldStatus): number {
  const { participants, packetsPerSecond, capacity } = load;
  if (routersReady === 0) return 0;
  const used = Math.max(share(participants, capacity.participants), share(packetsPerSecond, capacity.packetsPerSecond));
  return Math.max(0, 1 - used);
}

function share(used: number, capacity: number): number {
  return capacity > 0 ? used / capacity : 1;
}
