/** A session by a WebSocket: a message each way holds whole records. */
import { WebSocket } from 'ws';
import { TunnelClose } from '../../../proto/tunnel.ts';
import type { TunnelSession } from '../session/tunnel-session.ts';
import type { Carrier } from './carrier.ts';

/** A TLS record. */
const BATCH_BYTES = 16 * 1024;
/** While a ticket is looked at, the socket is paused: only what came with the first message. */
const MAX_EARLY_MESSAGES = 16;
const EMPTY = Buffer.alloc(0);

export class WebSocketCarrier implements Carrier {
  readonly batchBytes = BATCH_BYTES;
  unsentBytes = 0;
  readonly #socket: WebSocket;
  #session: TunnelSession | undefined;
  /** What came before the session was there. */
  #early: Buffer[] = [];

  /** `socket` is open, and what comes on it from now on is the session's. */
  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data, isBinary) => {
      // The `ws` default is a Buffer for either kind.
      if (!isBinary) this.#refuse();
      else if (this.#session !== undefined) this.#session.handleMessage(this, data as Buffer);
      else if (this.#early.push(data as Buffer) > MAX_EARLY_MESSAGES) this.#refuse();
    });
    socket.on('ping', (data) => this.#handlePing(data as Buffer));
    socket.on('pong', () => this.#session?.handleMessage(this, EMPTY));
  }

  get isReady(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Precondition: the session has taken the carrier. */
  serve(session: TunnelSession): void {
    this.#session = session;
    for (const message of this.#early) session.handleMessage(this, message);
    this.#early = [];
    this.#socket.on('close', () => session.detach(this));
    // It may have gone while a ticket was looked at.
    if (!this.isReady) session.detach(this);
  }

  write(message: Buffer): void {
    this.unsentBytes += message.length;
    this.#socket.send(message, { binary: true }, () => {
      this.unsentBytes -= message.length;
      this.#session?.handleDrained(this);
    });
  }

  close(why: keyof typeof TunnelClose): void {
    closeSocket(this.#socket, why, why);
  }

  /** Costs the session a message. Who does not read has his answer under way already (RFC 6455 section 5.5.3). */
  #handlePing(data: Buffer): void {
    this.#session?.handleMessage(this, EMPTY);
    if (this.isReady && this.#socket.bufferedAmount === 0) this.#socket.pong(data);
  }

  #refuse(): void {
    this.#early = [];
    if (this.#session === undefined) this.close('misbehaved');
    else this.#session.end('malformed');
  }
}

/** Who does not answer a close in 1 s is cut off: a stalled one never would. */
const CLOSE_MS = 1_000;

export function closeSocket(socket: WebSocket, why: keyof typeof TunnelClose, reason: string): void {
  socket.close(TunnelClose[why], reason);
  const timer = setTimeout(() => socket.terminate(), CLOSE_MS);
  socket.once('close', () => clearTimeout(timer));
}
