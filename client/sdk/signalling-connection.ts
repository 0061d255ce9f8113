/**
 * The WebSocket to a zone-controller, kept up: a lost one is opened again with growing pauses until `close()`, by turns
 * at each controller of the zone. What to say first on a fresh socket (`join` or `resume`) is the meeting's business.
 */
import type { ClientMessage, ServerMessage } from '../../proto/signalling.ts';
import { backOffMs } from './back-off.ts';
import { MeetingError } from './meeting-error.ts';

export interface SignallingHandlers {
  /** A socket is open and nothing was said on it yet. */
  opened(): void;
  /** The socket is gone, or could not be opened; the next attempt comes by itself. */
  lost(): void;
  /** Everything that is not the answer to a request. */
  message(message: ServerMessage): void;
}

type Request = Extract<ClientMessage, { id: number }>;
type WithoutId<Message> = Message extends { id: number } ? Omit<Message, 'id'> : never;

const REQUEST_TIMEOUT_MS = 10_000;
const PING_INTERVAL_MS = 10_000;
/** Two pings unanswered and a little more. */
const SILENCE_LIMIT_MS = 25_000;
/** The server stops, and wants us to go on at another controller of the zone. */
const CLOSED_ELSEWHERE = 4001;
/** Opening takes one TCP and TLS handshake; past this, another attempt is better than more patience. */
const OPEN_TIMEOUT_MS = 8_000;
/** Where there is another address to try. */
const OPEN_ELSEWHERE_MS = 2_000;
/** For an answer when no media has come for two seconds either. Who is wrong about it has only resumed in vain. */
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
  readonly #waiting = new Map<number, Waiting>();
  readonly #onOnline = () => this.reopen();
  #socket: WebSocket | undefined;
  #closed = false;
  #attempt = 0;
  #nextId = 1;
  #heardMs = 0;
  #retryTimer: number | undefined;
  #pingTimer: number | undefined;
  #doubt: number | undefined;
  /** The socket in use is lost. */
  #gone: ((code?: number) => void) | undefined;

  constructor(url: string, handlers: SignallingHandlers) {
    this.#urls = [url];
    this.#handlers = handlers;
    this.#open();
    window.addEventListener('online', this.#onOnline);
  }

  /** The server accepted what was said first: the next loss starts again with the shortest pause. */
  settled(): void {
    this.#attempt = 0;
  }

  /** Where else the zone is reached, as the server that is in use says. */
  setOthers(urls: readonly string[]): void {
    this.#urls = [...new Set([this.url, ...this.usable(urls)])];
  }

  /** Those of them that we may go to. A secure page may open no other sockets than such: the browser would throw. */
  usable(urls: readonly string[]): string[] {
    return urls.filter((url) => new URL(url).protocol === new URL(this.url).protocol);
  }

  /** The address in use, or to be tried next. */
  get url(): string {
    return this.#urls[0] ?? '';
  }

  /** Goes on at one of these, at once; where it was is tried when none of them can be reached. */
  goTo(urls: readonly string[]): void {
    this.#urls = [...new Set([...this.usable(urls), ...this.#urls])];
    this.#attempt = 0;
    this.reopen();
  }

  /** The server may be gone without a word: if it does not answer soon, another one is tried. */
  doubt(): void {
    const socket = this.#socket;
    if (this.#doubt !== undefined || socket === undefined || !this.#write({ type: 'ping' })) return;
    const askedMs = performance.now();
    this.#doubt = window.setTimeout(() => {
      this.#doubt = undefined;
      if (this.#socket === socket && this.#heardMs < askedMs) this.#gone?.(CLOSED_ELSEWHERE);
    }, DOUBT_MS);
  }

  /** Drops the socket, if any, and opens one at once, or after the pause that the server asked for. */
  reopen(afterMs = 0): void {
    if (this.#closed) return;
    this.#drop(new MeetingError('unreachable'));
    this.#scheduleOpen(afterMs);
  }

  /** As `reopen`, after the pause that the server asked for, or after that of the next attempt. */
  tryAgain(afterMs: number | undefined): void {
    this.reopen(afterMs ?? backOffMs(this.#attempt++, Math.random()));
  }

  /** False when there is no socket: then nothing was sent, and the state is to be told again after `resume`. */
  send(message: Exclude<ClientMessage, Request>): boolean {
    return this.#write(message);
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

  #open(): void {
    const socket = new WebSocket(this.#urls[0] ?? '');
    this.#socket = socket;
    let wasOpen = false;
    const openMs = this.#urls.length > 1 ? OPEN_ELSEWHERE_MS : OPEN_TIMEOUT_MS;
    const openTimer = window.setTimeout(() => socket.readyState === WebSocket.CONNECTING && gone(), openMs);
    const gone = (code?: number) => {
      if (this.#socket !== socket) return;
      // One that was there a moment ago is tried once more: perhaps only the network has changed.
      if (!wasOpen || code === CLOSED_ELSEWHERE) this.#urls.push(...this.#urls.splice(0, 1));
      this.#drop(new MeetingError('unreachable'));
      this.#scheduleOpen(backOffMs(this.#attempt++, Math.random()));
      this.#handlers.lost();
    };
    this.#gone = gone;
    socket.addEventListener('open', () => {
      window.clearTimeout(openTimer);
      if (this.#socket !== socket) return;
      wasOpen = true;
      this.#heardMs = performance.now();
      this.#pingTimer = window.setInterval(() => this.#ping(gone), PING_INTERVAL_MS);
      this.#handlers.opened();
    });
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket === socket) this.#receive(data);
    });
    socket.addEventListener('close', ({ code }) => gone(code));
  }

  #ping(gone: () => void): void {
    if (performance.now() - this.#heardMs > SILENCE_LIMIT_MS) gone();
    else this.#write({ type: 'ping' });
  }

  #receive(data: unknown): void {
    this.#heardMs = performance.now();
    // Our own server's message, typed by contract (proto/signalling.ts).
    const message = JSON.parse(String(data)) as ServerMessage;
    if (message.type === 'pong') return;
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

  #scheduleOpen(afterMs: number): void {
    window.clearTimeout(this.#retryTimer);
    this.#retryTimer = window.setTimeout(() => this.#open(), afterMs);
  }

  #drop(error: MeetingError): void {
    window.clearInterval(this.#pingTimer);
    window.clearTimeout(this.#doubt);
    this.#doubt = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    for (const id of [...this.#waiting.keys()]) this.#fail(id, error);
  }

  #fail(id: number, error: MeetingError): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    window.clearTimeout(waiting.timer);
    waiting.reject(error);
  }
}
