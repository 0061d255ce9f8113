/** A schedule as people wish it, checked. */
import { ZonecastError } from '../../../common/errors.ts';
import { HORIZON_MS, lastEndMs, notAmong, occurrencesOf, type Schedule } from './occurrences.ts';
import { formatIn, isTimeZone, parseTime } from './wall-time.ts';

export interface ScheduleWish {
  /** RFC 3339; without an offset, in the time zone. */
  readonly start: string;
  readonly durationMinutes: number;
  /** IANA name. */
  readonly timeZone: string;
  /** RFC 5545 section 3.3.10. */
  readonly recurrence?: string | undefined;
  /** Starts of occurrences that are left out, as `start`. */
  readonly exclude?: readonly string[] | undefined;
  /** Starts of further ones. */
  readonly include?: readonly string[] | undefined;
}

/** @throws ZonecastError `badMessage` in words for who wished it */
export function checkSchedule(wish: ScheduleWish, nowMs: number): Schedule {
  const { start, durationMinutes, timeZone, recurrence } = wish;
  if (!isTimeZone(timeZone)) throw wrong(`"${timeZone}" is no time zone such as Europe/Berlin.`);
  const startMs = parseTime(start, timeZone);
  if (startMs > nowMs + HORIZON_MS) throw wrong('The meeting would be more than ten years from now.');
  const rule = { startMs, durationMinutes, timeZone, ...(recurrence === undefined ? {} : { rrule: recurrence }) };
  checkTimes(rule);
  const included = timesOf(wish.include, timeZone);
  for (const each of included) checkIncluded(each, rule, nowMs);
  const whole = included.length === 0 ? rule : { ...rule, included };
  const excluded = timesOf(wish.exclude, timeZone);
  const nothing = notAmong(whole, excluded);
  // A mistake, of the time zone most often.
  if (nothing !== undefined) throw wrong(`There is nothing to leave out at ${formatIn(nothing, timeZone)}.`);
  const schedule = excluded.length === 0 ? whole : { ...whole, excluded };
  if (excluded.length > 0 && occurrencesOf(schedule, { fromMs: startMs, limit: 1 }).length === 0) {
    throw wrong('With all that is left out, the meeting would never take place.');
  }
  const endMs = lastEndMs(schedule);
  if (endMs !== undefined && endMs <= nowMs) throw wrong('The meeting would be over already.');
  return schedule;
}

/** RFC 5545 section 3.8.5.3: the start is the first occurrence; one that the rule does not give has no meaning. */
function checkTimes(schedule: Schedule): void {
  let first: number | undefined;
  try {
    first = occurrencesOf(schedule, { fromMs: schedule.startMs, limit: 1 })[0]?.startMs;
  } catch (error) {
    if (error instanceof ZonecastError) throw error;
    // Parts that contradict each other, in the library's words.
    const [why = ''] = (error as Error).message.split('\n');
    throw new ZonecastError('badMessage', `The recurrence makes no sense: ${why}.`, { cause: error });
  }
  if (first === undefined) throw wrong('By this recurrence, the meeting would never take place.');
  if (first !== schedule.startMs) throw wrong('The start is none of the times that the recurrence gives.');
}

/** In order, each once. */
function timesOf(texts: readonly string[] = [], timeZone: string): number[] {
  return [...new Set(texts.map((text) => parseTime(text, timeZone)))].sort((a, b) => a - b);
}

function checkIncluded(ms: number, { startMs, timeZone }: Schedule, nowMs: number): void {
  const text = formatIn(ms, timeZone);
  if (ms < startMs) throw wrong(`${text} is before the start, which is the first time.`);
  if (ms > nowMs + HORIZON_MS) throw wrong(`${text} is more than ten years from now.`);
}

function wrong(message: string): ZonecastError {
  return new ZonecastError('badMessage', message);
}
