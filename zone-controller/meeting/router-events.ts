/** What routers report, applied to the meetings it is about. An event of a router that a meeting is not on is ignored. */
import { z } from 'zod';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { EncodingDemand__Output } from '../../proto/gen/zonecast/router/v1/EncodingDemand.ts';
import type { Event__Output } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { SlotAssignment__Output } from '../../proto/gen/zonecast/router/v1/SlotAssignment.ts';
import type { StatisticsReply__Output } from '../../proto/gen/zonecast/router/v1/StatisticsReply.ts';
import type { EncodingEntry, QualityEntry, SlotEntry, SourceKind } from '../../proto/signalling.ts';
import type { DirectoryListener, RouterDirectory } from '../routers/router-directory.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { MeetingService } from './meeting-service.ts';

/** `source`: participant/kind. */
const slotStatistics = z.object({
  mid: z.string(),
  source: z.string().optional(),
  suspended: z.boolean().optional(),
});

const sourceStatistics = z.object({
  kind: z.enum(['microphone', 'camera', 'screen']),
  encodings: z.array(z.object({ rid: z.string(), wanted: z.boolean(), maxHeight: z.number().optional() })),
});

const participantStatistics = z.object({
  participant: z.string(),
  slots: z.array(slotStatistics),
  sources: z.array(sourceStatistics).default([]),
  speaking: z.boolean().default(false),
  quality: z.object({ uplink: z.number().optional(), downlink: z.number().optional() }).default({}),
});

/** Of a worker's statistics, all that is needed here. */
const workerStatistics = z.object({ participants: z.array(participantStatistics) });

type Present = z.infer<typeof participantStatistics>;

export class RouterEvents implements DirectoryListener {
  readonly #service: MeetingService;
  readonly #directory: RouterDirectory;
  readonly #log: Logger;
  /** While a router is asked how things are: what it has said something newer of by itself. */
  readonly #newer = new Map<RouterId, Set<string>>();

  constructor(service: MeetingService, directory: RouterDirectory, log: Logger) {
    this.#service = service;
    this.#directory = directory;
    this.#log = log;
  }

  event(router: RouterId, { left, slots, speakers, lost, encodings, quality }: Event__Output): void {
    // The casts of ids and kinds in here: the router has them from us.
    const named = left ?? slots ?? speakers ?? lost ?? encodings ?? quality;
    const meeting = this.#service.meetings.get(named?.meeting as MeetingId);
    if (meeting?.placed?.router !== router) return;
    if (left) this.#left(meeting, left.participant as ParticipantId, left.reason);
    else if (slots) this.#slots(meeting, slots.participant as ParticipantId, slots.slots.map(toSlotEntry));
    else if (speakers) this.#speakers(meeting, speakers.participants as ParticipantId[]);
    else if (lost) this.#lose(meeting);
    else if (quality) meeting.apply({ type: 'quality', qualities: quality.qualities.map(toQualityEntry) });
    else if (encodings) {
      const { participant, source } = encodings;
      const demanded = encodings.encodings.map(toEncodingEntry);
      this.#encodings(meeting, participant as ParticipantId, source as SourceKind, demanded);
    }
  }

  /** Who left while no events came is not known to the router any more; how things are, it tells of the others. */
  async resubscribed(router: RouterId): Promise<void> {
    const before = this.#sessionsOn(router);
    const newer = new Set<string>();
    this.#newer.set(router, newer);
    try {
      const present = await this.#present(router);
      for (const session of before) {
        const { meeting, participant } = session;
        if (meeting.sessions.get(participant) !== session) continue;
        const now = present.get(participant);
        if (now === undefined) this.#service.removed(session, 'consentExpired');
        else this.#catchUp(meeting, participant, now, newer);
      }
      for (const meeting of new Set(before.map((session) => session.meeting))) {
        if (!newer.has(`${meeting.id} speakers`)) this.#tellSpeakers(meeting, speakersAmong(meeting, present));
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

  /** How things are with everybody on a router. */
  async #present(router: RouterId): Promise<Map<string, Present>> {
    const { workers } = await this.#directory
      .link(router)
      .call<StatisticsReply__Output>((client, options, done) => client.Statistics({}, options, done));
    const all = workers.flatMap((text) => workerStatistics.parse(JSON.parse(text)).participants);
    return new Map(all.map((each) => [each.participant, each]));
  }

  #catchUp(meeting: LiveMeeting, participant: ParticipantId, now: Present, newer: ReadonlySet<string>): void {
    const slots = now.slots.map(fromStatistics).filter(({ mid }) => !newer.has(`${participant}/${mid}`));
    if (slots.length > 0) this.#tellSlots(meeting, participant, slots);
    for (const { kind, encodings } of now.sources) {
      if (encodings.length === 0 || newer.has(`${participant}/${kind} encodings`)) continue;
      const demanded = encodings.map(({ rid, wanted, maxHeight = 0 }) =>
        toEncodingEntry({ rid, active: wanted, maxHeight }),
      );
      this.#tellEncodings(meeting, participant, kind, demanded);
    }
    const { uplink, downlink } = now.quality;
    meeting.apply({ type: 'quality', qualities: [toQualityEntry({ participant, uplink, downlink })] });
  }

  #left(meeting: LiveMeeting, participant: ParticipantId, reason: string): void {
    const session = meeting.sessions.get(participant);
    if (session !== undefined) this.#service.removed(session, reason);
    // Gone before its join was answered: the join finds out by this.
    else meeting.apply({ type: 'left', participant });
  }

