/** A session's socket to a zone-controller: texts both ways, nothing looked into. A client who takes nothing slows the controller's socket down. */
import { WebSocket } from 'ws';
import type { SignallingDial } from '../media-options.ts';

/** While so much waits for the client, nothing more is read from the controller. */
const PAUSE_BYTES = 64 * 1024;
const RESUME_BYTES = 16 * 1024;
/** Of texts said before the socket is open: a client says one, and waits. */
const MAX_EARLY_BYTES = 256 * 1024;
/** Of texts that the controller does not take. */
const MAX_BUFFERED_BYTES = 1 << 20;
const CLOSED_NORMALLY = 1000;
const CLOSED_WITHOUT_WORDS = 1006;

export interface SignallingOwner {
  handleOpen(): void;
  handleText(text: string): void;
  handleClosed(code: number, reason: string): void;
}

export class SignallingRelay {
  readonly #dial: SignallingDial;
  readonly #owner: SignallingOwner;
  #socket: WebSocket;
  #early: string[] = [];
  #earlyBytes = 0;
  #isClosed = false;

  /** `socket`: the first one of `dial`; the next one is tried when it does not open. */
  constructor(socket: WebSocket, dial: SignallingDial, owner: SignallingOwner) {
    this.#dial = dial;
    this.#owner = owner;
    this.#socket = socket;
    this.#listen(socket);
  }

  /** False when the controller does not take what is said to it. */
  send(text: string): boolean {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(text);
      return this.#socket.bufferedAmount <= MAX_BUFFERED_BYTES;
    }
    // Closed, or about to be: lost with it. Between two that are tried, nothing else can happen.
    if (this.#socket.readyState !== WebSocket.CONNECTING) return true;
    this.#early.push(text);
    this.#earlyBytes += text.length;
    return this.#earlyBytes <= MAX_EARLY_BYTES;
  }

  /** `waitingBytes`: for the client. */
  handleBacklog(waitingBytes: number): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (waitingBytes > PAUSE_BYTES) this.#socket.pause();
    else if (waitingBytes < RESUME_BYTES && this.#socket.isPaused) this.#socket.resume();
  }

  /** The owner is told nothing. */
  close(): void {
    this.#isClosed = true;
    // A paused socket would never read the other end's close.
    this.#socket.resume();
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#socket.terminate();
    else this.#socket.close(CLOSED_NORMALLY);
  }

  #listen(socket: WebSocket): void {
    let isOpen = false;
    socket.on('open', () => {
      isOpen = true;
      if (this.#isClosed) return;
      this.#owner.handleOpen();
      for (const text of this.#early) socket.send(text);
      this.#early = [];
    });
    socket.on('message', (data, isBinary) => {
      // The `ws` default is a Buffer for either kind.
      if (!isBinary && !this.#isClosed) this.#owner.handleText((data as Buffer).toString());
    });
    // `close` follows.
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      const next = isOpen || this.#isClosed ? undefined : this.#dial();
      if (next === undefined) return this.#end(code, reason.toString());
      this.#socket = next;
      this.#listen(next);
    });
  }

  #end(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#owner.handleClosed(code === 0 ? CLOSED_WITHOUT_WORDS : code, reason);
  }
}
