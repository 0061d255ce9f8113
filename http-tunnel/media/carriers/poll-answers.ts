/**
 * The way down of `longPoll`: one answer to each request. A client asks for the next one while another waits here, so that what comes up between
 * two of his requests does not wait for a round trip. Answers are kept until he shows, by what he asks for, that he has them.
 */
import { MAX_POLLS } from '../../../proto/tunnel.ts';
import { RECORDS_HEADERS, type Response } from './http-exchange.ts';

/** Without anything to answer, one request is answered after this; MAX_POLLS times as long, at most, it waits: proxies give up after 30 s. */
export const POLL_MS = 10_000;
/** Between two answers: what comes meanwhile goes together, and a client near by does not ask a thousand times a second. */
const GATHER_MS = 25;
const BATCH_BYTES = 64 * 1024;
const EMPTY = Buffer.alloc(0);

export type Asked = 'waits' | 'repeated' | 'outOfOrder';

export class PollAnswers {
  readonly batchBytes = BATCH_BYTES;
  /** What is under way is asked for again when it gets lost, and little goes before: it does not pile up. */
  readonly unsentBytes = 0;
  /** Of all answers that the client is known to have. */
  arrivedBytes = 0;
  readonly #ready: () => void;
  /** By number: those after the answer that was given last. */
  readonly #waiting = new Map<number, Response>();
  /** Of the answer that was given last. */
  #number = 0;
  /** The last answers, which may have got lost: MAX_POLLS at most. */
  #kept: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #gatherTimer: NodeJS.Timeout | undefined;
  #isGathering = false;

  constructor(ready: () => void) {
    this.#ready = ready;
  }

  get isReady(): boolean {
    return this.#waiting.has(this.#number + 1) && !this.#isGathering;
  }

  /** `waits`: all answers before `number - MAX_POLLS + 1` have arrived. */
  ask(number: number, response: Response): Asked {
    if (number > this.#number + MAX_POLLS) return 'outOfOrder';
    if (number <= this.#number) {
      const again = this.#kept[this.#kept.length - 1 - (this.#number - number)];
      if (again === undefined) return 'outOfOrder';
      answer(response, again);
      return 'repeated';
    }
    // The one before was given up by its client.
    const before = this.#waiting.get(number);
    if (before !== undefined) answer(before, EMPTY);
    while (this.#kept.length > 0 && this.#number - this.#kept.length + 1 <= number - MAX_POLLS) this.#forgetOldest();
    this.#waiting.set(number, response);
    response.on('close', () => {
      if (this.#waiting.get(number) === response) this.#waiting.delete(number);
    });
    if (this.#timer === undefined) this.#restart();
    return 'waits';
  }

  /** Precondition: the next one waits. */
  write(message: Buffer): void {
    const response = this.#waiting.get(this.#number + 1);
    if (response === undefined) return;
    this.#waiting.delete(++this.#number);
    this.#kept.push(message);
    this.#isGathering = true;
    this.#gatherTimer = setTimeout(() => {
      this.#isGathering = false;
      this.#ready();
    }, GATHER_MS);
    this.#restart();
    answer(response, message);
  }

  close(): void {
    clearTimeout(this.#gatherTimer);
    clearTimeout(this.#timer);
    for (const response of this.#waiting.values()) answer(response, EMPTY);
    this.#waiting.clear();
  }

  #forgetOldest(): void {
    this.arrivedBytes += this.#kept.shift()?.length ?? 0;
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.write(EMPTY);
    }, POLL_MS);
  }
}

function answer(response: Response, message: Buffer): void {
  if (response.writableEnded) return;
  response.writeHead(200, { ...RECORDS_HEADERS, 'content-length': String(message.length) });
  response.end(message);
}
