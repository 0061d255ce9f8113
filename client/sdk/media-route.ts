/**
 * The way by which media goes: one connection that is shown and heard, and during a move a second one that is to take its
 * place.
 */
import type { SourceKind } from '../../proto/signalling.ts';
import type { MediaConnectionState, MediaOptions } from './media-connection.ts';
import { MediaMove, type MoveSteps } from './media-move.ts';
import type { MediaWay } from './media-way.ts';
import type { MeetingError } from './meeting-error.ts';

/** A connection by one of the ways that there are (ladder/). */
export type WayMaker = (options: MediaOptions) => MediaWay;

export class MediaRoute {
  readonly #options: MediaOptions;
  readonly #usual: WayMaker;
  #current: MediaWay;
  #offer: ReturnType<MediaWay['offer']>;
  #move: MediaMove | undefined;

  /** `options.onState` hears of the connection in use only. `usual`: how connections are made of which nothing else is said. */
  constructor(options: MediaOptions, usual: WayMaker) {
    this.#options = options;
    this.#usual = usual;
    this.#current = this.#newConnection(usual);
    this.#offer = newOffer(this.#current);
  }

  /** What is shown and heard: another one after a move and after a fresh start. */
  get current(): MediaWay {
    return this.#current;
  }

  /** Of the first connection, and of that of a fresh start: made while the socket is still opening. */
  get offer(): ReturnType<MediaWay['offer']> {
    return this.#offer;
  }

  get move(): MediaMove | undefined {
    return this.#move;
  }

  /** The connection that slots and encodings are said of: during a move, the new one as soon as it was answered. */
  get spokenOf(): MediaWay {
    return this.#move?.isAnswered === true ? this.#move.next : this.#current;
  }

  /** In place of a move that is under way. */
  startMove(steps: MoveSteps, make: WayMaker): MediaMove {
    this.abandonMove();
    this.#move = new MediaMove(this.#current, this.#newConnection(make), steps);
    return this.#move;
  }

  /** `lingerMs`: for how long its connection stays nevertheless. `why`: it has come to nothing. */
  abandonMove(lingerMs = 0, why?: MeetingError): void {
    const move = this.#move;
    this.#move = undefined;
    if (lingerMs === 0) move?.abandon(why);
    else setTimeout(() => move?.abandon(), lingerMs);
  }

  /** The new connection takes the place of the one in use, which is the caller's to close. */
  finishMove(move: MediaMove): MediaWay {
    const before = this.#current;
    this.#current = move.next;
    this.#move = undefined;
    return before;
  }

  /** On a new transport, of which no router knows yet. */
  startAfresh(): void {
    this.abandonMove();
    this.#current.close();
    this.#current = this.#newConnection(this.#usual);
    this.#offer = newOffer(this.#current);
  }

  /** Sends a track from now on, or nothing. */
  async send(kind: SourceKind, track: MediaStreamTrack | undefined): Promise<void> {
    await Promise.all([this.#current.send(kind, track), this.#move?.next.send(kind, track)]);
  }

  /** They have left the meeting. */
  forget(participants: readonly string[]): void {
    for (const participant of participants) {
      for (const media of [this.#current, this.spokenOf]) media.contents.forget(participant);
    }
  }

  /** `lingerMs`: for how long connections stay. */
  close(lingerMs: number): void {
    this.abandonMove(lingerMs);
    if (lingerMs === 0) this.#current.close();
    else setTimeout(() => this.#current.close(), lingerMs);
  }

  #newConnection(make: WayMaker): MediaWay {
    const connection: MediaWay = make({
      ...this.#options,
      onState: (state: MediaConnectionState) => {
        if (this.#current === connection) this.#options.onState(state);
      },
    });
    return connection;
  }
}

function newOffer(connection: MediaWay): ReturnType<MediaWay['offer']> {
  const offer = connection.offer();
  // Its failure is reported where it is awaited; until then it is not an unhandled one.
  offer.catch(() => undefined);
  return offer;
}
