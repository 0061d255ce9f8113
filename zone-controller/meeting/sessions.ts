/** How sessions begin and end: a client comes, comes back by another connection, goes, or has to. */
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import type { Entrance } from './entrance.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Moves } from './moves.ts';
import { interrupted, type PlaceMirror } from './place-mirror.ts';
import type { RouterCommands } from './router-commands.ts';
import { type Client, Session, type SessionOptions } from './session.ts';
import type { Stranded } from './stranded.ts';

/** RFC 6455 section 7.4.1: normal closure. */
const CLOSE_NORMAL = 1000;
/** Another WebSocket has taken this one's place. */
export const CLOSE_REPLACED = 4000;

export interface SessionsOptions {
  readonly meetings: LiveMeetings;
  readonly entrance: Entrance;
  readonly moves: Moves;
  readonly stranded: Pick<Stranded, 'begin' | 'end'>;
  readonly commands: Pick<RouterCommands, 'attach'>;
  /** For a command whose failure changes nothing here. */
  readonly tell: (command: Promise<unknown>) => void;
  readonly log: Logger;
}

export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /**
   * From here on the client is told what happens. When it is too late for that, `undo` is run. Throws ZonecastError
   * `meetingLost` or `notJoined` then.
   */
  begin(client: Client, options: Omit<SessionOptions, 'client'>, undo: () => void): Session {
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
    client.take(session);
    this.#options.stranded.begin(meeting.id, participant);
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

  /** By the client's own wish, or for another `reason`, which it is told. */
  leave(session: Session, reason = 'left'): void {
    const { client, meeting, participant, place, errand } = session;
    session.send({ type: 'left', reason });
    this.#options.moves.done(session);
    this.#options.stranded.end(meeting.id, participant);
    // Nobody is awaited any more.
    if (place === undefined) meeting.roster.drop(participant);
    this.#forget(session);
    client.close(CLOSE_NORMAL, reason);
    const room = errand?.isRoom === true ? errand.to : undefined;
    this.#options.log.info({ meeting: meeting.id, participant, room, reason }, 'participant leaves');
    // Past whatever commands still wait.
    if (place !== undefined) this.#options.entrance.leave({ participant, place }, room);
  }

  /** The participant's media is gone, or the meeting: the router knows, the client is told. */
  removed(session: Session, reason: string): void {
    session.send({ type: 'left', reason });
    this.#options.stranded.end(session.meeting.id, session.participant);
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
    const { entrance, commands, tell } = this.#options;
    for (const [participant, { attachment }] of mirror.homed) {
      if (mirror.isEntering(participant)) continue;
      const session = meeting.sessions.get(participant);
      const here = [session?.place, session?.lingering?.place].find((place) => place?.mirror === mirror);
      const isConnected = meeting.roster.isConnectedAt(mirror.router, participant);
      const left = { participant, place: { mirror, worker: 0, attachment } };
      if (session === undefined && isConnected) entrance.detach(left);
      else if (session !== undefined && here === undefined) entrance.leave(left);
      else if (here !== undefined && !isConnected) tell(commands.attach(mirror, participant, here.attachment));
    }
  }

  /** Ends all. Media is left running, and other controllers take the stays over. */
  close(): void {
    for (const meeting of [...this.#options.meetings.all]) {
      this.#options.meetings.delete(meeting);
      for (const session of [...meeting.sessions.values()]) {
        this.#options.moves.cease(session);
        this.#forget(session);
      }
    }
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
    session.access = earlier.access;
    session.errand = earlier.errand && { ...earlier.errand, saidMs: undefined };
    earlier.end();
    earlier.client.close(CLOSE_REPLACED, 'resumed on another connection');
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
