/**
 * Which changes have led to a state. Each router that begins to decide gives versions under a term of its own, so that two
 * that do so at the same time, apart from each other, never give the same stamp to different changes.
 */
import { MAX_TERMS } from './limits.ts';
import type { Stamp } from './meeting-state.ts';

/** The versions from `from` to the next one's were given under this term. Oldest first; the last one is in force. */
export interface TermStart {
  readonly term: string;
  readonly from: number;
}
export type Lineage = readonly TermStart[];

/** What has been changed with the stamp is part of the state that has this lineage and this version. */
export function isPartOf(lineage: Lineage, version: number, stamp: Stamp): boolean {
  const index = lineage.findIndex(({ term }) => term === stamp.term);
  if (index < 0) return false;
  const { from } = lineage[index] as TermStart; // just found
  return stamp.version >= from && stamp.version < (lineage[index + 1]?.from ?? version + 1);
}

/** So long ago that it is not known any more. */
export function isForgotten(lineage: Lineage, stamp: Stamp): boolean {
  return lineage.length === MAX_TERMS && stamp.version < (lineage[0]?.from ?? 0);
}

export function withStamp(lineage: Lineage, { term, version }: Stamp): Lineage {
  if (lineage.at(-1)?.term === term) return lineage;
  return [...lineage, { term, from: version }].slice(-MAX_TERMS);
}
