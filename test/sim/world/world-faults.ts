/** What may happen to a world, and for how long it lasts at most, milliseconds. */
import type { Fault } from '../common/faults.ts';

export const LASTS_MS = {
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
} as const;

export type FaultKind = keyof typeof LASTS_MS;
export type WorldFault = Fault<FaultKind>;

export const WORLD_FAULTS = Object.keys(LASTS_MS) as FaultKind[];
