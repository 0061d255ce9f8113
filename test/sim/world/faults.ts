/** What happens to the world, drawn from the seed: when, to whom, and for how long. */
import type { Chance } from '../network/chance.ts';

export const FAULTS = [
  'zoneLost',
  'cutFromBus',
  'cutFromZones',
  'cutFromAll',
  'cutPair',
  'onPremAlone',
  'killSpeaker',
  'freezeSpeaker',
  'killGlobal',
  'freezeGlobal',
  'cutGlobal',
  'globalsGone',
  'busGone',
  'watchGap',
  'badWay',
  'slowWay',
  'clockJump',
  'policyChange',
  'drain',
  'zoneDrainsItself',
  'joinStorm',
  'leaveStorm',
] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly forMs: number;
  /** Of zones, global controllers or meetings; whoever acts takes the remainder. */
  readonly target: number;
  readonly other: number;
}

/** For how long each lasts at most. */
const LASTS_MS: Record<FaultKind, number> = {
  zoneLost: 40_000,
  cutFromBus: 30_000,
  cutFromZones: 30_000,
  cutFromAll: 40_000,
  cutPair: 40_000,
  onPremAlone: 40_000,
  killSpeaker: 10_000,
  freezeSpeaker: 10_000,
  killGlobal: 15_000,
  freezeGlobal: 15_000,
  cutGlobal: 30_000,
  globalsGone: 30_000,
  busGone: 30_000,
  watchGap: 1,
  badWay: 30_000,
  slowWay: 20_000,
  clockJump: 40_000,
  policyChange: 1,
  drain: 40_000,
  zoneDrainsItself: 30_000,
  joinStorm: 1,
  leaveStorm: 1,
};

export function isFault(name: string): name is FaultKind {
  return (FAULTS as readonly string[]).includes(name);
}

/** `kinds`: only these. */
export function drawFaults(chance: Chance, fromMs: number, untilMs: number, kinds: readonly FaultKind[]): Fault[] {
  const count = kinds.length === 0 ? 0 : 3 + Math.floor(chance.uniform() * 10);
  const faults = Array.from({ length: count }, (): Fault => {
    const kind = kinds[Math.floor(chance.uniform() * kinds.length)] as FaultKind; // an index of it
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
