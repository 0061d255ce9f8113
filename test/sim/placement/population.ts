/** Who meets: sizes of meetings, how fast people come, how much traffic they really make. All drawn from one seed. */
import type { Chance } from '../network/chance.ts';

/** Share of the meetings, and from how many to how many people: most are small, a few are very large. */
const SIZES: readonly (readonly [share: number, from: number, to: number])[] = [
  [0.3, 2, 2],
  [0.2, 3, 3],
  [0.15, 4, 4],
  [0.25, 5, 10],
  [0.08, 11, 50],
  [0.018, 51, 200],
  [0.002, 201, 1_000],
];

/** Within a row of the table, small sizes are more frequent. */
export function drawSize(chance: Chance): number {
  let left = chance.uniform();
  for (const [share, from, to] of SIZES) {
    if (left < share) return Math.floor(from * ((to + 1) / from) ** chance.uniform());
    left -= share;
  }
  return 2;
}

/** What a meeting really sends, of what the cost model expects. */
export function drawActivity(chance: Chance): number {
  return chance.between(0.6, 1.1);
}

/** Until the next of `size` people joins, milliseconds: most come within half a minute. */
export function drawJoinGapMs(chance: Chance, size: number): number {
  return chance.exponential(Math.min(5_000, 30_000 / size));
}
