/**
 * What routers report, applied to the mirrors of the meetings it is about, and told to their people. What a router says
 * of a meeting that is elsewhere is ignored.
 */
import { isDeepStrictEqual } from 'node:util';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { Event__Output } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { Snapshot__Output } from '../../proto/gen/zonecast/router/v1/Snapshot.ts';
import type { SlotEntry } from '../../proto/signalling.ts';
import type { DirectoryListener } from '../routers/router-directory.ts';
import type { Departures } from './departures.ts';
import { toCarried, toEncodings, toHomed, toQualityEntry, toSlotEntry } from './from-event.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { MeetingPlaces } from './meeting-places.ts';
import type { Moves } from './moves.ts';
import type { NoticeTelling } from './notice-telling.ts';
import { tellConnection } from './picture.ts';
import type { PlaceMirror, SourceEncodings } from './place-mirror.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { Stranded } from './stranded.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** Somebody's stay was ended on purpose: he does not go on elsewhere. */
const MEANT = ['kicked', 'removed', 'meetingEnded'];

export interface RouterEventsOptions {
  readonly meetings: LiveMeetings;
  readonly sessions: Pick<Sessions, 'reconcile' | 'removed' | 'taken'>;
  readonly waitingRoom: Pick<WaitingRoom, 'ended' | 'meetingEnded' | 'sentAway' | 'askAgain'>;
  readonly notices: Pick<NoticeTelling, 'tell'>;
  readonly places: MeetingPlaces;
  readonly moves: Moves;
  readonly stranded: Pick<Stranded, 'end'>;
  readonly departures: Pick<Departures, 'left'>;
}

