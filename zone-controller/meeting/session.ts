/**
 * A participant whose client is connected to this controller. It ends with the connection; the stay itself goes on at
 * the router, and another session takes it up when the client comes back.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { ParticipantId, RouterId } from '../../common/ids.ts';
import type { MoveReason, ServerMessage } from '../../proto/signalling.ts';
import type { Destination } from '../placement/grow-tree.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { PlaceMirror } from './place-mirror.ts';

/** A client's end of the WebSocket, as meetings see it. */
export interface Client {
  /** Key of the address that limits are counted by. */
  readonly address: string;
  readonly isOpen: boolean;
  send(message: ServerMessage): void;
  /** A ServerMessage that is text already: one serialisation for a whole meeting. */
  sendText(text: string): void;
  /** The session of this connection is over; the client may join again on it. */
  release(): void;
  /** Closes the WebSocket with a code of RFC 6455 section 7.4 or 4000–4999. */
  close(code: number, reason: string): void;
}

/** Of one participant, waiting for the router. The message rate of a connection keeps honest clients far below. */
const MAX_PENDING = 64;

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
  readonly client: Client;
  readonly place: SessionPlace | undefined;
}

export class Session {
  readonly meeting: LiveMeeting;
  readonly participant: ParticipantId;
  readonly name: string;
  readonly client: Client;
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
  /** A move is with the router. */
  isMoving = false;
  #isOver = false;
  /** How often he has moved. */
  #moves = 0;
  #pending = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor({ meeting, participant, name, client, place }: SessionOptions) {
    this.meeting = meeting;
    this.participant = participant;
    this.name = name;
    this.client = client;
    this.place = place;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** There was room for sound only where he is. */
  get isAudioOnly(): boolean {
    return this.place?.mirror.isAudioOnly(this.participant) ?? false;
  }

  send(message: ServerMessage): void {
    if (!this.#isOver) this.client.send(message);
  }

  /** He has moved. What still waits for the place before is not sent: the client says anew what holds. */
  goTo(place: SessionPlace): void {
    Object.assign(this, { place, displaced: undefined, avoid: undefined, wanted: undefined });
    this.#moves++;
    this.#tail = Promise.resolve();
  }

  /** Commands that still wait are not sent: the session that follows says anew what holds. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.client.release();
  }

  /**
   * Runs a command to the router after those before it, so that a view or mute never overtakes an earlier one. undefined:
   * he has moved before its turn came.
   */
  async inOrder<Result>(command: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#pending >= MAX_PENDING) {
      throw new ZonecastError('rateLimited', 'Too many changes at once.', { retryAfterMs: 1_000 });
    }
    this.#pending++;
    const moves = this.#moves;
    const run = this.#tail.then(() => {
      if (this.#isOver) throw new ZonecastError('notJoined', 'You are not in a meeting.');
      return moves === this.#moves ? command() : undefined;
    });
    this.#tail = run.catch(() => undefined);
    try {
      return await run;
    } catch (error) {
      // What became of it at the place before is of no interest.
      if (moves !== this.#moves) return undefined;
      throw error;
    } finally {
      this.#pending--;
    }
  }
}

/** What clients are told of what there is room for. */
export function mediaOf({ isAudioOnly }: Session): { readonly media?: 'audio' } {
  return isAudioOnly ? { media: 'audio' } : {};
}
