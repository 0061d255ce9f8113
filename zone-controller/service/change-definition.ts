/** What people wish for a meeting, put into its definition. Pure. */
import type { DefinitionWish } from '../meeting/definitions.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import type { MeetingChange, MeetingWish, RoomWish } from './meeting-schemas.ts';
import { checkSchedule } from './schedule/check-schedule.ts';
import { expiryOf } from './schedule/expiry.ts';

/** @throws ZonecastError `badMessage` when the schedule makes no sense */
export function toDefinitionWish({ schedule, ...wish }: MeetingWish, nowMs: number): DefinitionWish {
  return { ...wish, ...(schedule === undefined ? {} : { schedule: checkSchedule(schedule, nowMs) }) };
}

/** RFC 7396: null takes away, what is not named stays. @throws as `toDefinitionWish` */
export function changed(
  before: MeetingDefinition,
  { title, schedule, settings, limits, account, policy, ended }: MeetingChange,
  nowMs: number,
  lifeMs: number,
): MeetingDefinition {
  const after: MeetingDefinition = {
    ...before,
    title: merged(before.title, title),
    limits: merged(before.limits, limits),
    account: merged(before.account, account),
    policy: merged(before.policy, policy),
    settings: settings ? { ...before.settings, ...settings } : merged(before.settings, settings),
    schedule: schedule ? checkSchedule(schedule, nowMs) : merged(before.schedule, schedule),
    ended: ended ?? before.ended,
    // Of a limit that is no more, or of another time.
    runningSinceMs: limits === undefined ? before.runningSinceMs : undefined,
  };
  const isKept = schedule === undefined || before.expiresMs === null;
  return isKept ? after : { ...after, expiresMs: expiryOf(after, nowMs, lifeMs) };
}

/** What a personal room becomes: what is not wished for is as by default. */
export function asWished(before: MeetingDefinition, { title, settings, limits }: RoomWish): MeetingDefinition {
  return { ...before, title, settings, limits };
}

function merged<Value>(before: Value | undefined, change: Value | null | undefined): Value | undefined {
  return change === undefined ? before : (change ?? undefined);
}
