/**
 * Who is in meetings of this router, and who has left them: for operators and for people who come back. A question, not a
 * subscription: it changes nobody's home.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { MeetingDescription__Output } from '../../proto/gen/zonecast/router/v1/MeetingDescription.ts';
import type { LiveMeetings } from './live-meetings.ts';
import { toQuality, toRosterEntry } from './to-event.ts';

const MAX_MEETINGS = 1_000;

/** Those that are not here are left out. @throws ZonecastError `badMessage` when too many are asked for */
export function describeMeetings(
  meetings: Pick<LiveMeetings, 'get'>,
  ids: readonly MeetingId[],
  people: boolean,
): MeetingDescription__Output[] {
  if (ids.length > MAX_MEETINGS) throw new ZonecastError('badMessage', `more than ${MAX_MEETINGS} meetings at once`);
  return ids.flatMap((id) => {
    const live = meetings.get(id);
    if (live === undefined) return [];
    return {
      meeting: id,
      epoch: live.epoch,
      participants: [...live.participants].length,
      roster: people ? live.entriesHere.map(toRosterEntry) : [],
      qualities: people ? live.qualities.map(toQuality) : [],
      left: people ? [...live.left] : [],
    };
  });
}
