/** How long the definition of a meeting is kept. Pure. */
import type { MeetingDefinition } from '../../registry/records.ts';
import { lastEndMs } from './occurrences.ts';

/** A recurrence without an end, if nobody comes any more. */
const UNBOUNDED_MS = 366 * 24 * 3_600_000;

/**
 * Unix time; null: for ever. `usedMs`: of its last use. `lifeMs`: how long it is kept after that, and after the last
 * occurrence.
 */
export function expiryOf(
  { personal, schedule }: Pick<MeetingDefinition, 'personal' | 'schedule'>,
  usedMs: number,
  lifeMs: number,
): number | null {
  if (personal === true) return null;
  if (schedule === undefined) return usedMs + lifeMs;
  const endMs = lastEndMs(schedule);
  if (endMs === undefined) return Math.max(schedule.startMs, usedMs) + UNBOUNDED_MS;
  return Math.max(endMs, usedMs) + lifeMs;
}
