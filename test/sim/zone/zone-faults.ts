/** What may happen to a zone, and for how long it lasts at most, milliseconds. */
import type { Fault } from '../common/faults.ts';

export const LASTS_MS = {
  killRouter: 20_000,
  freezeRouter: 30_000,
  killController: 10_000,
  freezeController: 12_000,
  registryGone: 15_000,
  registrySlow: 10_000,
  registryForgets: 1,
  cutFromRegistry: 15_000,
  cutFromRouter: 25_000,
  drain: 60_000,
  moveWish: 1,
  joinStorm: 1,
  leaveStorm: 1,
  vanish: 1,
} as const;

export type ZoneFault = Fault<keyof typeof LASTS_MS>;

export const ZONE_FAULTS = Object.keys(LASTS_MS) as ZoneFault['kind'][];
