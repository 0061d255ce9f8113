/** Ids of zones as they come from outside. */
import { daemonId } from '../../common/config-fields.ts';
import type { ZoneId } from '../../common/ids.ts';

// The cast: only zones are named by it.
export const zoneName = daemonId.transform((id) => id as ZoneId);

/** Every order of zones that must be the same everywhere: by code units, whatever the locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