export class RouterEvents
  implements Pick<DirectoryListener, 'event' | 'interrupted' | 'subscribed' | 'heardAgain' | 'lost'>
{
  readonly #options: RouterEventsOptions;
  /** Those of which the event stream of the time has told everything. */
  readonly #told = new Map<RouterId, WeakSet<PlaceMirror>>();

  constructor(options: RouterEventsOptions) {
    this.#options = options;
  }

  event(router: RouterId, event: Event__Output): void {
    // The casts of ids in here: the router has them from us.
    const about = event.event === undefined ? undefined : event[event.event];
    const id = about !== undefined && about !== null && 'meeting' in about ? about.meeting : undefined;
    const meeting = this.#options.meetings.get(id as MeetingId);
    const mirror = meeting?.mirror(router);
    if (meeting === undefined || mirror === undefined) {
      if (event.snapshot) void this.#stray(router, event.snapshot);
      return;
    }
    if (event.snapshot) this.#snapshot(meeting, mirror, event.snapshot);
    else this.#change(meeting, mirror, event);
    meeting.tellChanges();
  }

  /** Events do not flow any more. */
  interrupted(router: RouterId): void {
    this.#told.delete(router);
  }

  /** Meetings of which nothing was told are not there any more, or nobody of ours is in them. */
  subscribed(router: RouterId): void {
    const told = this.#told.get(router);
    for (const { meeting, mirror } of this.#options.meetings.on(router)) {
      if (told?.has(mirror)) this.#options.sessions.reconcile(meeting, mirror);
      else this.#snapshot(meeting, mirror, undefined);
    }
    this.#options.places.subscribed(router);
    this.#options.waitingRoom.askAgain(router);
  }

  /** Who has moved meanwhile leaves it for good, as far as it has not heard that; who has not stays. */
  heardAgain(router: RouterId): void {
    const told = this.#told.get(router);
    for (const { meeting, mirror } of this.#options.meetings.on(router)) {
      if (told?.has(mirror)) this.#options.sessions.reconcile(meeting, mirror);
      for (const session of meeting.sessionsAt(mirror)) this.#options.places.check(session);
    }
  }

  lost(router: RouterId): void {
    this.#options.places.routerLost(router);
    this.#options.waitingRoom.askAgain(router);
  }

  /** Without one: nobody of ours is there. Whoever is entering waits on. */
  #snapshot(meeting: LiveMeeting, mirror: PlaceMirror, snapshot: Snapshot__Output | undefined): void {
    const { router } = mirror;
    const before = pictureOf(meeting, mirror);
    if (snapshot === undefined) mirror.forget();
    else {
      this.#told.set(router, (this.#told.get(router) ?? new WeakSet()).add(mirror));
      mirror.reset(snapshot.version, snapshot.homed.map(toHomed));
      mirror.speakers = snapshot.speakers as ParticipantId[];
      meeting.resetRoster(
        router,
        snapshot.roster.map((entry) => toCarried(entry, router)),
      );
      meeting.roster.setQualities(snapshot.qualities.map(toQualityEntry));
      this.#wholeState(meeting, mirror, snapshot.state);
    }
    for (const session of meeting.sessionsAt(mirror)) {
      if (mirror.homed.has(session.participant)) continue;
      if (session.displaced === undefined) this.#options.sessions.removed(session, 'consentExpired');
      else this.#options.moves.displace(session, session.displaced, true);
    }
    tellDifference(meeting, mirror, before);
    mirror.entered(mirror.homed.keys());
    for (const session of meeting.sessionsAt(mirror)) tellConnection(session);
    this.#options.meetings.settle(meeting);
  }

  /** People of ours are where we know of nobody. If that is a place of the meeting, their clients have gone on. */
  async #stray(router: RouterId, snapshot: Snapshot__Output): Promise<void> {
    const { meetings, sessions, places } = this.#options;
    await places.stray(router, snapshot, () => {
      const meeting = meetings.at(snapshot.meeting as MeetingId);
      const isNew = meeting.mirror(router) === undefined;
      const mirror = meeting.mirrorAt(router, snapshot.epoch);
      if (isNew) this.#snapshot(meeting, mirror, snapshot);
      sessions.reconcile(meeting, mirror);
    });
  }

  #change(meeting: LiveMeeting, mirror: PlaceMirror, event: Event__Output): void {
    const { homed, taken, left, roster, slots, encodings, speakers, quality, state, waitingEnded } = event;
    const { router } = mirror;
    if (state?.changed) {
      this.#stateChanged(meeting, mirror, state.changed);
    } else if (state) {
      this.#wholeState(meeting, mirror, state.whole ?? '');
    } else if (waitingEnded) {
      this.#options.waitingRoom.ended(meeting.id, waitingEnded.participant as ParticipantId, waitingEnded.admitted);
    } else if (roster) {
      const changed = roster.changed.map((entry) => toCarried(entry, router));
      if (mirror.advance(roster.version)) meeting.changeRoster(router, { changed, left: roster.left });
    } else if (quality) {
      meeting.roster.setQualities(quality.qualities.map(toQualityEntry));
    } else if (speakers) {
      mirror.speakers = speakers.participants as ParticipantId[];
      meeting.broadcast({ type: 'speakers', speakers: speakersOf(meeting, mirror) }, meeting.sessionsAt(mirror));
    } else if (slots) {
      const participant = slots.participant as ParticipantId;
      const changed = slots.slots.map(toSlotEntry);
      mirror.setSlots(participant, changed);
      listenerAt(meeting, mirror, participant)?.send({ type: 'slots', slots: changed });
    } else if (encodings) {
      const participant = encodings.participant as ParticipantId;
      const changed = toEncodings(encodings);
      mirror.setEncodings(participant, changed);
      listenerAt(meeting, mirror, participant)?.send({ type: 'encodings', ...changed });
    } else if (homed) {
      const participant = homed.participant as ParticipantId;
      mirror.home(toHomed(homed));
      mirror.entered([participant]);
      const session = sessionAt(meeting, mirror, participant);
      if (session !== undefined) tellConnection(session);
    } else if (left) {
      this.#left(meeting, mirror, left.participant as ParticipantId, left.reason);
    } else if (taken) {
      this.#taken(meeting, mirror, taken.participant as ParticipantId);
    }
  }

  #wholeState(meeting: LiveMeeting, mirror: PlaceMirror, json: string): void {
    mirror.state.reset(json);
    meeting.stateChanged();
    if (mirror.state.state.ended) this.#options.waitingRoom.meetingEnded(mirror);
  }

  #stateChanged(meeting: LiveMeeting, mirror: PlaceMirror, json: string): void {
    const notices = mirror.state.change(json);
    meeting.stateChanged();
    for (const notice of notices) this.#options.notices.tell(meeting, mirror, notice);
    if (mirror.state.state.ended) this.#options.waitingRoom.meetingEnded(mirror);
  }

  #left(meeting: LiveMeeting, mirror: PlaceMirror, participant: ParticipantId, reason: string): void {
    const { sessions, moves, meetings, places, stranded, departures } = this.#options;
    const { main } = mirror.state.state;
    if (main !== undefined) departures.left(meeting.id, main, participant);
    const session = sessionAt(meeting, mirror, participant);
    // One who was asked to move goes on, whatever has become of the place that he is to leave.
    const isMeant = MEANT.includes(reason) || (reason === 'meetingClosed' && places.isOn(meeting.id, mirror.router));
    if (isMeant || reason === 'meetingClosed') this.#options.waitingRoom.sentAway(mirror, participant, reason);
    const why = reason === 'workerLost' ? reason : isMeant ? undefined : session?.displaced;
    const lingering = meeting.sessions.get(participant);
    if (lingering?.lingering?.place.mirror === mirror) moves.cease(lingering);
    if (why !== undefined) meeting.keep(participant);
    else meeting.changeRoster(mirror.router, { changed: [], left: [participant] });
    mirror.unhome(participant);
    mirror.refuse(participant);
    if (session !== undefined && why !== undefined) moves.displace(session, why, true);
    else if (session !== undefined) sessions.removed(session, reason);
    else if (MEANT.includes(reason)) stranded.end(meeting.id, participant);
    meetings.settle(meeting);
  }

  /** He is with another controller. */
  #taken(meeting: LiveMeeting, mirror: PlaceMirror, participant: ParticipantId): void {
    const session = sessionAt(meeting, mirror, participant);
    mirror.unhome(participant);
    if (session !== undefined) this.#options.sessions.taken(session);
    this.#options.meetings.settle(meeting);
  }
}

