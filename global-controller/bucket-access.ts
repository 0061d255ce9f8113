/** Who has to do with which bucket, for the permissions of the servers: deploy/nats/zones.conf is an example. */
import type { ZoneAccess } from '../bus/nats/permissions.ts';
import { GLOBAL_ZONE } from '../bus/sender.ts';
import type { ZoneId } from '../common/ids.ts';
import {
  BLOCKS_BUCKET,
  DIRECTORY_BUCKET,
  definitionsBucket,
  HOMES_BUCKET,
  POLICIES_BUCKET,
  presenceBucket,
  TREES_BUCKET,
} from './buckets.ts';

const OF_GLOBAL = [DIRECTORY_BUCKET, POLICIES_BUCKET, HOMES_BUCKET, TREES_BUCKET].map(({ name }) => name);
const BLOCKS = BLOCKS_BUCKET.name;

/** Global controllers provision every bucket, and write none that is a zone's. `zones`: all of the world. */
export function accessOfGlobal(zones: readonly ZoneId[]): ZoneAccess {
  const [presences, definitions] = [presencesOf(zones), definitionsOf(zones)];
  return {
    zone: GLOBAL_ZONE,
    // To provision a bucket one looks whether it is there.
    reads: [...OF_GLOBAL, BLOCKS, ...presences, ...definitions],
    writes: OF_GLOBAL,
    provisions: [...OF_GLOBAL, BLOCKS, ...presences, ...definitions],
  };
}

/** A zone reads all, takes blocks, and tells of its own meetings. */
export function accessOfZone(zone: ZoneId, zones: readonly ZoneId[]): ZoneAccess {
  return {
    zone,
    reads: [...OF_GLOBAL, BLOCKS, ...presencesOf(zones), ...definitionsOf(zones)],
    writes: [BLOCKS, presenceBucket(zone).name, definitionsBucket(zone).name],
  };
}

function presencesOf(zones: readonly ZoneId[]): string[] {
  return zones.map((zone) => presenceBucket(zone).name);
}

function definitionsOf(zones: readonly ZoneId[]): string[] {
  return zones.map((zone) => definitionsBucket(zone).name);
}
