/** Who has to do with which bucket, for the permissions of the servers: deploy/nats/zones.conf is an example. */
import type { BucketSpec } from '../bus/bucket.ts';
import type { ZoneAccess } from '../bus/nats/permissions.ts';
import { GLOBAL_ZONE } from '../bus/sender.ts';
import type { ZoneId } from '../common/ids.ts';
import { allBuckets, bucketsWrittenBy } from './buckets.ts';

/** Global controllers provision every bucket and purge its deletions, and write none that is a zone's. `zones`: all of the world. */
export function accessOfGlobal(zones: readonly ZoneId[]): ZoneAccess {
  const all = namesOf(allBuckets(zones));
  // To provision a bucket one looks whether it is there.
  const writes = namesOf(bucketsWrittenBy(undefined));
  return { zone: GLOBAL_ZONE, reads: all, writes, provisions: all, purges: all };
}

/** A zone reads all, takes blocks, and tells of its own meetings. */
export function accessOfZone(zone: ZoneId, zones: readonly ZoneId[]): ZoneAccess {
  return { zone, reads: namesOf(allBuckets(zones)), writes: namesOf(bucketsWrittenBy(zone)) };
}

function namesOf(buckets: readonly BucketSpec[]): string[] {
  return buckets.map(({ name }) => name);
}
