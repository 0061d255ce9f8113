/**
 * Instants and the time of day in a time zone. `Temporal` comes from the polyfill until Node has it; nothing global is
 * changed.
 */
import { Temporal } from 'temporal-polyfill';
import { ZonecastError } from '../../../common/errors.ts';

export type ZonedTime = Temporal.ZonedDateTime;

const OFFSET = /(Z|[+-]\d{2}:?\d{2})$/i;
/** Offsets such as `+02:00` are time zones for Temporal, too; they know no daylight saving time. */
const NAME = /^[A-Za-z][\w+/-]{0,63}$/;

/** Whether it is the IANA name of a time zone that is known here. */
export function isTimeZone(name: string): boolean {
  if (!NAME.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** `timeZone`: as `isTimeZone` says. */
export function inTimeZone(ms: number, timeZone: string): ZonedTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);
}

/** RFC 3339, to the second, with the offset that the time zone then has. */
export function formatIn(ms: number, timeZone: string): string {
  return inTimeZone(ms, timeZone).toString({ timeZoneName: 'never', smallestUnit: 'second' });
}

/**
 * Unix time of an RFC 3339 time; without an offset it is the time of day in the time zone. Of a time of day that comes
 * twice (clocks go back) it is the first. @throws ZonecastError `badMessage`, also for a time that is skipped
 */
export function parseTime(text: string, timeZone: string): number {
  try {
    if (OFFSET.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
    const local = Temporal.PlainDateTime.from(text);
    const zoned = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
    if (zoned.toPlainDateTime().equals(local)) return zoned.epochMilliseconds;
  } catch (error) {
    throw new ZonecastError('badMessage', `"${text}" is no time such as 2026-11-23T10:00:00+01:00.`, { cause: error });
  }
  throw new ZonecastError('badMessage', `There is no ${text} in ${timeZone}: clocks go forward then.`);
}
