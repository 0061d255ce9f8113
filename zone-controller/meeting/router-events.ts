/**
 * What routers report, applied to the mirrors of the meetings it is about, and told to their people. What a router says
 * of a meeting that is elsewhere is ignored.
 */
import { isDeepStrictEqual } from 'node:util';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { Event__Output } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { Snapshot__Output } from '../../proto/gen/zonecast/router/v1/Snapshot.ts';
import type { SlotEntry } from '../../proto/signalling.ts';
import type { DirectoryListener } from '../routers/router-directory.ts';
import { toEncodings, toHomed, toQualityEntry, toRosterEntry, toSlotEntry, toSnapshot } from './from-event.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { MeetingService } from './meeting-service.ts';
import type { SourceEncodings } from './meeting-state.ts';

export class RouterEvents implements Pick<DirectoryListener, 'event' | 'interrupted' | 'subscribed' | 'lost'> {
  readonly #meetings: LiveMeetings;
  readonly #service: MeetingService;
  readonly #log: Logger;
  /** Those of which the event stream of the time has told everything. */
  readonly #told = new Map<RouterId, WeakSet<LiveMeeting>>();

  constructor(meetings: LiveMeetings, service: MeetingService, log: Logger) {
    this.#meetings = meetings;
    this.#service = service;
    this.#log = log;
  }

  event(router: RouterId, event: Event__Output): void {
    // The casts of ids in here: the router has them from us.
    const about = event.event === undefined ? undefined : event[event.event];
    const id = about !== undefined && about !== null && 'meeting' in about ? about.meeting : undefined;
    const meeting = this.#meetings.get(id as MeetingId);
    if (meeting?.placed.router !== router) return;
    if (event.snapshot) this.#snapshot(router, meeting, event.snapshot);
    else if (event.lost) this.#lost(meeting, event.lost.reason);
    else this.#change(meeting, event);
    meeting.tellChanges();
  }

  /** Events do not flow any more. */
  interrupted(router: RouterId): void {
    this.#told.delete(router);
  }

  /** Meetings of which nothing was told are not there any more, or nobody of ours is in them. */
  subscribed(router: RouterId): void {
    const told = this.#told.get(router);
    for (const meeting of this.#meetings.on(router)) {
      if (told?.has(meeting)) this.#service.reconcile(meeting);
      else this.#snapshot(router, meeting, undefined);
    }
  }

  lost(router: RouterId): void {
    for (const meeting of this.#meetings.on(router)) this.#lost(meeting, 'the router is gone');
  }

  /** Without one: nobody of ours is there. Whoever is entering waits on. */
  #snapshot(router: RouterId, meeting: LiveMeeting, snapshot: Snapshot__Output | undefined): void {
    if (snapshot !== undefined && snapshot.epoch !== meeting.placed.epoch) return;
    const { state, sessions } = meeting;
    const before = pictureOf(meeting);
    if (snapshot === undefined) state.forget();
    else {
      this.#told.set(router, (this.#told.get(router) ?? new WeakSet()).add(meeting));
      state.reset(toSnapshot(snapshot));
    }
    for (const session of [...sessions.values()]) {
      if (!state.homed.has(session.participant)) this.#service.removed(session, 'consentExpired');
    }
    tellDifference(meeting, before);
    meeting.homed(state.homed.keys());
    this.#meetings.settle(meeting);
  }

  #change(meeting: LiveMeeting, event: Event__Output): void {
    const { state } = meeting;
    const { homed, taken, left, roster, slots, encodings, speakers, quality } = event;
    if (roster) {
      state.changeRoster(roster.version, { changed: roster.changed.map(toRosterEntry), left: roster.left });
    } else if (quality) {
      state.setQualities(quality.qualities.map(toQualityEntry));
    } else if (speakers) {
      state.setSpeakers(speakers.participants as ParticipantId[]);
      meeting.broadcast({ type: 'speakers', speakers: [...state.speakers] });
    } else if (slots) {
      const changed = slots.slots.map(toSlotEntry);
      state.setSlots(slots.participant as ParticipantId, changed);
      meeting.sessions.get(slots.participant as ParticipantId)?.send({ type: 'slots', slots: changed });
    } else if (encodings) {
      const changed = toEncodings(encodings);
      state.setEncodings(encodings.participant as ParticipantId, changed);
      meeting.sessions.get(encodings.participant as ParticipantId)?.send({ type: 'encodings', ...changed });
    } else if (homed) {
      state.home(toHomed(homed));
      meeting.homed([homed.participant as ParticipantId]);
    } else if (left) {
      this.#out(meeting, left.participant as ParticipantId, left.reason);
    } else if (taken) {
      this.#out(meeting, taken.participant as ParticipantId, undefined);
    }
  }

  /** Somebody has left, for a reason, or is with another controller. */
  #out(meeting: LiveMeeting, participant: ParticipantId, reason: string | undefined): void {
    const session = meeting.sessions.get(participant);
    meeting.state.unhome(participant);
    if (session !== undefined && reason !== undefined) this.#service.removed(session, reason);
    else if (session !== undefined) this.#service.taken(session);
    if (reason !== undefined) meeting.refuse(participant);
    this.#meetings.settle(meeting);
  }

  #lost(meeting: LiveMeeting, reason: string): void {
    this.#log.error({ meeting: meeting.id, router: meeting.placed.router, reason }, 'meeting lost');
    this.#service.lost(meeting);
  }
}

/** What of the meeting is told at once, and not in batches. */
interface Picture {
  readonly speakers: readonly ParticipantId[];
  readonly slots: ReadonlyMap<ParticipantId, readonly SlotEntry[]>;
  readonly encodings: ReadonlyMap<ParticipantId, readonly SourceEncodings[]>;
}

function pictureOf({ state, sessions }: LiveMeeting): Picture {
  const people = [...sessions.keys()];
  return {
    speakers: state.speakers,
    slots: new Map(people.map((participant) => [participant, state.slotsOf(participant)])),
    encodings: new Map(people.map((participant) => [participant, state.encodingsOf(participant)])),
  };
}

/** After a gap in the events: what is otherwise than it was. */
function tellDifference(meeting: LiveMeeting, before: Picture): void {
  const { state, sessions } = meeting;
  const { speakers } = state;
  if (!isDeepStrictEqual(speakers, before.speakers)) meeting.broadcast({ type: 'speakers', speakers: [...speakers] });
  for (const [participant, session] of sessions) {
    const slots = slotChanges(before.slots.get(participant) ?? [], state.slotsOf(participant));
    if (slots.length > 0) session.send({ type: 'slots', slots });
    const earlier = before.encodings.get(participant) ?? [];
    for (const each of state.encodingsOf(participant)) {
      const known = earlier.find(({ source }) => source === each.source);
      if (!isDeepStrictEqual(known, each)) session.send({ type: 'encodings', ...each });
    }
  }
}

/** Both are slots that carry something. */
function slotChanges(before: readonly SlotEntry[], now: readonly SlotEntry[]): SlotEntry[] {
  const changed = now.filter((slot) => !before.some((earlier) => isDeepStrictEqual(earlier, slot)));
  const emptied = before.filter(({ mid }) => !now.some((slot) => slot.mid === mid));
  return [...changed, ...emptied.map(({ mid }) => ({ mid }))];
}
