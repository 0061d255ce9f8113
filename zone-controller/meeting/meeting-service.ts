/**
 * What clients do in meetings: join, resume, change, leave. Holds the sessions and the meetings that are running; what
 * routers report about them comes in through `MeetingEvents`.
 */
import { randomBytes } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { ClientMessage, SourceKind } from '../../proto/signalling.ts';
import type { ZoneLimits, ZoneTimes } from '../limits/zone-limits.ts';
import type { Placed, Placements } from '../placement/placements.ts';
import type { Admission } from './admission.ts';
import type { Definitions } from './definitions.ts';
import { LiveMeeting } from './live-meeting.ts';
import type { RouterCommands } from './router-commands.ts';
import { randomToken, tokenHash } from './secret.ts';
import { type Client, Session } from './session.ts';

type Of<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>;

/** The router that let a participant in, and what it answered. */
interface Entry {
  readonly placed: Placed;
  readonly answer: string;
}

/** RFC 6455 section 7.4.1: normal closure. */
const CLOSE_NORMAL = 1000;
/** When a router does not answer, another is tried. */
const MAX_ROUTERS_TRIED = 3;
const RETRY_MS = 1_000;

export interface MeetingServiceOptions {
  readonly definitions: Definitions;
  readonly admission: Admission;
  readonly placements: Placements;
  readonly commands: RouterCommands;
  readonly limits: ZoneLimits;
  readonly times: ZoneTimes;
  readonly log: Logger;
}

export class MeetingService {
  readonly #options: MeetingServiceOptions;
  readonly #meetings = new Map<MeetingId, LiveMeeting>();
  /** By the hash of their token. */
  readonly #sessions = new Map<string, Session>();

  constructor(options: MeetingServiceOptions) {
    this.#options = options;
  }

  get meetings(): ReadonlyMap<MeetingId, LiveMeeting> {
    return this.#meetings;
  }

  /** Lets a client in and sends it `joined`. @throws ZonecastError */
  async join(client: Client, message: Of<'join'>): Promise<Session> {
    const { admission, definitions, limits } = this.#options;
    admission.attempt(client.address);
    const id = await admission.admit(client.address, message.meeting, message.passcode ?? '');
    const meeting = this.#running(id);
    if (meeting.state.size >= limits.participantsPerMeeting) {
      throw new ZonecastError('meetingFull', 'This meeting is full.');
    }
    const participant = randomBytes(9).toString('base64url') as ParticipantId;
    const sources = [...new Set(Object.values(message.sources))];
    meeting.apply({ type: 'joining', participant, name: message.name, sources, muted: message.muted });
    try {
      const entry = await this.#enterRouter(meeting, participant, message);
      void this.#tolerate(definitions.touch(id), 'the use of a meeting could not be noted');
      return this.#enter(meeting, participant, client, message, entry);
    } catch (error) {
      meeting.apply({ type: 'left', participant });
      throw error;
    }
  }

