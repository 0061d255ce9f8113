/** The way down of `longPoll`: one answer to each request, kept until the next number is asked for. */
import { RECORDS_HEADERS, type Response } from './http-exchange.ts';

/** A request without anything to answer is answered after this: proxies give up after 30 s. */
export const POLL_MS = 20_000;
/** Between two answers: what comes meanwhile goes together, and a client near by does not ask a thousand times a second. */
const GATHER_MS = 25;
const BATCH_BYTES = 64 * 1024;
const EMPTY = Buffer.alloc(0);

export type Asked = 'waits' | 'repeated' | 'outOfOrder';

export class PollAnswers {
  readonly batchBytes = BATCH_BYTES;
  /** What is under way is asked for again when it gets lost, and nothing more goes before: it does not pile up. */
  readonly unsentBytes = 0;
  readonly #ready: () => void;
  #waiting: Response | undefined;
  #timer: NodeJS.Timeout | undefined;
  #gatherTimer: NodeJS.Timeout | undefined;
  #isGathering = false;
  /** Of the answer that was given last. */
  #number = 0;
  #last: Buffer = EMPTY;

  constructor(ready: () => void) {
    this.#ready = ready;
  }

  get isReady(): boolean {
    return this.#waiting !== undefined && !this.#isGathering;
  }

  /** `waits`: everything before `number` has arrived. */
  ask(number: number, response: Response): Asked {
    if (number === this.#number) {
      answer(response, this.#last);
      return 'repeated';
    }
    if (number !== this.#number + 1) return 'outOfOrder';
    // The one before was given up by its client.
    if (this.#waiting !== undefined) answer(this.#waiting, EMPTY);
    this.#last = EMPTY;
    this.#waiting = response;
    response.on('close', () => {
      if (this.#waiting === response) this.#forget();
    });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.write(EMPTY), POLL_MS);
    return 'waits';
  }

  /** Precondition: one waits. */
  write(message: Buffer): void {
    const response = this.#waiting;
    if (response === undefined) return;
    this.#forget();
    this.#number++;
    this.#last = message;
    this.#isGathering = true;
    this.#gatherTimer = setTimeout(() => {
      this.#isGathering = false;
      this.#ready();
    }, GATHER_MS);
    answer(response, message);
  }

  close(): void {
    if (this.#waiting !== undefined) answer(this.#waiting, EMPTY);
    this.#forget();
    clearTimeout(this.#gatherTimer);
  }

  #forget(): void {
    this.#waiting = undefined;
    clearTimeout(this.#timer);
  }
}

function answer(response: Response, message: Buffer): void {
  if (response.writableEnded) return;
  response.writeHead(200, { ...RECORDS_HEADERS, 'content-length': String(message.length) });
  response.end(message);
}
