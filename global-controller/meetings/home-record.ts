/**
 * Which zone is the home of a meeting: where its root is while people are there, and whose controllers answer for it. By
 * default the zone that has its block of ids; a record says otherwise when that zone was lost.
 */
import { z } from 'zod';
import type { ZoneId } from '../../common/ids.ts';
import { zoneName } from '../zones/zone-name.ts';

/** Value of `homes`/`{meeting}`. Never deleted while the meeting is defined: the term must not begin anew. */
export const homeRecord = z.object({
  zone: zoneName,
  /** Grows by 1 with every change; the block's zone has term 0. The higher term is right. */
  term: z.int().min(1),
});
export type HomeRecord = z.output<typeof homeRecord>;

export interface Home {
  readonly zone: ZoneId;
  readonly term: number;
}
