/** A schedule as people wish it, checked. */
import { ZonecastError } from '../../../common/errors.ts';
import { HORIZON_MS, lastEndMs, occurrencesOf, type Schedule } from './occurrences.ts';
import { isTimeZone, parseTime } from './wall-time.ts';

export interface ScheduleWish {
  /** RFC 3339; without an offset, in the time zone. */
  readonly start: string;
  readonly durationMinutes: number;
  /** IANA name. */
  readonly timeZone: string;
  /** RFC 5545 section 3.3.10. */
  readonly recurrence?: string | undefined;
}

/** @throws ZonecastError `badMessage` in words for who wished it */
export function checkSchedule(wish: ScheduleWish, nowMs: number): Schedule {
  const { start, durationMinutes, timeZone, recurrence } = wish;
  if (!isTimeZone(timeZone)) throw wrong(`"${timeZone}" is no time zone such as Europe/Berlin.`);
  const startMs = parseTime(start, timeZone);
  if (startMs > nowMs + HORIZON_MS) throw wrong('The meeting would be more than ten years from now.');
  const schedule = { startMs, durationMinutes, timeZone, ...(recurrence === undefined ? {} : { rrule: recurrence }) };
  checkTimes(schedule);
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

function wrong(message: string): ZonecastError {
  return new ZonecastError('badMessage', message);
}
