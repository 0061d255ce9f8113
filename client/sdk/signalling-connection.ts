/**
 * The WebSocket to a zone-controller, kept up: a lost one is opened again with growing pauses until `close()`, at the first of the
 * zone's controllers, and then of other zones', that answers. What to say first on a fresh socket (`join` or `resume`) is the
 * meeting's business, and said on one socket only.
 */
import type { ClientMessage, ServerMessage } from '../../proto/signalling.ts';
import { backOffMs } from './back-off.ts';
import { MeetingError } from './meeting-error.ts';
import { CALM_TIMES, OPEN_ROUND_TRIPS, type RaceTimes, SocketRace, urgentTimes } from './socket-race.ts';

export interface SignallingHandlers {
  /** A socket is open and nothing was said on it yet. */
  opened(): void;
  /** The socket is gone, or could not be opened; the next attempt comes by itself. */
  lost(): void;
  /** Everything that is not the answer to a request. */
  message(message: ServerMessage): void;
}

/** A WebSocket, or what acts like one. */
export interface SignallingSocket extends EventTarget {
  readonly url: string;
  readonly readyState: number;
  send(text: string): void;
  close(): void;
}

/** Opens another way to one of the servers with these WebSockets, the best one first, when none of them opens. */
export type OtherDoor = (urls: readonly string[]) => SignallingSocket;

/** In a race, what stands for it. */
const OTHER_DOOR = 'another way';

type Request = Extract<ClientMessage, { id: number }>;
type WithoutId<Message> = Message extends { id: number } ? Omit<Message, 'id'> : never;

const REQUEST_TIMEOUT_MS = 10_000;
const PING_INTERVAL_MS = 10_000;
/** For a socket that is open to say its first word, where there is another way: some proxies let it open and nothing through. */
const FIRST_WORD_MS = 2_000;
/** Two pings unanswered and a little more. */
const SILENCE_LIMIT_MS = 25_000;
/** The server stops, and wants us to go on at another controller of the zone. */
const CLOSED_ELSEWHERE = 4001;
/** For an answer when no media comes either. Who is wrong about it has only resumed in vain. */
const DOUBT_MS = 1_000;

interface Waiting {
  resolve(message: ServerMessage): void;
  reject(error: MeetingError): void;
  timer: number;
}

export class SignallingConnection {
  /** The one in use, or to be tried next, first. */
  #urls: string[];
  readonly #handlers: SignallingHandlers;
  readonly #otherDoor: OtherDoor | undefined;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onOnline = () => this.reopen();
  #socket: SignallingSocket | undefined;
  /** For the next socket; while the one in use is in doubt, ahead of its end. */
  #race: SocketRace<SignallingSocket> | undefined;
  #isSettled = false;
  #closed = false;
  #attempt = 0;
  #nextId = 1;
  /** Since when an answer to a ping is awaited. */
  #pingedMs: number | undefined;
  /** As the last ping took, or opening. */
  #roundTripMs = 0;
  #heardMs = 0;
  #retryTimer: number | undefined;
  #pingTimer: number | undefined;
  #firstWordTimer: number | undefined;
  /** The last WebSocket that was open has never said anything. */
  #isMute = false;
  /** Until when the socket in use has to have said something, and from when on others are tried beside it. */
  #doubt: readonly number[] = [];

