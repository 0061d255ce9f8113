/** A meeting as the service answers it. Pure. */
import type { MeetingId } from '../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import type { MeetingResource } from './meeting-schemas.ts';
import { type Occurrence, occurrencesOf, type Schedule } from './schedule/occurrences.ts';
import { formatIn } from './schedule/wall-time.ts';

export interface ResourceContext {
  /** Where people reach the zone, without a slash at the end. */
  readonly url: string;
  readonly isRunning: boolean;
  /** `next` is sought from here. Unix time. */
  readonly fromMs: number;
}

export function toResource(
  meeting: MeetingId,
  definition: MeetingDefinition,
  { url, isRunning, fromMs }: ResourceContext,
): MeetingResource {
  const { title, owner, account, schedule, settings, limits, policy, expiresMs } = definition;
  const next = schedule && occurrencesOf(schedule, { fromMs, limit: 1 })[0];
  return {
    meeting,
    url: inviteLink(url, { meeting }),
    ...defined({ title, account, policy, owner: owner === undefined ? undefined : readOwner(owner) }),
    personal: definition.personal === true,
    ...defined({ schedule: schedule && toWish(schedule), next: next && schedule && toTimes(next, schedule.timeZone) }),
    settings: { ...DEFAULT_SETTINGS, ...defined(settings ?? {}) },
    limits: defined(limits ?? {}),
    running: isRunning,
    ended: definition.ended === true,
    created: formatIn(definition.createdMs, 'UTC'),
    ...(expiresMs === null ? {} : { expires: formatIn(expiresMs, 'UTC') }),
    revision: definition.revision ?? 1,
  };
}

/** The page that `url` leads to opens with these; a fragment is never sent to a server. */
export function inviteLink(
  url: string,
  values: { readonly meeting: MeetingId; readonly passcode?: string | undefined },
): string {
  return `${url}/#${new URLSearchParams(defined(values))}`;
}

/** By the clocks of the time zone. */
export function toTimes({ startMs, endMs }: Occurrence, timeZone: string): { start: string; end: string } {
  return { start: formatIn(startMs, timeZone), end: formatIn(endMs, timeZone) };
}

function toWish({ startMs, durationMinutes, timeZone, rrule, excluded, included }: Schedule) {
  const times = { start: formatIn(startMs, timeZone), durationMinutes, timeZone };
  const listed = (dates: readonly number[] | undefined) => dates?.map((ms) => formatIn(ms, timeZone));
  return { ...times, ...defined({ recurrence: rrule, exclude: listed(excluded), include: listed(included) }) };
}

/** Subjects have no spaces. */
function readOwner(owner: string): { issuer: string; subject: string } {
  const space = owner.lastIndexOf(' ');
  return { issuer: owner.slice(0, space), subject: owner.slice(space + 1) };
}

type Defined<Value> = { [Key in keyof Value]?: Exclude<Value[Key], undefined> };

/** Without what is undefined: in JSON, and for `exactOptionalPropertyTypes`, that is not the same as absent. */
export function defined<Value extends object>(value: Value): Defined<Value> {
  // The cast: fromEntries forgets the names.
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<Value>;
}
