/**
 * What the servers let a zone do: speak in its own name, hear what is for it, and read the buckets. deploy/nats/zones.conf
 * says the same, and docs/bus.md why.
 */
import { GLOBAL_ZONE } from '../sender.ts';
import { inboxPrefix, keySubject, tokenOf } from '../subjects.ts';

/** As the servers' configuration calls them. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Names of buckets. */
export interface ZoneAccess {
  readonly zone: string;
  readonly reads: readonly string[];
  /** Of which it may write any key. */
  readonly writes?: readonly string[];
  readonly provisions?: readonly string[];
  /** Of which it may purge deletions. The servers cannot tell these from values: it could take away any. */
  readonly purges?: readonly string[];
}

/**
 * Each request that a zone receives may be answered once, within so many seconds, wherever its reply is to go: `allow_responses`
 * in the servers' configuration.
 */
export const RESPONSES = { max: 1, seconds: 60 } as const;

export function natsPermissions({
  zone,
  reads,
  writes = [],
  provisions = [],
  purges = [],
}: ZoneAccess): NatsPermissions {
  const me = tokenOf(zone);
  // The global controller hears every zone; a zone hears the global controller.
  const heard = zone === GLOBAL_ZONE ? 'zonecast.zones.>' : `zonecast.zones.${GLOBAL_ZONE}.>`;
  return {
    publish: [
      `zonecast.zones.${me}.>`,
      `zonecast.calls.*.${me}.>`,
      ...reads.flatMap((bucket) => [
        `$JS.API.STREAM.INFO.KV_${bucket}`,
        `$JS.API.STREAM.MSG.GET.KV_${bucket}`,
        `$JS.API.CONSUMER.CREATE.KV_${bucket}`,
      ]),
      ...provisions.map((bucket) => `$JS.API.STREAM.CREATE.KV_${bucket}`),
      ...purges.map((bucket) => `$JS.API.STREAM.MSG.DELETE.KV_${bucket}`),
      ...writes.map((bucket) => keySubject(bucket, '>')),
    ],
    subscribe: [`${inboxPrefix(zone)}.>`, `zonecast.calls.${me}.>`, heard],
  };
}
