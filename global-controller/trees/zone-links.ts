/** How zones reach each other: as trunks measure it, or else as far as they are from each other. */
import type { ZoneId } from '../../common/ids.ts';
import { distanceKm } from '../geo/geo-point.ts';
import type { KnownZone } from '../zones/known-zone.ts';
import type { TrunkHealth } from '../zones/zone-status.ts';
import type { CutMemory } from './cut-memory.ts';

export interface ZoneLink {
  readonly rttMs: number;
  /** Share, 0–1. */
  readonly loss: number;
  /** `estimated`: no trunk measures it. `suspect`: the same, and the last one broke. `down`: cannot be used. */
  readonly state: 'measured' | 'estimated' | 'suspect' | 'down';
}

/** 100 km a millisecond of round trip in glass; cables take half as much again as the shortest way, routers add some. */
const MS_PER_KM = 1.5 / 100;
const LAST_MILE_MS = 4;
/** Of zones of which nobody knows where they are: as over an ocean. */
const UNKNOWN_RTT_MS = 120;

/** The same both ways. */
export function linkBetween(a: KnownZone, b: KnownZone, cuts: CutMemory, nowMs: number): ZoneLink {
  const trunks = [...trunksOf(a, b.zone), ...trunksOf(b, a.zone)];
  if (trunks.length === 0) {
    const state = cuts.isSuspect(a.zone, b.zone, nowMs) ? 'suspect' : 'estimated';
    return { rttMs: estimateRttMs(a, b), loss: 0, state };
  }
  // The two ends need not agree; the worse one counts.
  return {
    rttMs: Math.max(...trunks.map(({ rttMs }) => rttMs)),
    loss: Math.max(...trunks.map(({ loss }) => loss)),
    state: trunks.every(({ up }) => up) ? 'measured' : 'down',
  };
}

function trunksOf({ status }: KnownZone, to: ZoneId): TrunkHealth[] {
  return status?.trunks.filter(({ zone }) => zone === to) ?? [];
}

function estimateRttMs(a: KnownZone, b: KnownZone): number {
  const [from, to] = [a.record.coordinates, b.record.coordinates];
  if (from === undefined || to === undefined) return UNKNOWN_RTT_MS;
  return LAST_MILE_MS + distanceKm(from, to) * MS_PER_KM;
}
