/** When a scheduled meeting takes place. Pure; the work for any rule is bounded. */
import { RRuleTemporal } from 'rrule-temporal';
import type { MeetingDefinition } from '../../registry/records.ts';
import { parseRecurrence, type RecurrenceRule, withoutUntil } from './recurrence-rule.ts';
import { inTimeZone, type ZonedTime } from './wall-time.ts';

export type Schedule = NonNullable<MeetingDefinition['schedule']>;

/** Unix times. */
export interface Occurrence {
  readonly startMs: number;
  readonly endMs: number;
}

export interface OccurrenceQuery {
  /** Those that are not over by then. */
  readonly fromMs: number;
  /** Those that begin before. */
  readonly toMs?: number | undefined;
  readonly limit: number;
}

/** Nobody plans further: what comes so long after the beginning of a query is not looked for. */
export const HORIZON_MS = 10 * 366 * 24 * 3_600_000;
/** Days, weeks, months or years that are looked at for one occurrence: all days to the horizon. */
const MAX_ITERATIONS = 4_000;
const MAX_CANDIDATES = 100_000;

/**
 * In order of time, with what is included and without what is excluded. Times of day stay the same in the schedule's time zone;
 * one that is skipped there is left out.
 */
export function occurrencesOf(schedule: Schedule, query: OccurrenceQuery): Occurrence[] {
  const { startMs, durationMinutes, rrule, included = [], excluded = [] } = schedule;
  const durationMs = durationMinutes * 60_000;
  const fromMs = Math.max(query.fromMs, startMs);
  const toMs = Math.min(query.toMs ?? Number.POSITIVE_INFINITY, fromMs + HORIZON_MS);
  const ruled = rrule === undefined ? [startMs] : recurring(schedule, parseRecurrence(rrule), query, toMs);
  const starts = new Set([...ruled, ...included]);
  for (const start of excluded) starts.delete(start);
  return [...starts]
    .filter((start) => start + durationMs > query.fromMs && start < toMs)
    .sort((a, b) => a - b)
    .slice(0, query.limit)
    .map((start) => ({ startMs: start, endMs: start + durationMs }));
}

/** Unix time at which the last occurrence is over, or somewhat later; undefined: there is none that is the last. */
export function lastEndMs(schedule: Schedule): number | undefined {
  const { startMs, durationMinutes, rrule, included = [] } = schedule;
  const lastOf = (starts: readonly number[]): number =>
    Math.max(startMs, ...starts, ...included) + durationMinutes * 60_000;
  if (rrule === undefined) return lastOf([]);
  const rule = parseRecurrence(rrule);
  if (rule.count !== undefined) return lastOf(counted(schedule, rule));
  return rule.untilMs === undefined ? undefined : lastOf([rule.untilMs]);
}

/** The first of these Unix times that is none of the schedule's starts, whatever is excluded. */
export function notAmong(schedule: Schedule, times: readonly number[]): number | undefined {
  const { startMs, timeZone, rrule, included } = schedule;
  const listed = new Set(included).add(startMs);
  const rule = rrule === undefined ? undefined : parseRecurrence(rrule);
  const all = rule?.count === undefined ? undefined : new Set(counted(schedule, rule));
  const until = rule?.untilMs === undefined ? {} : { until: inTimeZone(rule.untilMs, timeZone) };
  const recurrence = rule && ruleOf(schedule, withoutUntil(rule), until);
  return times.find((ms) => {
    if (listed.has(ms)) return false;
    if (all !== undefined || recurrence === undefined || ms < startMs) return all?.has(ms) !== true;
    return withinReach(() => recurrence.next(inTimeZone(ms - 1, timeZone)))?.epochMilliseconds !== ms;
  });
}

function recurring(schedule: Schedule, rule: RecurrenceRule, { fromMs, limit }: OccurrenceQuery, toMs: number) {
  if (rule.count !== undefined) return counted(schedule, rule);
  const until = inTimeZone(Math.min(rule.untilMs ?? toMs, toMs), schedule.timeZone);
  const recurrence = ruleOf(schedule, withoutUntil(rule), { until });
  // `next` begins after the time that it is given.
  const afterMs = Math.max(fromMs - schedule.durationMinutes * 60_000, schedule.startMs - 1);
  const excluded = new Set(schedule.excluded);
  const starts: number[] = [];
  let after: ZonedTime | null = inTimeZone(afterMs, schedule.timeZone);
  while (starts.length < limit && after !== null) {
    after = withinReach(() => recurrence.next(after ?? undefined)) ?? null;
    if (after !== null && !excluded.has(after.epochMilliseconds)) starts.push(after.epochMilliseconds);
  }
  return starts;
}

/** Of rules that say how many there are, all: counting begins at the first one each time. */
const COUNTED = new WeakMap<Schedule, readonly number[]>();

function counted(schedule: Schedule, rule: RecurrenceRule): readonly number[] {
  const known = COUNTED.get(schedule);
  if (known !== undefined) return known;
  const recurrence = ruleOf(schedule, withoutUntil(rule), {});
  const starts: number[] = [];
  const note = (start: ZonedTime): boolean => {
    starts.push(start.epochMilliseconds);
    return true;
  };
  withinReach(() => recurrence.all(note));
  COUNTED.set(schedule, starts);
  return starts;
}

/** COUNT and UNTIL are of the rule alone (RFC 5545 section 3.8.5): what is excluded counts, what is included does not. */
function ruleOf({ startMs, timeZone }: Schedule, text: string, end: { readonly until?: ZonedTime }) {
  return new RRuleTemporal({
    rruleString: `RRULE:${text}`,
    dtstart: inTimeZone(startMs, timeZone),
    strict: true,
    cache: false,
    maxIterations: MAX_ITERATIONS,
    maxCandidateEvaluations: MAX_CANDIDATES,
    ...end,
  });
}

/** The library throws where it would search for longer than it may: for us, there are no more then. */
function withinReach<Result>(search: () => Result): Result | undefined {
  try {
    return search();
  } catch (error) {
    if (error instanceof Error && /^Maximum |Out-of-bounds/.test(error.message)) return undefined;
    throw error;
  }
}
