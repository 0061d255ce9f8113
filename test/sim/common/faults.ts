/** What happens to whatever is simulated, drawn from the seed: when, to whom, and for how long. */
import type { Chance } from '../network/chance.ts';

const LEAST = 3;
const MOST = 12;

export interface Fault<Kind extends string> {
  readonly kind: Kind;
  readonly atMs: number;
  readonly forMs: number;
  /** Of those to whom it may happen; whoever acts takes the remainder. */
  readonly target: number;
  readonly other: number;
}

/** In order of time. `lastsMs`: for how long each kind lasts at most, milliseconds. */
export function drawFaults<Kind extends string>(
  chance: Chance,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  kinds: readonly Kind[],
  lastsMs: Readonly<Record<Kind, number>>,
): Fault<Kind>[] {
  const count = kinds.length === 0 ? 0 : LEAST + Math.floor(chance.uniform() * (MOST - LEAST + 1));
  const faults = Array.from({ length: count }, (): Fault<Kind> => {
    const kind = kinds[Math.floor(chance.uniform() * kinds.length)] as Kind; // an index of it
    return {
      kind,
      atMs: Math.round(chance.between(fromMs, untilMs)),
      forMs: Math.round(chance.between(lastsMs[kind] / 20, lastsMs[kind])),
      target: Math.floor(chance.uniform() * 1_000),
      other: Math.floor(chance.uniform() * 1_000),
    };
  });
  return faults.sort((a, b) => a.atMs - b.atMs);
}
