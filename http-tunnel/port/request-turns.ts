/** Requests that come on one HTTP/1.1 connection before the one in front is answered: each waits for its turn, and few may. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Browsers send none; who sends more makes us work for answers that he cannot have yet. */
export const MAX_WAITING = 8;

interface Turn {
  readonly response: ServerResponse;
  readonly begin: () => void;
}

export class RequestTurns {
  /** Of connections on which a request is being answered: those behind it. */
  readonly #waiting = new WeakMap<Duplex, Turn[]>();

  /** Calls `begin` now, or when everything in front is answered; never, when the connection ends before. False: too many wait. */
  take(socket: Duplex, response: ServerResponse, begin: () => void): boolean {
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) {
      this.#waiting.set(socket, []);
      this.#begin(socket, { response, begin });
      return true;
    }
    waiting.push({ response, begin });
    return waiting.length <= MAX_WAITING;
  }

  /** Whether something is being answered there. */
  isBusy(socket: Duplex): boolean {
    return this.#waiting.has(socket);
  }

  #begin(socket: Duplex, { response, begin }: Turn): void {
    response.on('close', () => {
      const next = this.#waiting.get(socket)?.shift();
      if (next === undefined || socket.destroyed) this.#waiting.delete(socket);
      else this.#begin(socket, next);
    });
    begin();
  }
}
