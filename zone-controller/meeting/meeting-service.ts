/**
 * What clients do in meetings: join, resume, change, leave. Who is in a meeting, its routers know; here is only what the
 * connected clients of this controller need, so that any controller can answer any of it.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { ClientMessage } from '../../proto/signalling.ts';
import { tryLater } from '../registry/try-later.ts';
import type { Access } from './access.ts';
import type { Acts, ZoneActs } from './acts.ts';
import type { Admission } from './admission.ts';
import type { Entrance, Entry } from './entrance.ts';
import type { Joins } from './joins.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { MeetingPlaces } from './meeting-places.ts';
import type { MoveWishes } from './move-wishes.ts';
import type { Moves } from './moves.ts';
import { pictureFor, tellRest } from './picture.ts';
import type { Rooms } from './rooms.ts';
import { type Client, Session } from './session.ts';
import type { SessionCommands } from './session-commands.ts';
import type { SessionTokens, Stay } from './session-tokens.ts';
import type { Sessions } from './sessions.ts';
import type { Stranded } from './stranded.ts';
import type { Waiter } from './waiter.ts';
import type { WaitingRoom } from './waiting-room.ts';
import type { WhichZone } from './which-zone.ts';

type Of<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>;
/** What a client that is in a meeting may say. */
export type SessionMessage = Exclude<ClientMessage, { type: 'join' | 'resume' | 'ping' }>;

export interface MeetingServiceOptions {
  readonly meetings: LiveMeetings;
  readonly admission: Pick<Admission, 'attempt'>;
  readonly places: MeetingPlaces;
  readonly entrance: Entrance;
  readonly moves: Moves;
  readonly stranded: Stranded;
  readonly wishes: Pick<MoveWishes, 'check'>;
  readonly joins: Joins;
  readonly waitingRoom: WaitingRoom;
  readonly sessions: Sessions;
  readonly commands: SessionCommands;
  readonly acts: Acts;
  readonly zoneActs: ZoneActs;
  readonly rooms: Pick<Rooms, 'everywhere' | 'elsewhere' | 'remind'>;
  readonly tokens: SessionTokens;
  readonly whichZone: Pick<WhichZone, 'ofResume'>;
  /** Where else the client may go: URLs of controllers. */
  readonly controllers: () => string[];
  /** How clients get in by tunnels. */
  readonly access: Pick<Access, 'tell'>;
  /** A client says which way its media goes. */
  readonly cameBy: (message: Of<'wayIn'>) => void;
}

export class MeetingService {
  readonly #options: MeetingServiceOptions;

  constructor(options: MeetingServiceOptions) {
    this.#options = options;
  }

  /** Lets a client in and sends it `joined`, or `waiting`; or `redirect`, to another zone. @throws ZonecastError */
  join(client: Client, message: Of<'join'>): Promise<void> {
    return this.#options.joins.join(client, message);
  }