  #slots(meeting: LiveMeeting, participant: ParticipantId, slots: SlotEntry[]): void {
    const newer = this.#newerOf(meeting);
    for (const { mid } of slots) newer?.add(`${participant}/${mid}`);
    this.#tellSlots(meeting, participant, slots);
  }

  #newerOf({ placed }: LiveMeeting): Set<string> | undefined {
    return placed === undefined ? undefined : this.#newer.get(placed.router);
  }

  #tellSlots(meeting: LiveMeeting, participant: ParticipantId, slots: SlotEntry[]): void {
    meeting.apply({ type: 'slots', participant, slots });
    meeting.sessions.get(participant)?.send({ type: 'slots', slots });
  }

  #encodings(
    meeting: LiveMeeting,
    participant: ParticipantId,
    source: SourceKind,
    encodings: readonly EncodingEntry[],
  ): void {
    this.#newerOf(meeting)?.add(`${participant}/${source} encodings`);
    this.#tellEncodings(meeting, participant, source, encodings);
  }

  #tellEncodings(
    meeting: LiveMeeting,
    participant: ParticipantId,
    source: SourceKind,
    encodings: readonly EncodingEntry[],
  ): void {
    meeting.apply({ type: 'encodings', participant, source, encodings });
    meeting.sessions.get(participant)?.send({ type: 'encodings', source, encodings: [...encodings] });
  }

  #speakers(meeting: LiveMeeting, participants: readonly ParticipantId[]): void {
    this.#newerOf(meeting)?.add(`${meeting.id} speakers`);
    this.#tellSpeakers(meeting, participants);
  }

  #tellSpeakers(meeting: LiveMeeting, participants: readonly ParticipantId[]): void {
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

/** Who speaks, those first who did when it was last known: statistics have no order. */
function speakersAmong({ state, sessions }: LiveMeeting, present: ReadonlyMap<string, Present>): ParticipantId[] {
  const isSpeaking = (participant: ParticipantId): boolean => present.get(participant)?.speaking ?? false;
  return [...new Set([...state.speakers, ...sessions.keys()])].filter(isSpeaking);
}

function toSlotEntry({ mid, participant, kind, suspended }: SlotAssignment__Output): SlotEntry {
  if (participant === '') return { mid };
  return { mid, participant, kind: kind as SourceKind, ...(suspended ? { suspended } : {}) };
}

function fromStatistics({ mid, source, suspended = false }: z.infer<typeof slotStatistics>): SlotEntry {
  const [participant = '', kind = ''] = source?.split('/') ?? [];
  return toSlotEntry({ mid, participant, kind, suspended });
}

function toEncodingEntry({ rid, active, maxHeight }: EncodingDemand__Output): EncodingEntry {
  return maxHeight === 0 ? { rid, active } : { rid, active, maxHeight };
}

type Quality = { readonly [Name in 'uplink' | 'downlink']?: number | undefined };

function toQualityEntry({ participant, uplink, downlink }: { participant: string } & Quality): QualityEntry {
  // Absent optional fields are undefined or, by the loader's defaults, null.
  return {
    participant,
    ...(typeof uplink === 'number' ? { uplink } : {}),
    ...(typeof downlink === 'number' ? { downlink } : {}),
  };
}
