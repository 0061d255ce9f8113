/**
 * What is asked of the meeting service and what it answers, as JSON: checked by these schemas, and described by them in the
 * OpenAPI document. Nothing is transformed here, so that both sides of a schema are one.
 */
import { z } from 'zod';
import { policyWish } from '../../global-controller/policies/policy.ts';
import { settingFields } from '../registry/records.ts';

/** Names for the document: `#/components/schemas/{id}`. */
export const components = z.registry<{ readonly id: string }>();

function named<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  components.add(schema, { id });
  return schema;
}

/** One line that shows something. */
const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]*$/u)
    .regex(/[\p{L}\p{N}\p{P}\p{S}]/u);
const title = line(200);
const passcode = z
  .string()
  .regex(/^[!-~]{6,64}$/)
  .describe('6 to 64 letters, digits and signs of ASCII, without spaces.');
const account = z.string().regex(/^[\w.-]{1,64}$/);
/** Each of `exclude` and `include`. */
const MAX_DATES = 100;
const meetingId = z.string().regex(/^[1-9]\d{10}$/);
const time = z.string().max(40).describe('RFC 3339.');

const dates = z.array(time).max(MAX_DATES);

const schedule = named(
  'Schedule',
  z.strictObject({
    start: time.describe('RFC 3339. Without an offset: time of day in the time zone.'),
    durationMinutes: z.int().min(1).max(10_080),
    timeZone: z.string().max(64).describe('IANA name. Times of day stay the same there.'),
    recurrence: z
      .string()
      .max(256)
      .optional()
      .describe('RFC 5545 section 3.3.10, without "RRULE:": FREQ=WEEKLY;BYDAY=MO,WE. Absent: once.'),
    exclude: dates
      .optional()
      .describe('Starts of occurrences that are left out (RFC 5545: EXDATE); each is one of the times that it has.'),
    include: dates
      .optional()
      .describe(
        'Starts of further occurrences (RFC 5545: RDATE), after the first. To move one: exclude it, include the other.',
      ),
  }),
);

const allSettings = z.strictObject(settingFields);
const settings = named('Settings', allSettings);
const settingsWish = named('SettingsWish', allSettings.partial());

const limits = named(
  'Limits',
  z.strictObject({
    participants: z.int().min(1).max(100_000).optional().describe('At a time.'),
    minutes: z.int().min(1).max(10_080).optional().describe('After which a meeting that goes on is ended.'),
  }),
);
const policy = named('Policy', policyWish);

const wishes = {
  title: title.optional(),
  settings: settingsWish.optional().describe('What it begins with.'),
  limits: limits.optional(),
  passcode: passcode.optional(),
};

export const meetingWish = named(
  'MeetingWish',
  z.strictObject({
    ...wishes,
    schedule: schedule.optional(),
    account: account.optional().describe('For administrators; by default that of the token.'),
    policy: policy.optional(),
  }),
);
export type MeetingWish = z.output<typeof meetingWish>;

/** RFC 7396: null takes away. */
export const meetingChange = named(
  'MeetingChange',
  z.strictObject({
    title: title.nullable().optional(),
    schedule: schedule.nullable().optional(),
    settings: settingsWish.nullable().optional().describe('Those that are not named stay; null: all as by default.'),
    limits: limits.nullable().optional().describe('Replaced.'),
    account: account.nullable().optional(),
    policy: policy.nullable().optional(),
    ended: z.literal(false).optional().describe('Opens an ended meeting again.'),
  }),
);
export type MeetingChange = z.output<typeof meetingChange>;

export const roomWish = named('RoomWish', z.strictObject(wishes));
export type RoomWish = z.output<typeof roomWish>;

export const passcodeWish = named('PasscodeWish', z.strictObject({ passcode: passcode.optional() }));

const occurrence = named('Occurrence', z.strictObject({ start: time, end: time }));

const resourceFields = {
  meeting: meetingId,
  url: z.url().describe('Where people join, without the passcode.'),
  title: title.optional(),
  owner: z.strictObject({ issuer: z.string(), subject: z.string() }).optional(),
  account: account.optional(),
  personal: z.boolean(),
  schedule: schedule.optional(),
  next: occurrence.optional().describe('The one that goes on or comes next.'),
  settings: settings.describe('What it begins with.'),
  limits,
  policy: policy.optional(),
  running: z.boolean().describe('Somebody is in it, or was some minutes ago.'),
  ended: z.boolean().describe('Nobody comes in any more.'),
  created: time,
  expires: time.optional().describe('Forgotten after that, unless it is used. Absent: never.'),
  revision: z.int().min(1).describe('Also as ETag.'),
};
export const meetingResource = named('Meeting', z.strictObject(resourceFields));
export type MeetingResource = z.output<typeof meetingResource>;

/** The only time that they are told. */
const secrets = {
  passcode,
  link: z.url().describe('Where people join; the passcode is in its fragment.'),
};
export const createdMeeting = named(
  'CreatedMeeting',
  z.strictObject({ ...resourceFields, ...secrets, hostKey: z.string() }),
);
export type CreatedMeetingResource = z.output<typeof createdMeeting>;

export const newPasscode = named('NewPasscode', z.strictObject({ meeting: meetingId, ...secrets }));
export type NewPasscode = z.output<typeof newPasscode>;
export const newHostKey = named('NewHostKey', z.strictObject({ meeting: meetingId, hostKey: z.string() }));
export type NewHostKey = z.output<typeof newHostKey>;

export const meetingList = named(
  'MeetingList',
  z.strictObject({
    meetings: z.array(meetingResource),
    nextPageToken: z
      .string()
      .optional()
      .describe('Absent on the last page. A page may have fewer than were asked for.'),
  }),
);
export type MeetingList = z.output<typeof meetingList>;

export const occurrenceList = named('OccurrenceList', z.strictObject({ occurrences: z.array(occurrence) }));
export type OccurrenceList = z.output<typeof occurrenceList>;

const count = z.string().regex(/^\d{1,4}$/);
export const listQuery = z.strictObject({
  from: time.optional().describe('Meetings that go on then, or come later.'),
  to: time.optional().describe('Meetings that begin before.'),
  owner: z.string().max(800).optional().describe('For administrators: `{issuer} {subject}`, or "*" for everybody.'),
  pageSize: count.optional().describe('1 to 100; by default 50.'),
  pageToken: z.string().max(64).optional(),
});
export const occurrencesQuery = z.strictObject({
  from: time.optional().describe('By default now.'),
  to: time.optional(),
  limit: count.optional().describe('1 to 100; by default 10.'),
});

export const errorAnswer = named(
  'Error',
  z.strictObject({
    error: z.strictObject({
      code: z.string(),
      message: z.string().describe('For people.'),
      retryAfterMs: z.number().min(0).optional(),
    }),
  }),
);
