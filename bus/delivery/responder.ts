/** Runs a handler for the requests of one subject, so many at once, and turns what it does into answers. */
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import type { BusMessage, RequestHandler } from '../bus.ts';
import { toFailure } from './failure.ts';

const RETRY_MS = 1_000;

export interface ResponderOptions {
  readonly maxConcurrent: number;
  readonly timeoutMs: number;
  readonly log: Logger;
}

export type Answer = (kind: 'answer' | 'failure', payload: unknown) => void;

export class Responder {
  readonly #handler: RequestHandler;
  readonly #options: ResponderOptions;
  #running = 0;

  constructor(handler: RequestHandler, options: ResponderOptions) {
    this.#handler = handler;
    this.#options = options;
  }

  async handle(request: BusMessage, answer: Answer): Promise<void> {
    if (this.#running >= this.#options.maxConcurrent) {
      const busy = new ZonecastError('rateLimited', 'Too many requests at once.', { retryAfterMs: RETRY_MS });
      return answer('failure', toFailure(busy));
    }
    this.#running++;
    try {
      answer('answer', await this.#withinTime(request));
    } catch (error) {
      if (!(error instanceof ZonecastError)) {
        this.#options.log.error({ err: error, subject: request.subject }, 'a request handler failed');
      }
      answer('failure', toFailure(error));
    } finally {
      this.#running--;
    }
  }

  async #withinTime(request: BusMessage): Promise<unknown> {
    const late = Promise.withResolvers<never>();
    const error = new ZonecastError('requestTimedOut', 'The request took too long.');
    const timer = setTimeout(() => late.reject(error), this.#options.timeoutMs);
    const work = (async () => this.#handler(request))();
    return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
  }
}
