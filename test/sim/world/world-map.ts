/** Where the zones of a world are, and what its operators have declared of them. */
import type { ZoneId } from '../../../common/ids.ts';
import type { Declarations, DeclaredZone } from '../../../global-controller/daemon/declarations.ts';
import { recordOf } from '../../../global-controller/zones/zone-directory-lab.ts';
import type { Chance } from '../network/chance.ts';
import { BUS_SITE } from './bus/bus-line.ts';
import { CITIES } from './cities.ts';
import type { WideArea } from './wide-area.ts';

export function zonesOf(count: number): ZoneId[] {
  return CITIES.slice(0, count).map(({ name }) => name as ZoneId);
}

/** `onPrem`: a company's own zone, fenced from the beginning. */
export function declare(zones: readonly ZoneId[], onPrem: ZoneId | undefined, chance: Chance): Declarations {
  const declared = new Map(
    zones.map((zone, index): [ZoneId, DeclaredZone] => {
      // What operators drain stays drained.
      const { drained: _, ...record } = recordOf({ name: zone, cost: 0.02 });
      return [zone, { ...record, ...(CITIES[index] && { coordinates: CITIES[index].at }) }];
    }),
  );
  if (onPrem === undefined) return { zones: declared, policies: [] };
  const [first] = zones;
  const guests = chance.happens(0.7) && first !== undefined ? { via: first } : ('none' as const);
  const scope = { kind: 'zone', id: onPrem } as const;
  return { zones: declared, policies: [{ scope, rules: { residency: 'local', guests } }] };
}

export function placeSites(area: WideArea, zones: readonly ZoneId[]): void {
  area.place(BUS_SITE, { latitude: 50, longitude: 5 });
  for (const [index, zone] of zones.entries()) {
    const at = CITIES[index]?.at ?? { latitude: 0, longitude: 0 };
    area.place(zone, at);
    area.place(peopleSite(zone), at);
  }
}

/** Where those are who are near a zone. */
export function peopleSite(zone: ZoneId): string {
  return `people of ${zone}`;
}
