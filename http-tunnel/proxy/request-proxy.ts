/** Requests for the page and the API: each goes on to a controller, and to another one when that is safe. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { addressKey } from '../../common/client-address.ts';
import { Quota } from '../turn/core/quotas.ts';
import { AttemptFailed, attempt, isIdempotent, type Outgoing } from './attempt.ts';
import type { Controllers } from './controllers.ts';
import { endToEnd, requestHeaders } from './forwarded-headers.ts';
import type { ProxyCounters, ProxyRefusal } from './proxy-counters.ts';
import type { ProxyTimes } from './proxy-times.ts';
import { readBody } from './read-body.ts';
import { refuse } from './refusal.ts';
import type { RequestHead } from './request-head.ts';

/** Controllers take 16 KiB. */
const MAX_BODY_BYTES = 64 * 1024;
/** Under way at a time, of one address: as many as connections that it may have by default. */
const MAX_OF_ADDRESS = 2_000;

export class RequestProxy {
  readonly #controllers: Controllers;
  readonly #times: ProxyTimes;
  readonly #counters: ProxyCounters;
  readonly #ofAddress: Quota;

  /** `maxOfAddress`: requests under way at a time. */
  constructor(controllers: Controllers, times: ProxyTimes, counters: ProxyCounters, maxOfAddress = MAX_OF_ADDRESS) {
    this.#controllers = controllers;
    this.#ofAddress = new Quota(maxOfAddress);
    this.#times = times;
    this.#counters = counters;
  }

  /** Answers it in any case; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse, head: RequestHead): Promise<void> {
    const address = addressKey(clientOf(request));
    if (this.#ofAddress.isUsedUp(address)) return this.#refuse(request, response, 'tooManyOfAddress');
    this.#ofAddress.take(address);
    // Whoever does not read the answer is not waited for either.
    const overdue = setTimeout(() => response.destroy(), this.#times.exchangeMs);
    const over = new AbortController();
    response.on('close', () => {
      clearTimeout(overdue);
      this.#ofAddress.give(address);
      over.abort();
    });
    const outgoing = await this.#read(request, head);
    if (typeof outgoing !== 'string') return this.#send(outgoing, request, response, over.signal);
    this.#refuse(request, response, outgoing);
  }

  async #read(request: IncomingMessage, { method, path, host }: RequestHead): Promise<Outgoing | ProxyRefusal> {
    const body = await readBody(request, MAX_BODY_BYTES, this.#times.bodyMs);
    if (body === 'tooLarge') return 'bodyTooLarge';
    if (body === 'tooSlow') return 'bodyTooSlow';
    if (body === 'gone') return 'gone';
    const { 'content-length': _, ...rest } = requestHeaders(request.headers, host, clientOf(request));
    const length = body.length > 0 || !isBodiless(method) ? { 'content-length': body.length } : {};
    return { method, path, headers: { ...rest, ...length }, body };
  }

  /** `over`: the answer has been given, or its client has gone. */
  async #send(
    outgoing: Outgoing,
    request: IncomingMessage,
    response: ServerResponse,
    over: AbortSignal,
  ): Promise<void> {
    let reason: ProxyRefusal = 'noController';
    for (const [index, controller] of this.#controllers.forRequest(addressKey(clientOf(request))).entries()) {
      if (over.aborted) return;
      if (index > 0) this.#counters.failovers++;
      controller.active++;
      over.addEventListener('abort', () => controller.active--);
      try {
        const answer = await attempt(controller, outgoing, this.#times, over);
        return this.#answer(answer, response);
      } catch (error) {
        if (!(error instanceof AttemptFailed)) throw error;
        if (over.aborted) return;
        controller.isWell = false;
        if (error.mayHaveArrived) reason = 'noAnswer';
        if (error.mayHaveArrived && !isIdempotent(outgoing.method)) break;
      }
    }
    this.#refuse(request, response, reason);
  }

  #answer(answer: IncomingMessage, response: ServerResponse): void {
    const status = answer.statusCode ?? 502;
    this.#counters.countAnswer(status);
    if (response.destroyed || response.headersSent) return void answer.destroy();
    response.writeHead(status, endToEnd(answer.headers));
    // What goes wrong from here on the client sees by its cut answer.
    pipeline(answer, response, () => undefined);
  }

  #refuse(request: IncomingMessage, response: ServerResponse, reason: ProxyRefusal): void {
    this.#counters.refused[reason]++;
    refuse(request, response, reason);
  }
}

/** Where it came from; the port has set it. */
export function clientOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? '';
}

/** RFC 9110 section 8.6: those of which no body is expected say nothing of its length when there is none. */
function isBodiless(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'DELETE';
}