  /** Puts a client that lost its WebSocket back where it was and sends it `resumed`. @throws ZonecastError */
  resume(client: Client, message: Of<'resume'>): Session {
    const { admission } = this.#options;
    admission.attempt(client.address);
    const session = this.#sessions.get(tokenHash(message.session));
    // A token of 192 bits is never guessed, so an unknown one is not held against an address: after a restart, a whole
    // office comes with tokens of the time before, and then joins.
    if (session === undefined) throw new ZonecastError('sessionExpired', 'You were away for too long. Join again.');
    const { meeting, participant } = session;
    session.attach(client);
    meeting.apply({ type: 'attached', participant, attached: true });
    const self = { participant, session: message.session };
    client.send({ type: 'resumed', id: message.id, self, ...this.#picture(session) });
    this.#tellRest(session);
    return session;
  }

  /** The client's WebSocket is gone. Media goes on, and so does the stay for a while. */
  disconnected(session: Session, client: Client): void {
    const { meeting, participant } = session;
    const detached = session.detach(client, this.#options.times.resumeMs, () => this.#leave(session, 'away too long'));
    if (detached) meeting.apply({ type: 'attached', participant, attached: false });
  }

  async offer(session: Session, message: Of<'offer'>): Promise<void> {
    const { meeting, participant } = session;
    const answer = await session.inOrder(() => this.#options.commands.renegotiate(meeting, participant, message));
    const sources = [...new Set<SourceKind>(Object.values(message.sources))];
    meeting.apply({ type: 'sources', participant, sources });
    session.send({ type: 'answer', id: message.id, answer });
  }

  view(session: Session, message: Of<'view'>): Promise<void> {
    const { meeting, participant } = session;
    return session.inOrder(() => this.#options.commands.view(meeting, participant, message.view));
  }

  /** The roster changes at once; the router follows. */
  async mute(session: Session, { source, muted }: Of<'mute'>): Promise<void> {
    const { meeting, participant } = session;
    meeting.apply({ type: 'muted', participant, source, muted });
    await session.inOrder(() => this.#options.commands.mute(meeting, participant, source, muted));
  }

  /** The client's own wish. */
  leave(session: Session): void {
    session.send({ type: 'left', reason: 'left' });
    this.#leave(session, 'left')?.close(CLOSE_NORMAL, 'left');
  }

  /** The participant's media is gone, or the meeting: the router knows, the client is told. */
  removed(session: Session, reason: string): void {
    session.send({ type: 'left', reason });
    this.#forget(session);
  }

  /** The meeting is lost with its router or worker. Its people are told to join again; the next join places it anew. */
  async lost(meeting: LiveMeeting): Promise<void> {
    const { placed } = meeting;
    meeting.placed = undefined;
    const message = 'The meeting was interrupted. Join again.';
    meeting.broadcast({ type: 'error', code: 'meetingLost', message, retryAfterMs: 0 });
    for (const session of [...meeting.sessions.values()]) this.#forget(session);
    if (placed !== undefined) await this.#options.placements.release(meeting.id, placed);
  }

  /** Ends all timers. Media is left running: routers outlive their controller. */
  close(): void {
    for (const session of this.#sessions.values()) session.end();
    for (const meeting of this.#meetings.values()) meeting.close();
    this.#sessions.clear();
    this.#meetings.clear();
  }

  #running(id: MeetingId): LiveMeeting {
    const running = this.#meetings.get(id);
    if (running !== undefined) return running;
    const emptyMs = this.#options.times.emptyMeetingMs;
    const meeting = new LiveMeeting(id, { emptyMs, onEmpty: (empty) => this.#tellRouter(this.#closeEmpty(empty)) });
    this.#meetings.set(id, meeting);
    return meeting;
  }

  /** Asks the meeting's router to let the participant in; a meeting with nobody in it may go to another router. */
  async #enterRouter(meeting: LiveMeeting, participant: ParticipantId, message: Of<'join'>): Promise<Entry> {
    const { placements, commands } = this.#options;
    const failed = new Set<RouterId>();
    for (let attempt = 1; ; attempt++) {
      const placed = await this.#place(meeting, failed);
      placements.reserveJoin(placed.router, meeting.state.size);
      try {
        return { placed, answer: await commands.join(meeting, placed, participant, message) };
      } catch (error) {
        const isElsewhere =
          error instanceof ZonecastError && (error.code === 'noRouter' || error.code === 'staleEpoch');
        if (!isElsewhere || meeting.sessions.size > 0 || attempt === MAX_ROUTERS_TRIED) throw error;
        if (meeting.placed === placed) meeting.placed = undefined;
        if (error.code !== 'noRouter') continue;
        failed.add(placed.router);
        await placements.release(meeting.id, placed);
      }
    }
  }

  /** Joins that come together place the meeting once. */
  readonly #placing = new Map<LiveMeeting, Promise<Placed>>();
  async #place(meeting: LiveMeeting, failed: ReadonlySet<RouterId>): Promise<Placed> {
    if (meeting.placed !== undefined) return meeting.placed;
    let placing = this.#placing.get(meeting);
    if (placing === undefined) {
      placing = this.#options.placements.place(meeting.id, failed).finally(() => this.#placing.delete(meeting));
      this.#placing.set(meeting, placing);
    }
    const placed = await placing;
    meeting.placed ??= placed;
    return meeting.placed;
  }

  #enter(
    meeting: LiveMeeting,
    participant: ParticipantId,
    client: Client,
    message: Of<'join'>,
    { placed, answer }: Entry,
  ): Session {
    // Lost while the router answered, and perhaps placed anew by somebody else: the answer is of a router that the
    // meeting is not on.
    const isLost = meeting.placed !== placed || !meeting.state.has(participant);
    if (isLost || !client.isOpen) {
      this.#tellRouter(this.#options.commands.leave(meeting, placed, participant));
      if (!isLost) throw new ZonecastError('notJoined', 'The client went away.');
      throw new ZonecastError('meetingLost', 'The meeting was interrupted. Join again.', { retryAfterMs: RETRY_MS });
    }
    const token = randomToken();
    const session = new Session(meeting, participant, tokenHash(token), client);
    this.#sessions.set(session.tokenHash, session);
    meeting.sessions.set(participant, session);
    meeting.apply({ type: 'entered', participant });
    client.send({
      type: 'joined',
      id: message.id,
      answer,
      self: { participant, session: token },
      // The client's own passcode back: here it is known by its hash only.
      meeting: { id: meeting.id, ...(message.passcode === undefined ? {} : { passcode: message.passcode }) },
      ...this.#picture(session),
    });
    this.#tellRest(session);
    return session;
  }

  #picture({ meeting, participant }: Session) {
    const { state } = meeting;
    return { roster: state.roster(), slots: state.slotsOf(participant), speakers: [...state.speakers] };
  }

  /** What is known beyond the picture: whose connection is how good, and what is wanted of one's own sources. */
  #tellRest(session: Session): void {
    const { state } = session.meeting;
    for (const each of state.encodingsOf(session.participant)) session.send({ type: 'encodings', ...each });
    const qualities = state.qualities();
    if (qualities.length > 0) session.send({ type: 'quality', qualities });
  }

  #leave(session: Session, reason: string): Client | undefined {
    const { meeting, participant } = session;
    const client = this.#forget(session);
    this.#options.log.info({ meeting: meeting.id, participant, reason }, 'participant leaves');
    const { placed } = meeting;
    // Past whatever commands still wait: nobody stays on the router who is off the roster.
    if (placed !== undefined) this.#tellRouter(this.#options.commands.leave(meeting, placed, participant));
    return client;
  }

  #forget(session: Session): Client | undefined {
    this.#sessions.delete(session.tokenHash);
    session.meeting.sessions.delete(session.participant);
    session.meeting.apply({ type: 'left', participant: session.participant });
    return session.end();
  }

  async #closeEmpty(meeting: LiveMeeting): Promise<void> {
    // Before it is closed: it may have lasted longer than the life of an unused one.
    await this.#tolerate(this.#options.definitions.touch(meeting.id), 'the use of a meeting could not be noted');
    if (meeting.state.size > 0) return;
    const { placed } = meeting;
    meeting.close();
    this.#meetings.delete(meeting.id);
    if (placed === undefined) return;
    // In this order: who joins meanwhile places the meeting anew, and the router refuses to close a newer epoch.
    await this.#options.placements.release(meeting.id, placed);
    await this.#options.commands.closeMeeting(meeting, placed);
  }

  /** For commands whose failure changes nothing here: the router's consent checks free what it still holds. */
  #tellRouter(command: Promise<unknown>): void {
    void this.#tolerate(command, 'a router did not take a command');
  }

  async #tolerate(work: Promise<unknown>, words: string): Promise<void> {
    await work.catch((error: unknown) => this.#options.log.warn({ err: error }, words));
  }
}
