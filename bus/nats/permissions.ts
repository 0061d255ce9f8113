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

export interface ZoneAccess {
  readonly zone: string;
  readonly reads: readonly string[];
  /** Buckets that it provisions and may write any key of; it reads them, too. */
  readonly owns?: readonly string[];
}

/** Answers to what came: one each, and only for so long. The servers' `allow_responses`. */
export const RESPONSES = { max: 1, seconds: 60 } as const;

export function natsPermissions({ zone, reads, owns = [] }: ZoneAccess): NatsPermissions {
  const me = tokenOf(zone);
  // The global controller hears every zone; a zone hears the global controller.
  const heard = zone === GLOBAL_ZONE ? 'zonecast.zones.>' : `zonecast.zones.${GLOBAL_ZONE}.>`;
  return {
    publish: [
      `zonecast.zones.${me}.>`,
      `zonecast.calls.*.${me}.>`,
      ...[...reads, ...owns].flatMap((bucket) => [
        `$JS.API.STREAM.INFO.KV_${bucket}`,
        `$JS.API.STREAM.MSG.GET.KV_${bucket}`,
        `$JS.API.CONSUMER.CREATE.KV_${bucket}`,
      ]),
      ...owns.flatMap((bucket) => [`$JS.API.STREAM.CREATE.KV_${bucket}`, keySubject(bucket, '>')]),
    ],
    subscribe: [`${inboxPrefix(zone)}.>`, `zonecast.calls.${me}.>`, heard],
  };
}
