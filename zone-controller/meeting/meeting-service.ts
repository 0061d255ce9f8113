/**
 * What clients do in meetings: join, resume, change, leave. Who is in a meeting, its router knows; here is only what the
 * connected clients of this controller need, so that any controller can answer any of it.
 */
import { randomBytes } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { ClientMessage } from '../../proto/signalling.ts';
import type { ZoneTimes } from '../limits/zone-limits.ts';
import { afterFailedJoin, type Findings, type Placements, placesOf } from '../placement/placements.ts';
import { tryLater } from '../registry/try-later.ts';
import type { Admission } from './admission.ts';
import type { Definitions } from './definitions.ts';
import { interrupted, type LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { RouterCommands } from './router-commands.ts';
import { type Client, Session } from './session.ts';
import type { SessionTokens, Stay } from './session-tokens.ts';

type Of<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>;

/** A participant who has just been let in, or handed over. */
interface Entry {
  readonly meeting: LiveMeeting;
  readonly participant: ParticipantId;
  readonly attachment: number;
}

/** RFC 6455 section 7.4.1: normal closure. */
const CLOSE_NORMAL = 1000;
/** Another WebSocket has taken this one's place. */
const CLOSE_REPLACED = 4000;
/** When a router does not answer, or its epoch is over. */
const MAX_ATTEMPTS = 3;

export interface MeetingServiceOptions {
  readonly meetings: LiveMeetings;
  readonly definitions: Definitions;
  readonly admission: Admission;
  readonly placements: Placements;
  readonly commands: RouterCommands;
  readonly tokens: SessionTokens;
  readonly times: ZoneTimes;
  readonly log: Logger;
}

export class MeetingService {
  readonly #options: MeetingServiceOptions;
  #attachments = 0;

  constructor(options: MeetingServiceOptions) {
    this.#options = options;
  }

  /** Lets a client in and sends it `joined`. @throws ZonecastError */
  async join(client: Client, message: Of<'join'>): Promise<Session> {
    const { admission, definitions, tokens, commands } = this.#options;
    admission.attempt(client.address);
    const id = await tryLater(admission.admit(client.address, message.meeting, message.passcode ?? ''));
    const participant = randomBytes(9).toString('base64url') as ParticipantId;
    const { entry, answer } = await tryLater(this.#enterRouter(id, participant, message));
    void this.#tolerate(definitions.touch(id), 'the use of a meeting could not be noted');
    const { meeting } = entry;
    const leave = (): void => this.#tellRouter(commands.leave(meeting, participant));
    const session = this.#begin(client, entry, leave);
    client.send({
      type: 'joined',
      id: message.id,
      answer,
      self: { participant, session: tokens.sign({ meeting: id, participant, router: meeting.placed.router }) },
      // The client's own passcode back: here it is known by its hash only.
      meeting: { id, ...(message.passcode === undefined ? {} : { passcode: message.passcode }) },
      ...pictureFor(session),
    });
    tellRest(session);
    return session;
  }

  /** Puts a client that lost its WebSocket back where it was and sends it `resumed`. @throws ZonecastError */
  async resume(client: Client, message: Of<'resume'>): Promise<Session> {
    const { admission, tokens } = this.#options;
    admission.attempt(client.address);
    const stay = tokens.verify(message.session);
    // A signature is never guessed, so a wrong one is not held against an address: after the loss of the zone's key, a
    // whole office comes with tokens of the time before, and then joins.
    if (stay === undefined) throw expired();
    const entry = await tryLater(this.#takeOver(stay));
    const session = this.#begin(client, entry, () => this.#detach(entry));
    const self = { participant: stay.participant, session: message.session };
    client.send({ type: 'resumed', id: message.id, self, ...pictureFor(session) });
    tellRest(session);
    return session;
  }

  /** The client's WebSocket is gone. Media goes on, and so does the stay for a while. */
  disconnected(session: Session): void {
    if (this.#forget(session)) this.#detach(session);
  }

  async offer(session: Session, message: Of<'offer'>): Promise<void> {
    const { meeting, participant } = session;
    const answer = await session.inOrder(() => this.#options.commands.renegotiate(meeting, participant, message));
    session.send({ type: 'answer', id: message.id, answer });
  }

  view(session: Session, message: Of<'view'>): Promise<void> {
    const { meeting, participant } = session;
    return session.inOrder(() => this.#options.commands.view(meeting, participant, message.view));
  }

  mute(session: Session, { source, muted }: Of<'mute'>): Promise<void> {
    const { meeting, participant } = session;
    return session.inOrder(() => this.#options.commands.mute(meeting, participant, source, muted));
  }

  /** The client's own wish. */
  leave(session: Session): void {
    const { client, meeting, participant } = session;
    session.send({ type: 'left', reason: 'left' });
    this.#forget(session);
    client.close(CLOSE_NORMAL, 'left');
    this.#options.log.info({ meeting: meeting.id, participant }, 'participant leaves');
    // Past whatever commands still wait.
    this.#tellRouter(this.#options.commands.leave(meeting, participant));
  }

  /** The participant's media is gone, or the meeting: the router knows, the client is told. */
  removed(session: Session, reason: string): void {
    session.send({ type: 'left', reason });
    this.#forget(session);
  }

  /** The participant's client has come to another controller, or to this one by another connection. */
  taken(session: Session): void {
    this.#forget(session);
    session.client.close(CLOSE_REPLACED, 'resumed on another connection');
  }

  /** The meeting is lost with its router or worker. Its people are told to join again; the next join places it anew. */
  lost(meeting: LiveMeeting): void {
    const message = 'The meeting was interrupted. Join again.';
    meeting.broadcast({ type: 'error', code: 'meetingLost', message, retryAfterMs: 0 });
    const sessions = [...meeting.sessions.values()];
    this.#options.meetings.delete(meeting);
    for (const session of sessions) this.#forget(session);
  }

  /** After a gap in the router's events: says again who is connected here, as far as the router thinks otherwise. */
  reconcile(meeting: LiveMeeting): void {
    for (const [participant, { attachment }] of meeting.state.homed) {
      if (meeting.isEntering(participant)) continue;
      const session = meeting.sessions.get(participant);
      const isConnected = meeting.state.isConnected(participant);
      if (session === undefined && isConnected) this.#detach({ meeting, participant, attachment });
      else if (session !== undefined && !isConnected) {
        this.#tellRouter(this.#options.commands.attach(meeting, participant, session.attachment));
      }
    }
  }

  /** Ends all sessions. Media is left running, and other controllers take the stays over. */
  close(): void {
    for (const meeting of [...this.#options.meetings.all]) {
      this.#options.meetings.delete(meeting);
      for (const session of [...meeting.sessions.values()]) this.#forget(session);
    }
  }

  /** Has the meeting's router let the participant in; places the meeting when it is nowhere. */
  async #enterRouter(
    id: MeetingId,
    participant: ParticipantId,
    message: Of<'join'>,
  ): Promise<{ readonly entry: Entry; readonly answer: string }> {
    const { placements, meetings, commands } = this.#options;
    let findings: Findings = {};
    for (let attempt = 1; ; attempt++) {
      const placed = await placements.locate(id, findings);
      const meeting = meetings.at(id, placed);
      const attachment = ++this.#attachments;
      placements.reserveJoin(meeting.placed, meeting.state.size + 1);
      try {
        const answer = await meeting.entering(
          participant,
          () => commands.join(meeting, participant, attachment, message),
          () => this.#tellRouter(commands.leave(meeting, participant)),
        );
        return { entry: { meeting, participant, attachment }, answer };
      } catch (error) {
        const next = attempt === MAX_ATTEMPTS ? undefined : afterFailedJoin(findings, placed, error);
        if (next === undefined) throw error;
        findings = next;
      } finally {
        meetings.settle(meeting);
      }
    }
  }

  /** Has the router hand the participant over, at the router of his token first, then at the others of the meeting. */
  async #takeOver({ meeting: id, participant, router }: Stay): Promise<Entry> {
    const { placements, meetings, commands } = this.#options;
    for (const placed of placesOf(await placements.find(id), router)) {
      const meeting = meetings.at(id, placed);
      const entry = { meeting, participant, attachment: ++this.#attachments };
      try {
        const attach = () => commands.attach(meeting, participant, entry.attachment);
        await meeting.entering(participant, attach, () => this.#detach(entry));
        return entry;
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        const isGone = error.code === 'noRouter' && (await placements.isGone(placed.router));
        if (!isGone && error.code !== 'noSuchParticipant' && error.code !== 'staleEpoch') throw error;
      } finally {
        meetings.settle(meeting);
      }
    }
    throw expired();
  }

  /** From here on the client is told what happens. When it is too late for that, `undo` is run. */
  #begin(client: Client, { meeting, participant, attachment }: Entry, undo: () => void): Session {
    // Lost or left between the router's word and this.
    if (meeting.isOver || !meeting.state.homed.has(participant)) {
      undo();
      throw interrupted();
    }
    if (!client.isOpen) {
      undo();
      throw new ZonecastError('notJoined', 'The client went away.');
    }
    const earlier = meeting.sessions.get(participant);
    if (earlier !== undefined) this.taken(earlier);
    const session = new Session(meeting, participant, client, attachment);
    meeting.sessions.set(participant, session);
    return session;
  }

  #detach({ meeting, participant, attachment }: Entry): void {
    const { commands, times } = this.#options;
    this.#tellRouter(commands.detach(meeting, participant, attachment, times.resumeMs));
  }

  /** False when it was over already. */
  #forget(session: Session): boolean {
    const { meeting, participant } = session;
    session.end();
    if (meeting.sessions.get(participant) !== session) return false;
    meeting.sessions.delete(participant);
    this.#options.meetings.settle(meeting);
    return true;
  }

  /** For commands whose failure changes nothing here: the router's consent checks free what it still holds. */
  #tellRouter(command: Promise<unknown>): void {
    void this.#tolerate(command, 'a router did not take a command');
  }

  async #tolerate(work: Promise<unknown>, words: string): Promise<void> {
    await work.catch((error: unknown) => this.#options.log.warn({ err: error }, words));
  }
}

function pictureFor({ meeting: { state }, participant }: Session) {
  return { roster: state.roster(), slots: state.slotsOf(participant), speakers: [...state.speakers] };
}

/** What is known beyond the picture: whose connection is how good, and what is wanted of one's own sources. */
function tellRest(session: Session): void {
  const { state } = session.meeting;
  for (const each of state.encodingsOf(session.participant)) session.send({ type: 'encodings', ...each });
  const qualities = state.qualities();
  if (qualities.length > 0) session.send({ type: 'quality', qualities });
}

function expired(): ZonecastError {
  return new ZonecastError('sessionExpired', 'You were away for too long. Join again.');
}
