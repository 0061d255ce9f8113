/**
 * How all zones are, for all zones: what they rank zones by. Global controllers tell it every second, because a zone hears no other
 * zone itself; so with N zones there are N messages a second and not N². Who hears nothing goes on with what it heard last.
 */
import { z } from 'zod';
import { GLOBAL_ZONE } from '../../bus/sender.ts';
import { zoneSubject } from '../../bus/subjects.ts';
import type { KnownZone } from '../zones/known-zone.ts';
import { zoneName } from '../zones/zone-name.ts';
import { type ToldStatus, toldStatus } from '../zones/zone-status.ts';

export const DIGEST_SUBJECT = zoneSubject(GLOBAL_ZONE, 'zones');
const MAX_ZONES = 1_000;

const worldDigest = z.object({
  zones: z
    .array(
      z.object({
        zone: zoneName,
        standing: z.enum(['new', 'well', 'silent', 'lost']),
        drained: z.boolean(),
        /** Milliseconds since it has spoken. */
        silentMs: z.number().min(0),
        /** Absent: it has never spoken. */
        status: toldStatus.optional(),
      }),
    )
    .max(MAX_ZONES),
});
export type WorldDigest = z.output<typeof worldDigest>;

export function digestOf(zones: Iterable<KnownZone>): WorldDigest {
  return {
    zones: [...zones].map(({ zone, standing, drained, silentMs, status }) => {
      const said = { zone, standing, drained, silentMs };
      return status === undefined ? said : { ...said, status: toldOf(status) };
    }),
  };
}

function toldOf({ load, routersReady, probe }: ToldStatus): ToldStatus {
  return { load, routersReady, ...(probe && { probe }) };
}

/** undefined: not a digest. */
export function readDigest(payload: unknown): WorldDigest | undefined {
  const result = worldDigest.safeParse(payload);
  return result.success ? result.data : undefined;
}
