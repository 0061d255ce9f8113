/**
 * Recurrence rules (RFC 5545 section 3.3.10) as they are taken from people: checked part by part, in words that say what is
 * wrong, before the library sees them. Sub-daily frequencies, and times of day below the hour, are left out: a meeting
 * has no use for them, and a search for impossible ones is long.
 */
import { ZonecastError } from '../../../common/errors.ts';

const MAX_CHARACTERS = 256;
const WEEKDAY = '(?:MO|TU|WE|TH|FR|SA|SU)';

/** Of each part, whether its value is one. */
const PARTS: Readonly<Record<string, (value: string) => boolean>> = {
  FREQ: (value) => /^(?:DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(value),
  INTERVAL: (value) => isIn(value, 1, 1_000),
  COUNT: (value) => isIn(value, 1, 366),
  UNTIL: (value) => untilMs(value) !== undefined,
  BYMONTH: (value) => areIn(value, 1, 12),
  BYWEEKNO: (value) => areSigned(value, 53),
  BYYEARDAY: (value) => areSigned(value, 366),
  BYMONTHDAY: (value) => areSigned(value, 31),
  BYDAY: (value) => new RegExp(`^${ofList(`(?:[+-]?[1-9]\\d?)?${WEEKDAY}`)}$`).test(value),
  BYHOUR: (value) => areIn(value, 0, 23),
  BYSETPOS: (value) => areSigned(value, 366),
  WKST: (value) => new RegExp(`^${WEEKDAY}$`).test(value),
};

export interface RecurrenceRule {
  readonly parts: ReadonlyMap<string, string>;
  readonly count: number | undefined;
  /** Unix time after which there is none. */
  readonly untilMs: number | undefined;
}

/** @throws ZonecastError `badMessage` that says which part is wrong */
export function parseRecurrence(text: string): RecurrenceRule {
  if (text.length > MAX_CHARACTERS) throw wrong(`has more than ${MAX_CHARACTERS} characters`);
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    const [name = '', value = '', ...rest] = part.split('=');
    if (!Object.hasOwn(PARTS, name)) throw wrong(`has a part that is not taken here: "${name}"`);
    if (parts.has(name)) throw wrong(`says ${name} twice`);
    if (rest.length > 0 || PARTS[name]?.(value) !== true) throw wrong(`says "${part}", which is no ${name}`);
    parts.set(name, value);
  }
  if (!parts.has('FREQ')) throw wrong('does not say how often: FREQ');
  if (parts.has('COUNT') && parts.has('UNTIL')) throw wrong('has an end by COUNT and another by UNTIL');
  const [count, until] = [parts.get('COUNT'), parts.get('UNTIL')];
  return {
    parts,
    count: count === undefined ? undefined : Number(count),
    untilMs: until === undefined ? undefined : untilMs(until),
  };
}

/** As RFC 5545 writes it, without the end by UNTIL. */
export function withoutUntil({ parts }: RecurrenceRule): string {
  return [...parts].flatMap(([name, value]) => (name === 'UNTIL' ? [] : [`${name}=${value}`])).join(';');
}

/** RFC 5545 section 3.3.10: where times have a time zone, UNTIL is in UTC. */
function untilMs(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

function isIn(text: string, from: number, to: number): boolean {
  return /^\d{1,4}$/.test(text) && Number(text) >= from && Number(text) <= to;
}

function areIn(text: string, from: number, to: number): boolean {
  return text.split(',').every((each) => isIn(each, from, to));
}

/** Counted from the beginning or, with a minus sign, from the end. */
function areSigned(text: string, to: number): boolean {
  return text.split(',').every((each) => isIn(each.replace(/^[+-]/, ''), 1, to));
}

function ofList(item: string): string {
  return `${item}(?:,${item})*`;
}

function wrong(what: string): ZonecastError {
  return new ZonecastError('badMessage', `The recurrence ${what}.`);
}