  /**
   * Puts a client that lost its WebSocket back where it was and sends it `resumed`; or `redirect`, when that is another zone. Of a
   * zone that is no place to go on in, it goes on here. @throws ZonecastError
   */
  async resume(client: Client, message: Of<'resume'>): Promise<void> {
    const { admission, tokens, whichZone, entrance, moves, rooms, controllers, access } = this.#options;
    admission.attempt(client.address);
    const stay = await tokens.verify(message.session);
    // A signature is never guessed, so a wrong one is not held against an address: after the loss of the zone's key, a
    // whole office comes with tokens of the time before, and then joins.
    if (stay === undefined) throw expired();
    const foreign = await tryLater(whichZone.ofResume(stay, client.address, message.tried));
    if (foreign?.type === 'redirect') return client.send({ ...foreign, id: message.id });
    const entry = await tryLater(entrance.takeOver(stay));
    const session = entry === undefined ? await tryLater(this.#await(client, stay)) : this.#return(client, stay, entry);
    const self = { participant: stay.participant, session: entry?.token ?? message.session };
    client.send({
      type: 'resumed',
      id: message.id,
      self,
      ...pictureFor(session),
      controllers: controllers(),
      ...access.tell(session),
    });
    tellRest(session);
    rooms.remind(session);
    if (entry === undefined && foreign !== undefined) moves.displace(session, foreign.reason, true);
    this.check(session);
  }

  /** What a client says that is in a meeting. @throws ZonecastError */
  async handle(session: Session, message: SessionMessage): Promise<void> {
    const { commands, acts, moves, places, rooms, sessions } = this.#options;
    switch (message.type) {
      case 'offer':
        return commands.offer(session, message);
      case 'view':
        return commands.view(session, message);
      case 'mute':
        return commands.mute(session, message);
      case 'act':
        return acts.act(session, message);
      case 'move':
        await moves.move(session, message);
        if (session.isOver) return;
        rooms.remind(session);
        return places.check(session);
      case 'moveDone':
        return moves.done(session);
      case 'stay':
        return moves.stay(session);
      case 'mediaLost':
        return places.mediaLost(session);
      case 'wayIn':
        return this.#options.cameBy(message);
      case 'leave':
        return sessions.leave(session);
    }
  }

  /** What a client says that waits to be let in. @throws ZonecastError */
  handleWaiting(waiter: Waiter, message: SessionMessage): void {
    if (message.type !== 'leave') throw new ZonecastError('notJoined', 'You are not in the meeting yet.');
    this.#options.waitingRoom.leave(waiter);
  }

  /** The client's WebSocket is gone. */
  disconnected(stay: Session | Waiter): void {
    if (stay instanceof Session) this.#options.sessions.disconnected(stay);
    else this.#options.waitingRoom.disconnected(stay);
  }

  /** Ends it for everybody, in the name of the zone. Whether others may come later, its definition says. @throws ZonecastError */
  async end(meeting: MeetingId): Promise<void> {
    const { zoneActs, rooms } = this.#options;
    await rooms.everywhere(meeting, { type: 'endMeeting' });
    await zoneActs.act(meeting, { type: 'endMeeting' });
    // All its people may be in other zones, or in some that are cut off from its routers here.
    await rooms.elsewhere(meeting, { type: 'endMeeting' });
  }

  /** Tells those in it and in its rooms that the zone will end it in so long. @throws ZonecastError */
  async announceEnd(meeting: MeetingId, leftMs: number): Promise<void> {
    const { zoneActs, rooms } = this.#options;
    await rooms.everywhere(meeting, { type: 'announceEnd', leftMs });
    await zoneActs.act(meeting, { type: 'announceEnd', leftMs });
  }

  /** Somebody has come, or is back: whether he is to move is found anew. */
  check(session: Session): void {
    this.#options.places.check(session);
    this.#options.wishes.check(session);
  }

  /** Ends all sessions. Media is left running, and other controllers take the stays over. */
  close(): void {
    this.#options.places.close();
    this.#options.waitingRoom.close();
    this.#options.sessions.close();
  }

  /** A router has handed him over. */
  #return(client: Client, stay: Stay, entry: Entry): Session {
    const { sessions, entrance } = this.#options;
    const name = entry.meeting.roster.get(entry.participant)?.name ?? stay.name;
    const role = stay.role ?? 'participant';
    return sessions.begin(client, { ...entry, name, role }, () => entrance.detach(entry));
  }

  /** No router has him. If he was on a place that was lost a moment ago, he goes on to another. */
  async #await(client: Client, stay: Stay & { readonly zone: ZoneId }): Promise<Session> {
    const { sessions, stranded, meetings } = this.#options;
    const found = await stranded.find(stay);
    if (found === undefined) throw expired();
    const { participant, role = 'participant' } = stay;
    const undo = (): void => meetings.settle(found.meeting);
    return sessions.begin(client, { ...found, participant, role, place: undefined }, undo);
  }
}

function expired(): ZonecastError {
  return new ZonecastError('sessionExpired', 'You were away for too long. Join again.');
}
