/**
 * The buckets that zones and global controllers share: names, keys, and who may write what. Values are in zone-record.ts,
 * policy.ts, meetings/home-record.ts, trees/zone-tree.ts and below. docs/zones.md is the list.
 */
import { z } from 'zod';
import type { BucketSpec } from '../bus/bucket.ts';
import { GLOBAL_ZONE } from '../bus/sender.ts';
import { callSubject, tokenOf, zoneSubject } from '../bus/subjects.ts';
import { daemonId } from '../common/config-fields.ts';
import type { ZoneId } from '../common/ids.ts';
import { zoneName } from './zones/zone-name.ts';

const byGlobal = (): string => GLOBAL_ZONE;

export const DIRECTORY_BUCKET: BucketSpec = { name: 'directory', writerOf: byGlobal };
export const POLICIES_BUCKET: BucketSpec = { name: 'policies', writerOf: byGlobal };
export const HOMES_BUCKET: BucketSpec = { name: 'homes', writerOf: byGlobal };
export const TREES_BUCKET: BucketSpec = { name: 'trees', writerOf: byGlobal };
/** Any zone takes free ones: whose signature a value has decides, not what it says. */
export const BLOCKS_BUCKET: BucketSpec = { name: 'blocks', writerOf: () => undefined };

/** What only global controllers write. */
const OF_GLOBAL: readonly BucketSpec[] = [DIRECTORY_BUCKET, POLICIES_BUCKET, HOMES_BUCKET, TREES_BUCKET];

/** All 90 000 blocks take some 50 MB. docs/bus.md says how to reckon what a world needs. */
export const DEFAULT_BUCKET_MIB = 64;

/** Ids of zones are part of the names of buckets, which have 64 characters. */
export const MAX_ZONE_ID = 48;

/** Where the zone's meetings are and how many people they have there; only the zone writes. Keys are meetings. */
export function presenceBucket(zone: ZoneId): BucketSpec {
  return { name: `presence-${bucketPart(zone)}`, writerOf: () => zone };
}

/** Definitions of the zone's meetings that others may come to; only the zone writes. Keys are meetings. */
export function definitionsBucket(zone: ZoneId): BucketSpec {
  return { name: `definitions-${bucketPart(zone)}`, writerOf: () => zone };
}

/** What all zones share and what each has of its own: all that there is. */
export function allBuckets(zones: readonly ZoneId[]): BucketSpec[] {
  return [...OF_GLOBAL, BLOCKS_BUCKET, ...zones.map(presenceBucket), ...zones.map(definitionsBucket)];
}

/** Which of them a writer writes keys of; undefined: global controllers. */
export function bucketsWrittenBy(zone: ZoneId | undefined): readonly BucketSpec[] {
  return zone === undefined ? OF_GLOBAL : [BLOCKS_BUCKET, presenceBucket(zone), definitionsBucket(zone)];
}

/** Names of buckets have neither dots nor `=`. */
function bucketPart(zone: ZoneId): string {
  return zone.replaceAll('.', '__');
}

const ZONE_KEY = 'zones.';

export function directoryKey(zone: ZoneId): string {
  return `${ZONE_KEY}${tokenOf(zone)}`;
}

/** undefined: the key is no zone's. */
export function zoneOfDirectoryKey(key: string): ZoneId | undefined {
  const name = zoneName.safeParse(key.slice(ZONE_KEY.length).replaceAll('=', '.'));
  return key.startsWith(ZONE_KEY) && name.success ? name.data : undefined;
}

/** Value of `blocks`/`{block}`. */
export const blockRecord = z.object({ zone: zoneName });

/** Value of `presence-{zone}`/`{meeting}`: as long as the meeting is in the zone. */
export const presenceRecord = z.object({
  /** Where its root in the zone is. */
  root: z.object({ router: daemonId, address: z.string().max(256), worker: z.int().min(0) }),
  epoch: z.int().min(1),
  people: z.int().min(0),
  /** The zone's router opens the trunks to others; they do not come to it. */
  dials: z.boolean().default(false),
  /** Whose policy counts for the meeting. */
  account: daemonId.optional(),
});
export type PresenceRecord = z.output<typeof presenceRecord>;

/** Where a zone tells its status (zones/zone-status.ts), once a second. */
export function statusSubject(zone: ZoneId): string {
  return zoneSubject(zone, 'status');
}

/** All zones' statuses, for global controllers. */
export const STATUS_PATTERN = 'zonecast.zones.*.status';

/** Where the controllers of a zone tell the one that speaks for it that clients of another zone come to them. */
export function cameFromCall(zone: ZoneId): string {
  return callSubject(zone, zone, 'cameFrom');
}

/** Where a zone answers a global controller with its status of the moment. */
export function statusCall(zone: ZoneId): string {
  return callSubject(zone, GLOBAL_ZONE, 'status');
}

/** What a zone asks another, any of whose controllers answers; who listens gives `*` as caller. Payloads: definition-calls.ts. */
export type DefinitionCall = 'definition' | 'endMeeting' | 'definitionChanged';

/** Where a zone has another do what is ordered in a meeting about its rooms, or the other way round (room-acts.ts). */
export function actCall(callee: ZoneId, caller: ZoneId | '*'): string {
  return callSubject(callee, caller, 'act');
}

/** Where a zone has another answer who asks about one of its meetings (meeting-requests.ts). */
export function meetingRequestCall(callee: ZoneId, caller: ZoneId | '*'): string {
  return callSubject(callee, caller, 'meetingRequest');
}

export function definitionCall(callee: ZoneId, caller: ZoneId | '*', what: DefinitionCall): string {
  return callSubject(callee, caller, what);
}
