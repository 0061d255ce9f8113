/** `zonectl meeting`: asks the meeting service of a zone, and writes what people or scripts read. */
import { ZonecastError } from '../../common/errors.ts';
import type { Meeting__Output } from '../../proto/gen/zonecast/meetings/v1/Meeting.ts';
import type { Schedule__Output } from '../../proto/gen/zonecast/meetings/v1/Schedule.ts';
import { EXIT, type ExitCode, ZonectlError } from './exit-codes.ts';
import { changedDates, type Dates } from './meeting-dates.ts';
import type { MeetingPlan, OperatorQuestion } from './operator-arguments.ts';
import { answer, type Output } from './run-command.ts';
import { textFields, textTable } from './text-table.ts';
import type { ZoneClient } from './zone-client.ts';

type MeetingQuestion = Extract<OperatorQuestion, { name: 'meeting' }>;

/** @throws ZonectlError */
export async function runMeetingCommand(
  zone: ZoneClient,
  question: MeetingQuestion,
  output: Output,
): Promise<ExitCode> {
  if (question.action === 'create') return create(zone, question.plan, output);
  if (question.action === 'dates') return dates(zone, question.meeting, question.change, output);
  const { action, meeting } = question;
  const found = await (action === 'show' ? zone.meeting(meeting) : zone.endMeeting(meeting));
  return answer(output, found, () => textFields(fieldsOf(found)));
}

async function create(zone: ZoneClient, plan: MeetingPlan, output: Output): Promise<ExitCode> {
  const { title, passcode, start, durationMs, timeZone, recurrence, dates } = plan;
  const durationMinutes = Math.round(durationMs / 60_000);
  const reply = await zone.createMeeting({
    ...(title === '' ? {} : { title }),
    ...(passcode === '' ? {} : { passcode }),
    ...(start === ''
      ? {}
      : { schedule: { start, durationMinutes, timeZone, ...dates, ...(recurrence === '' ? {} : { recurrence }) } }),
  });
  const { meeting, link, passcode: told, hostKey } = reply;
  const secrets: [string, string][] = [
    ['Link', link],
    ['Passcode', told],
    ['Host key', hostKey],
  ];
  return answer(output, reply, () => textFields([...(meeting ? fieldsOf(meeting) : []), ...secrets]));
}

/** Changes single dates, if there is something to change; tells the next ones. */
async function dates(zone: ZoneClient, meeting: string, change: Dates, output: Output): Promise<ExitCode> {
  const { schedule, revision } = await zone.meeting(meeting);
  if (!schedule) throw new ZonectlError(EXIT.refused, 'The meeting is not planned for a time.');
  if (change.exclude.length + change.include.length > 0) {
    // Somebody else's change meanwhile is not undone by this one.
    await zone.updateMeeting({ meeting, revision, schedule: { ...schedule, ...datesAfter(schedule, change) } });
  }
  const reply = await zone.occurrences(meeting);
  return answer(output, reply, () =>
    textTable(
      [
        { title: 'START', of: ({ start }) => start },
        { title: 'END', of: ({ end }) => end },
      ],
      reply.occurrences,
    ),
  );
}

/** @throws ZonectlError */
function datesAfter(schedule: Schedule__Output, change: Dates): Dates {
  try {
    return changedDates(schedule, change);
  } catch (error) {
    throw error instanceof ZonecastError ? new ZonectlError(EXIT.refused, error.message, { cause: error }) : error;
  }
}

function fieldsOf(found: Meeting__Output): [string, string][] {
  const { meeting, title, ownerSubject, ownerIssuer, schedule, next, running, ended, expires } = found;
  const fields: [string, string | undefined][] = [
    ['Meeting', meeting],
    ['Title', title],
    ['Owner', ownerSubject && `${ownerSubject} (${ownerIssuer})`],
    ['Next', next ? `${next.start} to ${next.end}` : undefined],
    ['Repeats', schedule?.recurrence && `${schedule.recurrence} in ${schedule.timeZone}`],
    ['State', ended ? 'ended' : running ? 'running' : 'nobody is there'],
    ['Kept until', expires ?? 'for ever'],
  ];
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]]));
}
