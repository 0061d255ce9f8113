/**
 * What clients do in meetings: join, resume, change, leave. Who is in a meeting, its routers know; here is only what the
 * connected clients of this controller need, so that any controller can answer any of it.
 */
import { randomBytes } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import type { ParticipantId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { ClientMessage } from '../../proto/signalling.ts';
import type { Placements } from '../placement/placements.ts';
import { tryLater } from '../registry/try-later.ts';
import type { Admission } from './admission.ts';
import type { Definitions } from './definitions.ts';
import type { Entrance, Entry } from './entrance.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { MeetingPlaces } from './meeting-places.ts';
import type { MoveWishes } from './move-wishes.ts';
import type { Moves } from './moves.ts';
import { interrupted, type PlaceMirror } from './place-mirror.ts';
import type { RouterCommands } from './router-commands.ts';
import { type Client, mediaOf, Session, type SessionOptions } from './session.ts';
import type { SessionTokens, Stay } from './session-tokens.ts';
import type { Stranded } from './stranded.ts';

type Of<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>;

/** RFC 6455 section 7.4.1: normal closure. */
const CLOSE_NORMAL = 1000;
/** Another WebSocket has taken this one's place. */
const CLOSE_REPLACED = 4000;
const RETRY_MS = 1_000;

export interface MeetingServiceOptions {
  readonly meetings: LiveMeetings;
  readonly definitions: Definitions;
  readonly admission: Admission;
  readonly placements: Placements;
  readonly places: MeetingPlaces;
  readonly entrance: Entrance;
  readonly moves: Moves;
  readonly stranded: Stranded;
  readonly wishes: Pick<MoveWishes, 'check'>;
  readonly commands: RouterCommands;
  /** For a command whose failure changes nothing here. */
  readonly tell: (command: Promise<unknown>) => void;
  readonly tokens: SessionTokens;
  /** URLs of the zone's other controllers. */
  readonly controllers: () => string[];
  readonly log: Logger;
}

export class MeetingService {
  readonly #options: MeetingServiceOptions;

  constructor(options: MeetingServiceOptions) {
    this.#options = options;
  }

  /** Lets a client in and sends it `joined`. @throws ZonecastError */
  async join(client: Client, message: Of<'join'>): Promise<Session> {
    const { admission, definitions, entrance, controllers, log } = this.#options;
    admission.attempt(client.address);
    const id = await tryLater(admission.admit(client.address, message.meeting, message.passcode ?? ''));
    const participant = randomBytes(9).toString('base64url') as ParticipantId;
    const { entry, answer } = await tryLater(entrance.enter(id, participant, message));
    definitions
      .touch(id)
      .catch((error: unknown) => log.warn({ err: error }, 'the use of a meeting could not be noted'));
    const session = this.#begin(client, { ...entry, name: message.name }, () => entrance.leave(entry));
    client.send({
      type: 'joined',
      id: message.id,
      answer,
      self: { participant, session: entry.token },
      // The client's own passcode back: here it is known by its hash only.
      meeting: { id, ...(message.passcode === undefined ? {} : { passcode: message.passcode }) },
      ...pictureFor(session),
      controllers: controllers(),
    });
    this.#tellRest(session);
    return session;
  }

  /** Puts a client that lost its WebSocket back where it was and sends it `resumed`. @throws ZonecastError */
  async resume(client: Client, message: Of<'resume'>): Promise<Session> {
    const { admission, tokens, entrance, controllers } = this.#options;
    admission.attempt(client.address);
    const stay = await tokens.verify(message.session);
    // A signature is never guessed, so a wrong one is not held against an address: after the loss of the zone's key, a
    // whole office comes with tokens of the time before, and then joins.
    if (stay === undefined) throw expired();
    const entry = await tryLater(entrance.takeOver(stay));
    const session = entry === undefined ? await tryLater(this.#await(client, stay)) : this.#return(client, entry);
    const self = { participant: stay.participant, session: entry?.token ?? message.session };
    client.send({ type: 'resumed', id: message.id, self, ...pictureFor(session), controllers: controllers() });
    this.#tellRest(session);
    return session;
  }

  /** The client's WebSocket is gone. Media goes on, and so does the stay for a while. */
  disconnected(session: Session): void {
    if (!this.#forget(session)) return;
    const { entrance, moves } = this.#options;
    const { participant, place, lingering } = session;
    // Which of two places it comes back to depends on what it still heard.
    moves.cease(session);
    for (const each of [place, lingering?.place]) if (each !== undefined) entrance.detach({ participant, place: each });
  }

  async offer(session: Session, message: Of<'offer'>): Promise<void> {
    const { commands } = this.#options;
    const answer = await session.inOrder(() =>
      this.#command(session, (mirror) => commands.renegotiate(mirror, session.participant, message)),
    );
    if (answer === undefined) {
      const words = 'Your connection is moving to another server. Try again.';
      throw new ZonecastError('noRouter', words, { retryAfterMs: RETRY_MS });
    }
    session.send({ type: 'answer', id: message.id, answer });
  }

  /** Without a place: said again by the client when it has moved. */
  async view(session: Session, { view }: Of<'view'>): Promise<void> {
    const { commands } = this.#options;
    await session.inOrder(() => this.#command(session, (mirror) => commands.view(mirror, session.participant, view)));
  }

  async mute(session: Session, { source, muted }: Of<'mute'>): Promise<void> {
    const { commands } = this.#options;
    await session.inOrder(() =>
      this.#command(session, (mirror) => commands.mute(mirror, session.participant, source, muted)),
    );
  }

  async move(session: Session, message: Of<'move'>): Promise<void> {
    await this.#options.moves.move(session, message);
    if (!session.isOver) this.#options.places.check(session);
  }

  mediaLost(session: Session): void {
    this.#options.places.mediaLost(session);
  }

  moveDone(session: Session): void {
    this.#options.moves.done(session);
  }

  /** The client's own wish. */
  leave(session: Session): void {
    const { client, meeting, participant, place } = session;
    session.send({ type: 'left', reason: 'left' });
    this.#options.moves.done(session);
    this.#options.stranded.end(participant);
    // Nobody is awaited any more.
    if (place === undefined) meeting.roster.drop(participant);
    this.#forget(session);
    client.close(CLOSE_NORMAL, 'left');
    this.#options.log.info({ meeting: meeting.id, participant }, 'participant leaves');
    // Past whatever commands still wait.
    if (place !== undefined) this.#options.entrance.leave({ participant, place });
  }

  /** The participant's media is gone, or the meeting: the router knows, the client is told. */
  removed(session: Session, reason: string): void {
    session.send({ type: 'left', reason });
    this.#options.stranded.end(session.participant);
    this.#options.moves.done(session);
    this.#forget(session);
  }

  /** The participant's client has come to another controller, or to this one by another connection. */
  taken(session: Session): void {
    this.#forget(session);
    session.client.close(CLOSE_REPLACED, 'resumed on another connection');
  }

  /** After a gap in the router's events: says again who is connected here, as far as the router thinks otherwise. */
  reconcile(meeting: LiveMeeting, mirror: PlaceMirror): void {
    for (const [participant, { attachment }] of mirror.homed) {
      if (mirror.isEntering(participant)) continue;
      const session = meeting.sessions.get(participant);
      const here = [session?.place, session?.lingering?.place].find((place) => place?.mirror === mirror);
      const isConnected = meeting.roster.isConnectedAt(mirror.router, participant);
      const left = { participant, place: { mirror, worker: 0, attachment } };
      if (session === undefined && isConnected) this.#options.entrance.detach(left);
      else if (session !== undefined && here === undefined) this.#options.entrance.leave(left);
      else if (here !== undefined && !isConnected) {
        this.#options.tell(this.#options.commands.attach(mirror, participant, here.attachment));
      }
    }
  }

  /** Ends all sessions. Media is left running, and other controllers take the stays over. */
  close(): void {
    this.#options.places.close();
    for (const meeting of [...this.#options.meetings.all]) {
      this.#options.meetings.delete(meeting);
      for (const session of [...meeting.sessions.values()]) {
        this.#options.moves.cease(session);
        this.#forget(session);
      }
    }
  }

  /** What is known beyond the picture; whether he is to move is found anew. */
  #tellRest(session: Session): void {
    const { place, meeting, participant } = session;
    for (const each of place?.mirror.encodingsOf(participant) ?? []) session.send({ type: 'encodings', ...each });
    const qualities = meeting.roster.qualities();
    if (qualities.length > 0) session.send({ type: 'quality', qualities });
    this.#options.places.check(session);
    this.#options.wishes.check(session);
  }

  /** A router has handed him over. */
  #return(client: Client, entry: Entry): Session {
    const name = entry.meeting.roster.get(entry.participant)?.name ?? '';
    return this.#begin(client, { ...entry, name }, () => this.#options.entrance.detach(entry));
  }

  /** No router has him. If he was on a place that was lost a moment ago, he goes on to another. */
  async #await(client: Client, stay: Stay): Promise<Session> {
    const found = await this.#options.stranded.find(stay);
    if (found === undefined) throw expired();
    const undo = (): void => this.#options.meetings.settle(found.meeting);
    return this.#begin(client, { ...found, participant: stay.participant, place: undefined }, undo);
  }

  /** From here on the client is told what happens. When it is too late for that, `undo` is run. */
  #begin(client: Client, options: Omit<SessionOptions, 'client'>, undo: () => void): Session {
    const { meeting, participant, place } = options;
    // Lost or left between the router's word and this.
    if (place !== undefined && (place.mirror.isOver || !place.mirror.homed.has(participant))) {
      undo();
      throw interrupted();
    }
    if (!client.isOpen) {
      undo();
      throw new ZonecastError('notJoined', 'The client went away.');
    }
    const earlier = meeting.sessions.get(participant);
    const session = new Session({ ...options, client });
    if (earlier !== undefined) this.#replace(session, earlier);
    meeting.add(session);
    return session;
  }

  /** The client has come back here; of two places, it says by its token which one it goes on from. */
  #replace(session: Session, earlier: Session): void {
    const { moves, entrance } = this.#options;
    const { place, participant } = session;
    moves.inherit(session, earlier);
    moves.cease(earlier);
    if (earlier.place !== undefined && place !== undefined && earlier.place.mirror !== place.mirror) {
      entrance.leave({ participant, place: earlier.place });
    }
    earlier.end();
    earlier.client.close(CLOSE_REPLACED, 'resumed on another connection');
  }

  /** A command to the router of the session; undefined when there is none. */
  async #command<Result>(
    session: Session,
    command: (mirror: PlaceMirror) => Promise<Result>,
  ): Promise<Result | undefined> {
    const mirror = session.place?.mirror;
    if (mirror === undefined) return undefined;
    const { epoch } = mirror;
    try {
      return await command(mirror);
    } catch (error) {
      if (!(error instanceof ZonecastError && error.code === 'staleEpoch')) throw error;
      // The meeting has lost a place elsewhere, and the router knows it before us.
      await tryLater(this.#options.placements.refresh(session.meeting.id));
      if (mirror.isOver || mirror.epoch === epoch) throw error;
      return command(mirror);
    }
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
}

function pictureFor(session: Session) {
  const { meeting, participant, place } = session;
  const { roster } = meeting;
  const speakers = place?.mirror.speakers.filter((speaker) => roster.get(speaker) !== undefined) ?? [];
  const slots = place?.mirror.slotsOf(participant) ?? [];
  return { roster: roster.entries(), slots, speakers, ...mediaOf(session) };
}

function expired(): ZonecastError {
  return new ZonecastError('sessionExpired', 'You were away for too long. Join again.');
}
