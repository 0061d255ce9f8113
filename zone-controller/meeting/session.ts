/**
 * A participant's stay, from `joined` to `left`. It outlives its WebSocket: commands to the router go on in order, and
 * the socket that comes back with the token takes the place of the old one.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { ParticipantId } from '../../common/ids.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import type { LiveMeeting } from './live-meeting.ts';

/** A client's end of the WebSocket, as meetings see it. */
export interface Client {
  /** Key of the address that limits are counted by. */
  readonly address: string;
  readonly isOpen: boolean;
  send(message: ServerMessage): void;
  /** A ServerMessage that is text already: one serialisation for a whole meeting. */
  sendText(text: string): void;
  /** The stay behind this connection is over; the client may join again on it. */
  release(): void;
  /** Closes the WebSocket with a code of RFC 6455 section 7.4 or 4000–4999. */
  close(code: number, reason: string): void;
}

/** Another WebSocket has taken this one's place. */
export const CLOSE_REPLACED = 4000;
/** Of one participant, waiting for the router. The message rate of a connection keeps honest clients far below. */
const MAX_PENDING = 64;

export class Session {
  readonly meeting: LiveMeeting;
  readonly participant: ParticipantId;
  /** What is kept of the session token. */
  readonly tokenHash: string;
  #client: Client | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #pending = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(meeting: LiveMeeting, participant: ParticipantId, tokenHash: string, client: Client) {
    this.meeting = meeting;
    this.participant = participant;
    this.tokenHash = tokenHash;
    this.#client = client;
  }

  get client(): Client | undefined {
    return this.#client;
  }

  send(message: ServerMessage): void {
    this.#client?.send(message);
  }

  /** The client is back on another socket. */
  attach(client: Client): void {
    clearTimeout(this.#expiry);
    const earlier = this.#client;
    this.#client = client;
    if (earlier === undefined || earlier === client) return;
    earlier.release();
    earlier.close(CLOSE_REPLACED, 'resumed on another connection');
  }

  /** The socket is lost; `expired` runs when no other has come within `resumeMs`. False if it was not ours any more. */
  detach(client: Client, resumeMs: number, expired: () => void): boolean {
    if (this.#client !== client) return false;
    this.#client = undefined;
    this.#expiry = setTimeout(expired, resumeMs);
    return true;
  }

  /** The stay is over: gives the socket back, from which a new one can start. */
  end(): Client | undefined {
    clearTimeout(this.#expiry);
    const client = this.#client;
    this.#client = undefined;
    client?.release();
    return client;
  }

  /** Runs a command to the router after those before it, so that a view or mute never overtakes an earlier one. */
  async inOrder<Result>(command: () => Promise<Result>): Promise<Result> {
    if (this.#pending >= MAX_PENDING) {
      throw new ZonecastError('rateLimited', 'Too many changes at once.', { retryAfterMs: 1_000 });
    }
    this.#pending++;
    const run = this.#tail.then(command);
    this.#tail = run.catch(() => undefined);
    try {
      return await run;
    } finally {
      this.#pending--;
    }
  }
}
