/**
 * The way by which media goes: one connection that is shown and heard, and during a move a second one that is to take its
 * place.
 */
import type { SourceKind } from '../../proto/signalling.ts';
import { MediaConnection, type MediaConnectionState, type MediaOptions } from './media-connection.ts';
import { MediaMove, type MoveSteps } from './media-move.ts';

export class MediaRoute {
  readonly #options: MediaOptions;
  #current: MediaConnection;
  #offer: ReturnType<MediaConnection['offer']>;
  #move: MediaMove | undefined;

  /** `options.onState` hears of the connection in use only. */
  constructor(options: MediaOptions) {
    this.#options = options;
    this.#current = this.#newConnection();
    this.#offer = newOffer(this.#current);
  }

  /** What is shown and heard: another one after a move and after a fresh start. */
  get current(): MediaConnection {
    return this.#current;
  }

  /** Of the first connection, and of that of a fresh start: made while the socket is still opening. */
  get offer(): ReturnType<MediaConnection['offer']> {
    return this.#offer;
  }

  get move(): MediaMove | undefined {
    return this.#move;
  }

  /** The connection that slots and encodings are said of: during a move, the new one as soon as it was answered. */
  get spokenOf(): MediaConnection {
    return this.#move?.isAnswered === true ? this.#move.next : this.#current;
  }

  /** In place of a move that is under way. */
  startMove(steps: MoveSteps): MediaMove {
    this.abandonMove();
    this.#move = new MediaMove(this.#current, this.#newConnection(), steps);
    return this.#move;
  }

  /** `lingerMs`: for how long its connection stays nevertheless. */
  abandonMove(lingerMs = 0): void {
    const move = this.#move;
    this.#move = undefined;
    if (lingerMs === 0) move?.abandon();
    else setTimeout(() => move?.abandon(), lingerMs);
  }

  /** The new connection takes the place of the one in use, which is the caller's to close. */
  finishMove(move: MediaMove): MediaConnection {
    const before = this.#current;
    this.#current = move.next;
    this.#move = undefined;
    return before;
  }

  /** On a new transport, of which no router knows yet. */
  startAfresh(): void {
    this.abandonMove();
    this.#current.close();
    this.#current = this.#newConnection();
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

  #newConnection(): MediaConnection {
    const connection: MediaConnection = new MediaConnection({
      ...this.#options,
      onState: (state: MediaConnectionState) => {
        if (this.#current === connection) this.#options.onState(state);
      },
    });
    return connection;
  }
}

function newOffer(connection: MediaConnection): ReturnType<MediaConnection['offer']> {
  const offer = connection.offer();
  // Its failure is reported where it is awaited; until then it is not an unhandled one.
  offer.catch(() => undefined);
  return offer;
}
