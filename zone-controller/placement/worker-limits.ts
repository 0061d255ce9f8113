/** What a worker can carry, and the one number that says how full it is. */
import type { Demand } from './meeting-cost.ts';

/**
 * 0 is idle; 1 is full for people, by the tighter of participants and packets. Trunks may take a worker up to
 * `fullForTrunks`.
 */
export function loadOf(load: Demand, limits: Demand, trunkReserve: number): number {
  const packets = load.packetsPerSecond / (limits.packetsPerSecond * (1 - trunkReserve));
  return Math.max(load.participants / limits.participants, packets);
}

export function fullForTrunks(trunkReserve: number): number {
  return 1 / (1 - trunkReserve);
}

/**
 * Limits rounded down by at most a twelfth. The share that a demand has of a worker is measured against these, so that
 * a zone has few kinds of workers, and "has room" holds or not for a whole band of one kind.
 */
export function roundedLimits({ participants, packetsPerSecond }: Demand): Demand {
  return { participants: roundDown(participants), packetsPerSecond: roundDown(packetsPerSecond) };
}

function roundDown(limit: number): number {
  return 2 ** (Math.floor(Math.log2(limit) * 8) / 8);
}

export function differenceOf(a: Demand, b: Demand): Demand {
  return {
    participants: a.participants - b.participants,
    packetsPerSecond: a.packetsPerSecond - b.packetsPerSecond,
  };
}

export function sumOf(a: Demand, b: Demand): Demand {
  return {
    participants: a.participants + b.participants,
    packetsPerSecond: a.packetsPerSecond + b.packetsPerSecond,
  };
}
