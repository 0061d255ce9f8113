/** The WSS side of a headless participant: the messages of proto/signalling.ts, requests with their answers. */
import { WebSocket } from 'ws';
import type { ClientMessage, ServerMessage, SignallingErrorCode } from '../../proto/signalling.ts';

const REQUEST_DEADLINE_MS = 10_000;
const OPEN_MS = 8_000;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** An `error` message of the server. */
export class SignallingError extends Error {
  readonly code: SignallingErrorCode | 'closed' | 'deadline';
  readonly retryAfterMs: number | undefined;

  constructor(code: SignallingErrorCode | 'closed' | 'deadline', message: string, retryAfterMs?: number) {
    super(message);
    this.name = 'SignallingError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

type RequestMessage = Extract<ClientMessage, { id: number }>;
/** What has no answer. */
export type SignallingMessage = Exclude<ClientMessage, RequestMessage>;
/** A request before it has its id. */
export type SignallingRequest = RequestMessage extends infer M ? (M extends unknown ? Omit<M, 'id'> : never) : never;
export type SignallingReply = Extract<
  ServerMessage,
  { type: 'joined' | 'resumed' | 'moved' | 'answer' | 'done' | 'redirect' }
>;
/** What comes without being asked for. */
export type SignallingNotice = Exclude<ServerMessage, SignallingReply | { type: 'pong' }>;

interface Pending {
  readonly resolve: (reply: SignallingReply) => void;
  readonly reject: (error: SignallingError) => void;
  readonly timer: NodeJS.Timeout;
}

export class SignallingSocket {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #onNotice: (notice: SignallingNotice) => void;
  #nextId = 1;
  /** Who waits to hear anything of it. */
  readonly #listeners = new Set<(isThere: boolean) => void>();

  /** `socket` is open. */
  constructor(socket: WebSocket, onNotice: (notice: SignallingNotice) => void, onClosed: () => void) {
    this.#socket = socket;
    this.#onNotice = onNotice;
    socket.on('message', (data, isBinary) => {
      this.#tellListeners(true);
      if (!isBinary) this.#handle(JSON.parse(String(data)) as ServerMessage); // Our own server; tests trust it.
    });
    socket.on('error', () => {}); // 'close' follows.
    socket.on('close', () => {
      this.#tellListeners(false);
      for (const id of [...this.#pending.keys()]) this.#fail(id, new SignallingError('closed', 'the socket closed'));
      onClosed();
    });
  }

  /** Rejects when the server cannot be reached or refuses the upgrade. */
  static open(
    url: string,
    onNotice: (notice: SignallingNotice) => void,
    onClosed: () => void,
    trustedPem?: string,
  ): Promise<SignallingSocket> {
    const socket = openWebSocket(url, trustedPem);
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('open', () => {
        socket.off('error', reject);
        resolve(new SignallingSocket(socket, onNotice, onClosed));
      });
    });
  }

  send(message: SignallingMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Rejects with SignallingError. */
  request(message: SignallingRequest): Promise<SignallingReply> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(id, new SignallingError('deadline', `no answer in ${REQUEST_DEADLINE_MS} ms`)),
        REQUEST_DEADLINE_MS,
      );
      this.#pending.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ ...message, id }));
    });
  }

  /** Asks whether the server is there. Resolves with true when it says anything, false when the socket is closed before. */
  answers(): Promise<boolean> {
    this.send({ type: 'ping' });
    return new Promise((resolve) => this.#listeners.add(resolve));
  }

  /** Closes in good order; `terminate` cuts the connection, as a network that is lost does. */
  close(): void {
    this.#socket.close(1000);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'joined':
      case 'moved':
      case 'resumed':
      case 'redirect':
      case 'done':
      case 'answer': {
        const pending = this.#take(message.id);
        pending?.resolve(message);
        return;
      }
      case 'pong':
        return;
      case 'waiting':
        // The answer comes when a host lets us in, whenever that is.
        clearTimeout(this.#pending.get(message.id)?.timer);
        this.#onNotice(message);
        return;
      case 'error':
        if (message.id !== undefined && this.#pending.has(message.id)) {
          this.#fail(message.id, new SignallingError(message.code, message.message, message.retryAfterMs));
          return;
        }
        this.#onNotice(message);
        return;
      default:
        this.#onNotice(message);
    }
  }

  #tellListeners(isThere: boolean): void {
    for (const listener of this.#listeners) listener(isThere);
    this.#listeners.clear();
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.timer);
    return pending;
  }

  #fail(id: number, error: SignallingError): void {
    this.#take(id)?.reject(error);
  }
}

/**
 * `url` is that of the page or of the socket (`http`, `https`, `ws`, `wss`); `trustedPem` that of a self-signed certificate to
 * trust.
 */
export function openWebSocket(url: string, trustedPem: string | undefined): WebSocket {
  return new WebSocket(new URL('/v1/signalling', url.replace(/^http/, 'ws')), {
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: OPEN_MS,
    // As in browsers: what waits for a reply runs before the message after it is handled.
    allowSynchronousEvents: false,
    ...(trustedPem === undefined ? {} : { ca: trustedPem }),
  });
}
