/**
 * To another zone, without leaving the meeting: a second WebSocket is opened there and the stay resumed on it, media moves by
 * it, and only when that shows all that the old one does, the new one takes its place. Until then what the new zone says of the
 * meeting is only noted: its picture of it is not whole before media flows between the zones.
 */
import type { AccessEntry, ClientMessage, ServerMessage } from '../../proto/signalling.ts';
import { HttpSocket } from './ladder/http-socket.ts';
import { MeetingError } from './meeting-error.ts';
import { MeetingState } from './meeting-state.ts';
import { SignallingConnection, type SignallingHandlers } from './signalling-connection.ts';

type Resumed = Extract<ServerMessage, { type: 'resumed' }>;
export type Self = Resumed['self'];

export interface TransferSteps {
  /** The new zone asks for media. */
  move(reason: Extract<ServerMessage, { type: 'move' }>['reason']): void;
  /** Of the new media. */
  media(message: Extract<ServerMessage, { type: 'slots' | 'encodings' }>): void;
  /** It has come to nothing; the old zone goes on as if it had not been. */
  failed(): void;
}

/** For the new zone to answer, and for its media to be there. */
const TRANSFER_MS = 30_000;

export class ZoneTransfer {
  readonly signalling: SignallingConnection;
  readonly #steps: TransferSteps;
  readonly #session: string;
  readonly #timer: ReturnType<typeof setTimeout>;
  /** As far as the new zone knows it. */
  readonly #there = new MeetingState();
  readonly #noted: ServerMessage[] = [];
  #resumed: Resumed | undefined;
  #self: Self | undefined;
  /** Who has the WebSocket from now on. */
  #heir: SignallingHandlers | undefined;
  #isOver = false;

  /** `urls`: of WebSockets; at least one. */
  constructor(urls: readonly string[], session: string, steps: TransferSteps) {
    this.#steps = steps;
    this.#session = session;
    const handlers: SignallingHandlers = {
      opened: () => (this.#heir === undefined ? void this.#resume() : this.#heir.opened()),
      lost: () => (this.#heir === undefined ? this.#fail() : this.#heir.lost()),
      message: (message) => (this.#heir === undefined ? this.#receive(message) : this.#heir.message(message)),
    };
    // Tunnels that we know are those of the zone before.
    this.signalling = new SignallingConnection(urls, handlers, (each) => new HttpSocket(each));
    this.#timer = setTimeout(() => this.#fail(), TRANSFER_MS);
  }

  /** Whom the new zone knows to be there of these participants: all. */
  knows(participants: Iterable<string>): boolean {
    return [...participants].every((participant) => this.#there.roster.has(participant));
  }

  /** By what else one gets in there. */
  get access(): AccessEntry | undefined {
    return this.#resumed?.access;
  }

  /** By which the stay goes on there. */
  set session(session: string) {
    if (this.#self !== undefined) this.#self = { ...this.#self, session };
  }

  /** The WebSocket, and all that was said on it, are somebody else's from now on. */
  handOver(heir: SignallingHandlers): { self: Self; resumed: Resumed; noted: readonly ServerMessage[] } | undefined {
    if (this.#isOver || this.#self === undefined || this.#resumed === undefined) return undefined;
    this.#isOver = true;
    this.#heir = heir;
    clearTimeout(this.#timer);
    return { self: this.#self, resumed: this.#resumed, noted: this.#noted };
  }

  /** What both zones are to know meanwhile. */
  send(message: Exclude<ClientMessage, { id: number }>): void {
    this.signalling.send(message);
  }

  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.signalling.close();
  }

  async #resume(): Promise<void> {
    try {
      const resumed = await this.signalling.request({ type: 'resume', session: this.#session });
      if (this.#isOver) return;
      // Sent on once more: the old zone asks again, with what is known then.
      if (resumed.type !== 'resumed') {
        this.#fail();
        return;
      }
      this.signalling.settled();
      this.#resumed = resumed;
      this.#self = resumed.self;
      this.#there.reset(resumed);
    } catch (error) {
      if (!(error instanceof MeetingError)) throw error;
      this.#fail();
    }
  }

  #receive(message: ServerMessage): void {
    if (this.#isOver) return;
    switch (message.type) {
      case 'move':
        this.#steps.move(message.reason);
        break;
      case 'slots':
      case 'encodings':
        this.#steps.media(message);
        break;
      case 'error':
      case 'left':
        this.#fail();
        break;
      default:
        if (message.type === 'roster') this.#there.applyRoster(message.changed, message.left);
        this.#noted.push(message);
    }
  }

  #fail(): void {
    if (this.#isOver) return;
    this.abandon();
    this.#steps.failed();
  }
}
