/**
 * Meeting ids: 11 digits, no leading zero, the last one a check digit by Damm's algorithm. It catches every wrong
 * digit and every swap of neighbours (Luhn's misses 09↔90), so that a mistyped id is told from a meeting that has
 * ended, and costs a guesser nine of ten tries. Source: H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004); the
 * table is the totally anti-symmetric quasigroup of order 10 given there.
 */
import { randomInt } from 'node:crypto';
import type { MeetingId } from '../../common/ids.ts';

const QUASIGROUP: readonly string[] = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
];

/** Length of an id, check digit included. */
export const MEETING_ID_DIGITS = 11;

/** The digit that makes `digits` + digit valid. `digits`: decimal digits only. */
export function checkDigit(digits: string): string {
  let interim = 0;
  for (const digit of digits) interim = Number(QUASIGROUP[interim]?.[Number(digit)]);
  return String(interim);
}

/** A random id. */
export function randomMeetingId(): MeetingId {
  const digits = String(randomInt(10 ** (MEETING_ID_DIGITS - 2), 10 ** (MEETING_ID_DIGITS - 1)));
  return `${digits}${checkDigit(digits)}` as MeetingId;
}

/** The id in `text`, or undefined when no meeting can have it. */
export function parseMeetingId(text: string): MeetingId | undefined {
  return /^[1-9]\d{10}$/.test(text) && checkDigit(text) === '0' ? (text as MeetingId) : undefined;
}
