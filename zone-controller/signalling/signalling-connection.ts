/** One client's WebSocket: frames in, checked and limited; messages out, bounded. Who it is, a session knows. */
import type { RawData, WebSocket } from 'ws';
import { ERROR_MAPPINGS, toZonecastError, ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import type { ClientMessage, ServerMessage } from '../../proto/signalling.ts';
import type { ControllerMetrics } from '../admin/controller-metrics.ts';
import { type Rate, TokenBucket } from '../limits/token-bucket.ts';
import type { MeetingService } from '../meeting/meeting-service.ts';
import { type Client, Session } from '../meeting/session.ts';
import type { Waiter } from '../meeting/waiter.ts';
import { type ReadMessage, readMessage } from './read-message.ts';

/** RFC 6455 section 7.4.1: policy violation. */
const CLOSE_POLICY = 1008;
/** Unsent bytes of a client that does not read; the roster of 1000 people is some 100 KB. */
const MAX_UNSENT_BYTES = 1024 * 1024;
/** Bytes count as messages too: a full-size frame costs as much as 16 small ones. */
const BYTES_PER_TOKEN = 16 * 1024;
/** A client that goes on sending although it is told to wait is cut off. */
const MAX_REFUSALS = 200;
const BINARY: ReadMessage = { error: new ZonecastError('badMessage', 'Messages are text.'), id: undefined };

/** What is counted of clients. */
export type SignallingMetrics = Pick<ControllerMetrics, 'entering' | 'received' | 'refused'>;

export interface SignallingConnectionOptions {
  readonly socket: WebSocket;
  readonly address: string;
  readonly service: MeetingService;
  readonly rate: Rate;
  readonly greetingMs: number;
  readonly now: () => number;
  readonly metrics: SignallingMetrics;
  readonly log: Logger;
}

export class SignallingConnection implements Client {
  readonly address: string;
  readonly #options: SignallingConnectionOptions;
  readonly #socket: WebSocket;
  readonly #bucket: TokenBucket;
  /** Whose messages these are: somebody in a meeting, or who waits to be let in. */
  #stay: Session | Waiter | undefined;
  #greeting: NodeJS.Timeout | undefined;
  /** A join is with the router: no other may start. */
  #isJoining = false;
  #refusals = 0;
  #isAlive = true;

  constructor(options: SignallingConnectionOptions) {
    this.address = options.address;
    this.#options = options;
    this.#socket = options.socket;
    this.#bucket = new TokenBucket(options.rate, options.now());
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#socket.on('pong', () => {
      this.#isAlive = true;
      this.#mayGoOn();
    });
    // No browser sends pings. An answer to each of a flood of them would fill the memory of whoever does not read.
    this.#socket.on('ping', (data) => {
      if (this.#mayGoOn()) this.#socket.pong(data);
    });
    // Protocol errors (oversized frames, bad UTF-8): ws closes the socket with the right code itself.
    this.#socket.on('error', (error) => this.#options.log.debug({ err: error }, 'websocket failed'));
    this.#socket.on('close', () => this.#closed());
    this.#awaitGreeting();
  }

  get hasSession(): boolean {
    return this.#stay instanceof Session;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  send(message: ServerMessage): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > MAX_UNSENT_BYTES) this.#socket.terminate();
    else this.#socket.send(text);
  }

  refuse(error: unknown, id: number): void {
    this.#failed(error, id);
  }

  take(stay: Session | Waiter): void {
    clearTimeout(this.#greeting);
    this.#stay = stay;
  }

  release(): void {
    this.#stay = undefined;
    if (this.isOpen) this.#awaitGreeting();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** To be called at a steady interval: a client that did not answer since the last call is dead. */
  heartbeat(): void {
    if (this.#isAlive) this.#socket.ping();
    else this.#socket.terminate();
    this.#isAlive = false;
  }

  #awaitGreeting(): void {
    clearTimeout(this.#greeting);
    this.#greeting = setTimeout(() => this.close(CLOSE_POLICY, 'no join or resume'), this.#options.greetingMs);
  }

  #closed(): void {
    clearTimeout(this.#greeting);
    const stay = this.#stay;
    this.#stay = undefined;
    if (stay !== undefined) this.#options.service.disconnected(stay);
  }

  #receive(data: RawData, isBinary: boolean): void {
    // ws gives one Buffer (binaryType nodebuffer).
    const text = data.toString();
    const waitMs = this.#bucket.take(this.#options.now(), 1 + text.length / BYTES_PER_TOKEN);
    const read = waitMs > 0 ? this.#flooded(waitMs) : isBinary ? BINARY : readMessage(text);
    this.#options.metrics.received('error' in read ? 'refused' : read.message.type);
    if ('error' in read) {
      this.#refuse(read.error, read.id);
      return;
    }
    const { message } = read;
    const id = 'id' in message ? message.id : undefined;
    this.#handle(message).catch((error: unknown) => this.#failed(error, id));
  }

  #failed(error: unknown, id: number | undefined): void {
    const typed = toZonecastError(error);
    if (typed.code === 'internal') this.#options.log.error({ err: typed.cause ?? typed }, 'signalling failed');
    this.#refuse(typed, id);
  }

  /** Control frames count as messages. */
  #mayGoOn(): boolean {
    const waitMs = this.#bucket.take(this.#options.now());
    if (waitMs > 0) this.#flooded(waitMs);
    return waitMs === 0;
  }

  /** The frame is not read, so the answer cannot name a request. */
  #flooded(waitMs: number): ReadMessage {
    if (++this.#refusals > MAX_REFUSALS) this.close(CLOSE_POLICY, 'too many messages');
    const error = new ZonecastError('rateLimited', 'Too many messages at once.', { retryAfterMs: waitMs });
    return { error, id: undefined };
  }

  async #handle(message: ClientMessage): Promise<void> {
    const { service } = this.#options;
    if (message.type === 'ping') return this.send({ type: 'pong' });
    if (message.type === 'join' || message.type === 'resume') return this.#greet(message);
    const stay = this.#stay;
    if (stay === undefined) throw new ZonecastError('notJoined', 'You are not in a meeting.');
    return stay instanceof Session ? service.handle(stay, message) : service.handleWaiting(stay, message);
  }

  async #greet(message: Extract<ClientMessage, { type: 'join' | 'resume' }>): Promise<void> {
    if (this.#stay !== undefined || this.#isJoining) {
      throw new ZonecastError('badMessage', 'You are in a meeting already.');
    }
    this.#isJoining = true;
    clearTimeout(this.#greeting);
    try {
      const { service, metrics } = this.#options;
      await metrics.entering(message.type, () =>
        message.type === 'join' ? service.join(this, message) : service.resume(this, message),
      );
    } finally {
      this.#isJoining = false;
      if (this.#stay === undefined && this.isOpen) this.#awaitGreeting();
    }
  }

  #refuse(error: ZonecastError, id?: number): void {
    const { message, retryAfterMs } = error;
    const code = ERROR_MAPPINGS[error.code].signalling;
    this.#options.metrics.refused(code);
    this.send({
      type: 'error',
      ...(id === undefined ? {} : { id }),
      code,
      message,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}