/** The session of somebody whose media goes by this place. */
function sessionAt(meeting: LiveMeeting, mirror: PlaceMirror, participant: ParticipantId): Session | undefined {
  const session = meeting.sessions.get(participant);
  return session?.place?.mirror === mirror ? session : undefined;
}

/** Who is told of his connection by and by: not before he knows of it, for then he is told all of it. */
function listenerAt(meeting: LiveMeeting, mirror: PlaceMirror, participant: ParticipantId): Session | undefined {
  const session = sessionAt(meeting, mirror, participant);
  return session?.isBetween ? undefined : session;
}

function speakersOf({ roster }: LiveMeeting, mirror: PlaceMirror): ParticipantId[] {
  return mirror.speakers.filter((speaker) => roster.get(speaker) !== undefined);
}

/** What is told at once to those who are at a place, and not in batches. */
interface Picture {
  readonly speakers: readonly ParticipantId[];
  readonly slots: ReadonlyMap<ParticipantId, readonly SlotEntry[]>;
  readonly encodings: ReadonlyMap<ParticipantId, readonly SourceEncodings[]>;
}

function pictureOf(meeting: LiveMeeting, mirror: PlaceMirror): Picture {
  const people = meeting.sessionsAt(mirror).map(({ participant }) => participant);
  return {
    speakers: speakersOf(meeting, mirror),
    slots: new Map(people.map((participant) => [participant, mirror.slotsOf(participant)])),
    encodings: new Map(people.map((participant) => [participant, mirror.encodingsOf(participant)])),
  };
}

/** After a gap in the events: what is otherwise than it was. */
function tellDifference(meeting: LiveMeeting, mirror: PlaceMirror, before: Picture): void {
  const speakers = speakersOf(meeting, mirror);
  const sessions = meeting.sessionsAt(mirror);
  if (!isDeepStrictEqual(speakers, before.speakers)) meeting.broadcast({ type: 'speakers', speakers }, sessions);
  for (const session of sessions) {
    const { participant } = session;
    const slots = slotChanges(before.slots.get(participant) ?? [], mirror.slotsOf(participant));
    if (slots.length > 0) session.send({ type: 'slots', slots });
    const earlier = before.encodings.get(participant) ?? [];
    for (const each of mirror.encodingsOf(participant)) {
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
