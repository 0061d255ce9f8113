/** Requests and answers of HTTP/1.1 and HTTP/2 alike: what the carriers by HTTP need of them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { type HttpRefusal, TUNNEL_NUMBER } from '../../../proto/tunnel.ts';
import type { SessionRefusal } from '../media-counters.ts';

export type Request = IncomingMessage | Http2ServerRequest;

/** The part of an answer that both have, under one signature. */
export interface Response {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  setHeader(name: string, value: string): unknown;
  writeHead(status: number, headers?: Record<string, string>): unknown;
  write(chunk: Buffer, done: () => void): boolean;
  end(chunk?: Buffer | string): unknown;
  on(event: 'close' | 'error', handle: () => void): unknown;
}

/** What `Response` is made of. HTTP/2 has two types of stream below one interface, and their overloads are not ours. */
type Writable = Response & { destroy(): unknown };

/** `takenMs`: for the client to take what is left of an answer once it has ended; who does not is cut off. */
export function responseOf(response: ServerResponse | Http2ServerResponse, takenMs: number): Response {
  return new TimedResponse(response as unknown as Writable, takenMs);
}

class TimedResponse implements Response {
  readonly #response: Writable;
  readonly #takenMs: number;

  constructor(response: Writable, takenMs: number) {
    this.#response = response;
    this.#takenMs = takenMs;
  }

  get headersSent(): boolean {
    return this.#response.headersSent;
  }

  get writableEnded(): boolean {
    return this.#response.writableEnded;
  }

  setHeader(name: string, value: string): void {
    this.#response.setHeader(name, value);
  }

  writeHead(status: number, headers?: Record<string, string>): void {
    this.#response.writeHead(status, headers);
  }

  write(chunk: Buffer, done: () => void): boolean {
    return this.#response.write(chunk, done);
  }

  end(chunk?: Buffer | string): void {
    if (this.#response.writableEnded) return;
    this.#response.end(chunk);
    const late = setTimeout(() => this.#response.destroy(), this.#takenMs);
    this.#response.on('close', () => clearTimeout(late));
  }

  on(event: 'close' | 'error', handle: () => void): void {
    this.#response.on(event, handle);
  }
}

/** Within it, the first proxy on the way may keep an answer; it must not. */
const NO_STORE = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' };
export const RECORDS_HEADERS = { ...NO_STORE, 'content-type': 'application/octet-stream' };
const PREFLIGHT_SECONDS = 7200;
const RETRY_MS = 2_000;

export function headerOf(request: Request, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** 1, 2, …; undefined for anything else. */
export function numberOf(request: Request): number | undefined {
  const text = headerOf(request, TUNNEL_NUMBER) ?? '';
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

export function secretOf(request: Request): string {
  return /^Bearer ([A-Za-z0-9_-]{1,128})$/i.exec(headerOf(request, 'authorization') ?? '')?.[1] ?? '';
}

export function answerJson(response: Response, status: number, body: unknown): void {
  response.writeHead(status, { ...NO_STORE, 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export function answerNothing(response: Response): void {
  response.writeHead(204, NO_STORE);
  response.end();
}

const REFUSALS: Readonly<Record<SessionRefusal, { status: number; code: HttpRefusal['code']; message: string }>> = {
  badOrigin: { status: 403, code: 'badOrigin', message: 'the page is not one of this zone' },
  badTicket: { status: 401, code: 'badTicket', message: 'the ticket is not valid' },
  unknownSession: { status: 404, code: 'unknownSession', message: 'there is no such session' },
  tooManySessions: { status: 429, code: 'tooMany', message: 'the tunnel is full' },
  tooOftenOfAddress: { status: 429, code: 'tooMany', message: 'this address opens sessions too fast' },
  tooManyOfAddress: { status: 429, code: 'tooMany', message: 'too many sessions of this address' },
  tooManyOfHolder: { status: 429, code: 'tooMany', message: 'too many sessions of this participant' },
  draining: { status: 503, code: 'draining', message: 'the tunnel is about to end' },
  badRequest: { status: 400, code: 'badRequest', message: 'the request is none of the tunnel' },
  tooLarge: { status: 413, code: 'tooLarge', message: 'the body is too large' },
  tooSlow: { status: 408, code: 'tooSlow', message: 'the body did not come in time' },
  carrierOver: { status: 409, code: 'carrierOver', message: 'another carrier has taken over' },
};

export function answerRefusal(request: Request, response: Response, why: SessionRefusal): void {
  const { status, code, message } = REFUSALS[why];
  const refusal: HttpRefusal = { code, message, ...(status === 429 ? { retryAfterMs: RETRY_MS } : {}) };
  // Of a body that is not here, nothing more is read. On HTTP/2 its stream is cut off once the answer should be taken.
  if (!request.complete && request.httpVersionMajor === 1) response.setHeader('connection', 'close');
  answerJson(response, status, refusal);
}

/** What a page of another tunnel or controller may read (CORS). `origin` is allowed. */
export function allowOrigin(response: Response, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'origin');
}

export function answerPreflight(response: Response): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers': `authorization, content-type, ${TUNNEL_NUMBER}`,
    'access-control-max-age': String(PREFLIGHT_SECONDS),
  });
  response.end();
}
