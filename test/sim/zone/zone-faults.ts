/** What happens to the zone, drawn from the seed: when, to whom, and for how long. */
import type { Chance } from '../network/chance.ts';

export const FAULTS = [
  'killRouter',
  'freezeRouter',
  'killController',
  'freezeController',
  'registryGone',
  'registrySlow',
  'registryForgets',
  'cutFromRegistry',
  'cutFromRouter',
  'drain',
  'moveWish',
  'joinStorm',
  'leaveStorm',
  'vanish',
] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly forMs: number;
  /** Of routers, controllers or meetings; whoever acts takes the remainder. */
  readonly target: number;
  readonly other: number;
}

/** For how long each lasts at most. */
const LASTS_MS: Record<FaultKind, number> = {
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
};

export function drawFaults(chance: Chance, fromMs: number, untilMs: number): Fault[] {
  const count = 3 + Math.floor(chance.uniform() * 10);
  const faults = Array.from({ length: count }, (): Fault => {
    const kind = FAULTS[Math.floor(chance.uniform() * FAULTS.length)] as FaultKind; // an index of it
    return {
      kind,
      atMs: Math.round(chance.between(fromMs, untilMs)),
      forMs: Math.round(chance.between(LASTS_MS[kind] / 20, LASTS_MS[kind])),
      target: Math.floor(chance.uniform() * 1_000),
      other: Math.floor(chance.uniform() * 1_000),
    };
  });
  return faults.sort((a, b) => a.atMs - b.atMs);
}
