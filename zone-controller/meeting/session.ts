/**
 * A participant whose client is connected to this controller. It ends with the connection; the stay itself goes on at
 * the router, and another session takes it up when the client comes back.
 */
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { MeetingState, Person, Role } from '../../mmr/control/state/meeting-state.ts';
import type { MoveReason, ServerMessage } from '../../proto/signalling.ts';
import type { TokenBucket } from '../limits/token-bucket.ts';
import type { Destination } from '../placement/grow-tree.ts';
import type { ToldAccess } from './access.ts';
import { CommandQueue } from './command-queue.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { PlaceMirror } from './place-mirror.ts';
import type { Waiter } from './waiter.ts';

/** A client's end of the WebSocket, as meetings see it. */
export interface Client {
  /** Key of the address that limits are counted by. */
  readonly address: string;
  readonly isOpen: boolean;
  send(message: ServerMessage): void;
  /** A ServerMessage that is text already: one serialisation for a whole meeting. */
  sendText(text: string): void;
  /** Says why a request could not be fulfilled. */
  refuse(error: unknown, id: number): void;
  /** What the client says is about this stay from now on. */
  take(stay: Session | Waiter): void;
  /** The stay is over; the client may join again on this connection. */
  release(): void;
  /** Closes the WebSocket with a code of RFC 6455 section 7.4 or 4000–4999. */
  close(code: number, reason: string): void;
}

/** Where somebody's media goes by. */
export interface SessionPlace {
  readonly mirror: PlaceMirror;
  readonly worker: number;
  /** By which the router knows this connection of the participant from others. */
  readonly attachment: number;
}

export interface SessionOptions {
  readonly meeting: LiveMeeting;
  readonly participant: ParticipantId;
  readonly name: string;
  /** As which he came. */
  readonly role: Role;
  /** In a room: as which he came to the meeting that it belongs to, if that is known. */
  readonly atHome?: Role | undefined;
  readonly client: Client;
  readonly place: SessionPlace | undefined;
  /** To zones, milliseconds, as his client measured them before it joined here; it need not have. */
  readonly roundTrips?: Readonly<Record<string, number>> | undefined;
}

/** He has been told to go to another meeting: a room of this one, or back. */
export interface Errand {
  readonly to: MeetingId;
  /** `to` is a room of this meeting. */
  readonly isRoom: boolean;
  /** Monotonic, milliseconds; undefined: on an earlier connection, on which it may not have been heard. */
  readonly saidMs: number | undefined;
}

export class Session {
  readonly meeting: LiveMeeting;
  readonly participant: ParticipantId;
  readonly client: Client;
  /** The role as which he came. */
  readonly entitledTo: Role;
  /** In a room: that as which he goes back, if nothing is known of him there. */
  readonly atHome: Role;
  /** To zones, milliseconds; undefined: his client has not told this controller. */
  readonly roundTrips: Readonly<Record<string, number>> | undefined;
  /** undefined while there is none: it is lost, and he is asked to move. */
  place: SessionPlace | undefined;
  /** Why the client is asked to move; undefined when it is not. */
  displaced: MoveReason | undefined;
  /** He is to go to any other router than this. */
  avoid: RouterId | undefined;
  /** An operator wants him there; undefined: wherever there is room. */
  wanted: Destination | undefined;
  /** After a move, the place before, until the client does not need it any more. */
  lingering: { readonly place: SessionPlace; readonly timer: NodeJS.Timeout } | undefined;
  /** Where he has two connections, until his client says that it does not need the first. */
  doubled: SessionPlace | undefined;
  /** Which of his connections his client takes slots and encodings to be of, as the place calls it. */
  connection: number;
  /** They are of one of which it has not been told yet. */
  isBetween = false;
  /** Ways that he may try unasked; made when he tries the first. */
  pathBudget: TokenBucket | undefined;
  /** A move is with the router. */
  isMoving = false;
  /** The client has given it up meanwhile. */
  isGivenUp = false;
  /** The meeting's state, as the client was told it last. */
  told: MeetingState | undefined;
  errand: Errand | undefined;
  /** By which tunnels he gets in, as his client was told last. */
  access: ToldAccess | undefined;
  /** When he was given a pass by which to come back from a room, monotonic. */
  passMs = performance.now();
  /** To his router: a view or mute never overtakes an earlier one. */
  readonly commands = new CommandQueue();
  /** Of his about the meeting, which its root answers. */
  readonly acts = new CommandQueue();
  readonly #name: string;
  #isOver = false;

  constructor({ meeting, participant, name, role, atHome = 'participant', client, place, roundTrips }: SessionOptions) {
    this.meeting = meeting;
    this.participant = participant;
    this.#name = name;
    this.entitledTo = role;
    this.atHome = atHome;
    this.client = client;
    this.place = place;
    this.connection = connectionAt(place, participant);
    this.roundTrips = roundTrips;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get name(): string {
    return this.#person?.name ?? this.#name;
  }

  get role(): Role {
    return this.#person?.role ?? this.entitledTo;
  }

  /** There was room for sound only where he is. */
  get isAudioOnly(): boolean {
    return this.place?.mirror.isAudioOnly(this.participant) ?? false;
  }

  send(message: ServerMessage): void {
    if (!this.#isOver) this.client.send(message);
  }

  sendText(text: string): void {
    if (!this.#isOver) this.client.sendText(text);
  }

  /** He has moved. What still waits for the place before is not sent: the client says anew what holds. */
  goTo(place: SessionPlace): void {
    const connection = connectionAt(place, this.participant);
    Object.assign(this, { place, connection, displaced: undefined, avoid: undefined, wanted: undefined });
    this.commands.drop();
  }

  /** Commands that still wait are not sent: the session that follows says anew what holds. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.commands.end();
    this.acts.end();
    this.client.release();
  }

  /** As the state of the meeting has him, or had him a moment ago. */
  get #person(): Person | undefined {
    const now = this.place?.mirror.state.state.people.get(this.participant);
    return now ?? this.told?.people.get(this.participant);
  }
}

function connectionAt(place: SessionPlace | undefined, participant: ParticipantId): number {
  return place?.mirror.homed.get(participant)?.connection ?? 0;
}

/** What clients are told of what there is room for. */
export function mediaOf({ isAudioOnly }: Session): { readonly media?: 'audio' } {
  return isAudioOnly ? { media: 'audio' } : {};
}