  /** `urls`: of the same zone, the best one first. */
  constructor(urls: readonly string[], handlers: SignallingHandlers, otherDoor?: OtherDoor) {
    this.#urls = [...urls];
    this.#handlers = handlers;
    this.#otherDoor = otherDoor;
    this.#open(CALM_TIMES);
    window.addEventListener('online', this.#onOnline);
  }

  /** The server accepted what was said first, and takes more: the next loss starts again with the shortest pause. */
  settled(): void {
    this.#attempt = 0;
    this.#isSettled = true;
  }

  /** Where else the zone is reached, as the server that is in use says. */
  setOthers(urls: readonly string[]): void {
    this.#urls = [...new Set([this.url, ...this.usable(urls)])];
  }

  /** Those of them that we may go to. A secure page may open no other sockets than such: the browser would throw. */
  usable(urls: readonly string[]): string[] {
    return urls.filter((url) => new URL(url).protocol === new URL(this.url).protocol);
  }

  /** By which it goes at the moment. */
  get socket(): SignallingSocket | undefined {
    return this.#socket;
  }

  /** There is a socket, or may be one before the next pause. */
  get isTrying(): boolean {
    return this.#socket !== undefined || this.#race !== undefined;
  }

  /** The address in use, or to be tried next. */
  get url(): string {
    return this.#urls[0] ?? '';
  }

  /** Goes on at one of these, at once; where it was is tried when none of them can be reached. */
  goTo(urls: readonly string[]): void {
    this.#urls = [...new Set([...this.usable(urls), ...this.#urls])];
    this.#attempt = 0;
    this.reopen(0, CALM_TIMES);
  }

  /** The server may be gone without a word: others are tried, and if it does not answer soon, one of them goes on. */
  doubt(): void {
    if (this.#doubt.length > 0 || !this.#ping()) return;
    const times = this.#times;
    this.#doubt = [
      window.setTimeout(() => this.#open(times, true), times.headStartMs),
      window.setTimeout(() => this.#gone(), Math.max(DOUBT_MS, times.headStartMs)),
    ];
  }

  /** Drops the socket, if any, and opens one at once, or after the pause that the server asked for. */
  reopen(afterMs = 0, times = this.#times): void {
    if (this.#closed) return;
    this.#drop(new MeetingError('unreachable'));
    this.#scheduleOpen(afterMs, times);
  }

  /** As `reopen`, after the pause that the server asked for, or after that of the next attempt. */
  tryAgain(afterMs: number | undefined): void {
    this.reopen(afterMs ?? backOffMs(this.#attempt++, Math.random()));
  }

  /** False when there is no socket that is settled: then nothing was sent, and the state is to be told again after `resume`. */
  send(message: Exclude<ClientMessage, Request>): boolean {
    // Nobody is in a meeting by this socket yet; who leaves may say so at any time.
    return (this.#isSettled || message.type === 'leave') && this.#write(message);
  }

  /** @throws MeetingError what the server said; `timeout`; `unreachable` when the socket went away meanwhile. */
  request(message: WithoutId<Request>): Promise<ServerMessage> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.#waiting.delete(id);
        reject(new MeetingError('timeout'));
      }, REQUEST_TIMEOUT_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      // The spread loses which kind of request it is; id was all that was missing.
      if (!this.#write({ ...message, id } as Request)) this.#fail(id, new MeetingError('unreachable'));
    });
  }

  close(): void {
    this.#closed = true;
    window.removeEventListener('online', this.#onOnline);
    window.clearTimeout(this.#retryTimer);
    // What was asked a moment ago will not be answered; the meeting may go on.
    this.#drop(new MeetingError('tryAgain'));
  }

  #write(message: ClientMessage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** For the way to where we were, or elsewhere. */
  get #times(): RaceTimes {
    return urgentTimes(this.#roundTripMs);
  }

  #open(times: RaceTimes, isHeld = false): void {
    this.#race?.close();
    const door = this.#otherDoor;
    const race = new SocketRace<SignallingSocket>(
      {
        urls: this.#urls,
        times,
        isAsked: this.#isMute,
        lastResort: door && OTHER_DOOR,
        open: (url) => (door !== undefined && url === OTHER_DOOR ? door(this.#urls) : new WebSocket(url)),
        won: (socket, url, tookMs) => this.#use(socket, url === OTHER_DOOR ? socket.url : url, tookMs),
        lost: () => {
          this.#race = undefined;
          // While there is a socket, its own silence decides.
          if (this.#socket === undefined) this.#lost();
        },
      },
      isHeld,
    );
    this.#race = race;
  }

  #use(socket: SignallingSocket, url: string, tookMs: number): void {
    this.#race = undefined;
    this.#socket = socket;
    this.#isSettled = false;
    this.#roundTripMs = tookMs / OPEN_ROUND_TRIPS;
    this.#urls = [...new Set([url, ...this.#urls])];
    this.#heardMs = performance.now();
    this.#pingTimer = window.setInterval(() => this.#watch(), PING_INTERVAL_MS);
    if (this.#otherDoor !== undefined) this.#firstWordTimer = window.setTimeout(() => this.#hush(), FIRST_WORD_MS);
    // Events as a WebSocket fires them.
    socket.addEventListener('message', (event) => {
      if (this.#socket === socket) this.#receive((event as MessageEvent).data);
    });
    socket.addEventListener('close', (event) => {
      if (this.#socket !== socket) return;
      // One that was there a moment ago is tried first: perhaps only the network has changed.
      if ((event as CloseEvent).code === CLOSED_ELSEWHERE) this.#urls.push(...this.#urls.splice(0, 1));
      this.#gone();
    });
    this.#handlers.opened();
  }

  #lost(): void {
    this.#scheduleOpen(backOffMs(this.#attempt++, Math.random()), this.#times);
    this.#handlers.lost();
  }

  #watch(): void {
    if (performance.now() - this.#heardMs > SILENCE_LIMIT_MS) this.#gone();
    else this.#ping();
  }

  #ping(): boolean {
    if (!this.#write({ type: 'ping' })) return false;
    this.#pingedMs ??= performance.now();
    return true;
  }

  /** The socket in use is of no use any more. */
  #gone(): void {
    this.#dropSocket(new MeetingError('unreachable'));
    if (this.#race === undefined) {
      this.#lost();
    } else {
      this.#handlers.lost();
      // Whoever hears that may want nothing more.
      this.#race?.release();
    }
  }

  #receive(data: unknown): void {
    this.#heard();
    // Our own server's message, typed by contract (proto/signalling.ts).
    const message = JSON.parse(String(data)) as ServerMessage;
    if (message.type === 'pong') {
      if (this.#pingedMs !== undefined) this.#roundTripMs = this.#heardMs - this.#pingedMs;
      this.#pingedMs = undefined;
      return;
    }
    const waiting = 'id' in message && message.id !== undefined ? this.#waiting.get(message.id) : undefined;
    if (waiting === undefined || !('id' in message) || message.id === undefined) {
      this.#handlers.message(message);
    } else if (message.type === 'error') {
      this.#fail(message.id, new MeetingError(message.code, message.message, message.retryAfterMs));
    } else {
      this.#waiting.delete(message.id);
      window.clearTimeout(waiting.timer);
      waiting.resolve(message);
    }
  }

  #hush(): void {
    if (this.#socket instanceof WebSocket) this.#isMute = true;
    this.doubt();
  }

  #heard(): void {
    this.#heardMs = performance.now();
    window.clearTimeout(this.#firstWordTimer);
    if (this.#socket instanceof WebSocket) this.#isMute = false;
    if (this.#doubt.length === 0) return;
    this.#dismissDoubt();
    this.#dropRace();
  }

  #scheduleOpen(afterMs: number, times: RaceTimes): void {
    window.clearTimeout(this.#retryTimer);
    this.#retryTimer = window.setTimeout(() => this.#open(times), afterMs);
  }

  #drop(error: MeetingError): void {
    this.#dropRace();
    this.#dropSocket(error);
  }

  #dropRace(): void {
    this.#race?.close();
    this.#race = undefined;
  }

  #dropSocket(error: MeetingError): void {
    window.clearInterval(this.#pingTimer);
    window.clearTimeout(this.#firstWordTimer);
    this.#dismissDoubt();
    this.#pingedMs = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    for (const id of [...this.#waiting.keys()]) this.#fail(id, error);
  }

  #dismissDoubt(): void {
    for (const timer of this.#doubt) window.clearTimeout(timer);
    this.#doubt = [];
  }

  #fail(id: number, error: MeetingError): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    window.clearTimeout(waiting.timer);
    waiting.reject(error);
  }
}
