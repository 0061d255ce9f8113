/** A session by requests of HTTP: uploads, and a way down that is one long answer (`httpStream`) or many short ones (`longPoll`). */
import { ask, openByHttp, RefusedError } from './http-requests.ts';
import type { CarrierLoss, CarrierOwner, Opening, SessionCarrier } from './session-carrier.ts';
import { Uploads } from './uploads.ts';

/** Requests of one carrier: `number` as the table in proto/tunnel.ts has it. */
export type AskCarrier = (way: 'stream' | 'poll', number?: number) => Promise<Response>;

/** Gives what comes to `handleBytes` until the carrier is over. @throws as `ask` in http-requests.ts */
export type WayDown = (ask: AskCarrier, handleBytes: (bytes: Uint8Array) => void) => Promise<void>;

export class HttpCarrier implements SessionCarrier {
  readonly #owner: CarrierOwner;
  readonly #end = new AbortController();
  #uploads: Uploads | undefined;

  constructor(opening: Opening, owner: CarrierOwner, wayDown: WayDown) {
    this.#owner = owner;
    this.#run(opening, wayDown).then(
      () => this.#lose({ reason: 'the tunnel has ended the answer', isFinal: false }),
      (error: unknown) => this.#lose(lossOf(error)),
    );
  }

  get queuedBytes(): number {
    return this.#uploads?.queuedBytes ?? 0;
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    this.#uploads?.push(message);
  }

  close(): void {
    this.#uploads?.close();
    this.#end.abort();
  }

  async #run(opening: Opening, wayDown: WayDown): Promise<void> {
    const { signal } = this.#end;
    const { key, base } = await openByHttp(opening, signal);
    if (signal.aborted) return;
    const { secret } = key;
    this.#uploads = new Uploads({
      post: async (number, body) => {
        await ask(`${base}/upload`, { method: 'POST', body, secret, number, signal });
      },
      isWorthRetrying: (error) => !(error instanceof RefusedError),
      failed: (error) => this.#lose(lossOf(error)),
    });
    this.#owner.handleKey(key);
    await wayDown(
      (way, number) => ask(`${base}/${way}`, { secret, signal, ...(number === undefined ? {} : { number }) }),
      (bytes) => {
        if (!signal.aborted) this.#owner.handleBytes(bytes);
      },
    );
  }

  #lose(loss: CarrierLoss): void {
    if (this.#end.signal.aborted) return;
    this.close();
    this.#owner.handleLost(loss);
  }
}

function lossOf(error: unknown): CarrierLoss {
  return error instanceof RefusedError
    ? error.loss
    : { reason: `the request failed: ${String(error)}`, isFinal: false };
}
