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

/** Of a worker's statistics, all that is needed here. `source`: participant/kind. */
const workerStatistics = z.object({
  participants: z.array(
    z.object({
      participant: z.string(),
      slots: z.array(z.object({ mid: z.string(), source: z.string().optional() })),
    }),
  ),
});

export class RouterEvents implements DirectoryListener {
  readonly #service: MeetingService;
  readonly #directory: RouterDirectory;
  readonly #log: Logger;
  /** While a router is asked what its slots carry: those of which it has said something newer by itself. */
  readonly #newer = new Map<RouterId, Set<string>>();

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
    else if (slots) this.#slots(meeting, slots.participant as ParticipantId, slots.slots.map(toSlotEntry));
    else if (speakers) this.#speakers(meeting, speakers.participants as ParticipantId[]);
    else if (lost) this.#lose(meeting);
  }

  /** Who left while no events came is not known to the router any more; what its slots carry, it tells of the others. */
  async resubscribed(router: RouterId): Promise<void> {
    const before = this.#sessionsOn(router);
    const newer = new Set<string>();
    this.#newer.set(router, newer);
    try {
      const present = await this.#present(router);
      for (const session of before) {
        const { meeting, participant } = session;
        if (meeting.sessions.get(participant) !== session) continue;
        const slots = present.get(participant)?.filter(({ mid }) => !newer.has(`${participant}/${mid}`));
        if (slots === undefined) this.#service.removed(session, 'consentExpired');
        else if (slots.length > 0) this.#tellSlots(meeting, participant, slots);
      }
    } catch (error) {
      this.#log.warn({ router, err: error }, 'what happened on a router meanwhile is not known');
    } finally {
      if (this.#newer.get(router) === newer) this.#newer.delete(router);
    }
  }

  lost(router: RouterId): void {
    for (const meeting of this.#service.meetings.values()) {
      if (meeting.placed?.router === router) this.#lose(meeting);
    }
  }

  /** What the slots of everybody on a router carry now. */
  async #present(router: RouterId): Promise<Map<string, SlotEntry[]>> {
    const { workers } = await this.#directory
      .link(router)
      .call<StatisticsReply__Output>((client, options, done) => client.Statistics({}, options, done));
    const all = workers.flatMap((text) => workerStatistics.parse(JSON.parse(text)).participants);
    return new Map(all.map(({ participant, slots }) => [participant, slots.map(fromStatistics)]));
  }

  #left(meeting: LiveMeeting, participant: ParticipantId, reason: string): void {
    const session = meeting.sessions.get(participant);
    if (session !== undefined) this.#service.removed(session, reason);
    // Gone before its join was answered: the join finds out by this.
    else meeting.apply({ type: 'left', participant });
  }

  #slots(meeting: LiveMeeting, participant: ParticipantId, slots: SlotEntry[]): void {
    const newer = meeting.placed === undefined ? undefined : this.#newer.get(meeting.placed.router);
    for (const { mid } of slots) newer?.add(`${participant}/${mid}`);
    this.#tellSlots(meeting, participant, slots);
  }

  #tellSlots(meeting: LiveMeeting, participant: ParticipantId, slots: SlotEntry[]): void {
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

function fromStatistics({ mid, source }: { readonly mid: string; readonly source?: string | undefined }): SlotEntry {
  const [participant = '', kind = ''] = source?.split('/') ?? [];
  return toSlotEntry({ mid, participant, kind });
}
