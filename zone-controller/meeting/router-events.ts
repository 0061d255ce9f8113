/** What routers report, applied to the meetings it is about. An event of a router that a meeting is not on is ignored. */
import { z } from 'zod';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { Event__Output } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { SlotAssignment__Output } from '../../proto/gen/zonecast/router/v1/SlotAssignment.ts';
import type { StatisticsReply__Output } from '../../proto/gen/zonecast/router/v1/StatisticsReply.ts';
import type { SlotEntry, SourceKind } from '../../proto/signalling.ts';
import type { DirectoryListener, RouterDirectory } from '../routers/router-directory.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { MeetingService } from './meeting-service.ts';

/** Of a worker's statistics, all that is needed here. */
const workerStatistics = z.object({ participants: z.array(z.object({ participant: z.string() })) });

export class RouterEvents implements DirectoryListener {
  readonly #service: MeetingService;
  readonly #directory: RouterDirectory;
  readonly #log: Logger;

  constructor(service: MeetingService, directory: RouterDirectory, log: Logger) {
    this.#service = service;
    this.#directory = directory;
    this.#log = log;
  }

  event(router: RouterId, { left, slots, speakers, lost }: Event__Output): void {
    // The casts of ids in here: the router has them from us.
    const named = left ?? slots ?? speakers ?? lost;
    const meeting = this.#service.meetings.get(named?.meeting as MeetingId);
    if (meeting?.placed?.router !== router) return;
    if (left) this.#left(meeting, left.participant as ParticipantId, left.reason);
    else if (slots) this.#slots(meeting, slots.participant as ParticipantId, slots.slots);
    else if (speakers) this.#speakers(meeting, speakers.participants as ParticipantId[]);
    else if (lost) this.#lose(meeting);
  }

  /** People who left while no events came are those whom the router does not know any more. */
  async resubscribed(router: RouterId): Promise<void> {
    const before = this.#sessionsOn(router);
    try {
      const link = this.#directory.link(router);
      const { workers } = await link.call<StatisticsReply__Output>((client, options, done) =>
        client.Statistics({}, options, done),
      );
      const present = new Set<string>();
      for (const text of workers) {
        for (const { participant } of workerStatistics.parse(JSON.parse(text)).participants) present.add(participant);
      }
      for (const session of before) {
        const isOurs = session.meeting.sessions.get(session.participant) === session;
        if (isOurs && !present.has(session.participant)) this.#service.removed(session, 'consentExpired');
      }
    } catch (error) {
      this.#log.warn({ router, err: error }, 'what happened on a router meanwhile is not known');
    }
  }

  lost(router: RouterId): void {
    for (const meeting of this.#service.meetings.values()) {
      if (meeting.placed?.router === router) this.#lose(meeting);
    }
  }

  #left(meeting: LiveMeeting, participant: ParticipantId, reason: string): void {
    const session = meeting.sessions.get(participant);
    if (session !== undefined) this.#service.removed(session, reason);
    // Gone before its join was answered: the join finds out by this.
    else meeting.apply({ type: 'left', participant });
  }

  #slots(meeting: LiveMeeting, participant: ParticipantId, assignments: readonly SlotAssignment__Output[]): void {
    const slots = assignments.map(toSlotEntry);
    meeting.apply({ type: 'slots', participant, slots });
    meeting.sessions.get(participant)?.send({ type: 'slots', slots });
  }

  #speakers(meeting: LiveMeeting, participants: readonly ParticipantId[]): void {
    meeting.apply({ type: 'speakers', speakers: participants });
    meeting.broadcast({ type: 'speakers', speakers: [...meeting.state.speakers] });
  }

  #lose(meeting: LiveMeeting): void {
    this.#log.error({ meeting: meeting.id, router: meeting.placed?.router }, 'meeting lost');
    this.#service.lost(meeting).catch((error: unknown) => this.#log.error({ err: error }, 'release failed'));
  }

  #sessionsOn(router: RouterId) {
    const meetings = [...this.#service.meetings.values()].filter(({ placed }) => placed?.router === router);
    return meetings.flatMap((meeting) => [...meeting.sessions.values()]);
  }
}

function toSlotEntry({ mid, participant, kind }: SlotAssignment__Output): SlotEntry {
  return participant === '' ? { mid } : { mid, participant, kind: kind as SourceKind };
}
