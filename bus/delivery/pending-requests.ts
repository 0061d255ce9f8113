/** Requests that wait for their answer, by their id: bounded, each with a deadline, all failed when the bus goes away. */
import { isErrorCode, ZonecastError } from '../../common/errors.ts';
import type { BusMessage } from '../bus.ts';
import type { Sender } from '../sender.ts';
import { failureSchema } from './failure.ts';

/** Beyond, requests fail at once: whoever asks this much is not being answered. */
export const MAX_PENDING = 1_000;

interface Pending {
  readonly subject: string;
  readonly resolve: (answer: BusMessage) => void;
  readonly reject: (error: ZonecastError) => void;
}

export class PendingRequests {
  readonly #pending = new Map<string, Pending>();

  get isFull(): boolean {
    return this.#pending.size >= MAX_PENDING;
  }

  /** Resolves with the answer to the request. */
  add(id: string, subject: string, timeoutMs: number): Promise<BusMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<BusMessage>();
    const expire = (): void => this.#fail(id, 'requestTimedOut', `No answer to a request within ${timeoutMs} ms.`);
    const timer = setTimeout(expire, timeoutMs);
    this.#pending.set(id, { subject, resolve, reject });
    return promise.finally(() => clearTimeout(timer));
  }

  /** Which subject was asked; undefined when nobody waits for this. */
  subjectOf(id: string): string | undefined {
    return this.#pending.get(id)?.subject;
  }

  answer(id: string, answer: BusMessage): void {
    this.#pending.get(id)?.resolve(answer);
    this.#pending.delete(id);
  }

  /** The one that was asked failed. */
  failure(id: string, sender: Sender, payload: unknown): void {
    const { data } = failureSchema.safeParse(payload);
    const cause = new Error(`answered by ${sender.zone}/${sender.instance}`);
    const code = data !== undefined && isErrorCode(data.code) ? data.code : 'internal';
    const { message = 'Something went wrong at the other side.', retryAfterMs } = data ?? {};
    this.#pending
      .get(id)
      ?.reject(new ZonecastError(code, message, { cause, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }));
    this.#pending.delete(id);
  }

  unsent(id: string): void {
    this.#fail(id, 'busUnavailable', 'The bus between the zones does not take requests at the moment.');
  }

  noResponder(id: string): void {
    this.#fail(id, 'noResponder', 'Nobody answers these requests at the moment.');
  }

  refused(subject: string): void {
    for (const [id, pending] of this.#pending) {
      if (pending.subject === subject) this.#fail(id, 'unauthorized', 'The server does not allow this request.');
    }
  }

  away(): void {
    for (const id of this.#pending.keys()) this.#fail(id, 'busUnavailable', 'The bus went away before the answer.');
  }

  #fail(
    id: string,
    code: 'busUnavailable' | 'noResponder' | 'requestTimedOut' | 'unauthorized',
    message: string,
  ): void {
    this.#pending.get(id)?.reject(new ZonecastError(code, message));
    this.#pending.delete(id);
  }
}
