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
  end(chunk?: Buffer | string, done?: () => void): unknown;
  on(event: 'close' | 'error', handle: () => void): unknown;
  destroy(): unknown;
}

/** HTTP/2 has two types of stream below one interface, and their overloads are not ours. */
export function responseOf(response: ServerResponse | Http2ServerResponse): Response {
  return response as unknown as Response;
}

/** An upload that is not there after this long is given up. */
export const BODY_DEADLINE_MS = 10_000;
/** Within it, the first proxy on the way may keep an answer; it must not. */
const NO_STORE = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' };
export const RECORDS_HEADERS = { ...NO_STORE, 'content-type': 'application/octet-stream' };
const PREFLIGHT_SECONDS = 7200;
const RETRY_MS = 2_000;

/** The whole body, or why there is none. */
export function readBody(request: Request, maxBytes: number): Promise<Buffer | 'tooLarge' | 'tooSlow'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (result: Buffer | 'tooLarge' | 'tooSlow') => {
      clearTimeout(timer);
      chunks.length = 0;
      resolve(result);
    };
    const timer = setTimeout(() => finish('tooSlow'), BODY_DEADLINE_MS);
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) finish('tooLarge');
      else chunks.push(chunk);
    });
    request.on('end', () => finish(Buffer.concat(chunks)));
    // Cut off: nobody waits for an answer.
    request.on('close', () => finish('tooSlow'));
    request.on('error', () => finish('tooSlow'));
  });
}

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
  tooManyOfAddress: { status: 429, code: 'tooMany', message: 'too many sessions of this address' },
  tooManyOfHolder: { status: 429, code: 'tooMany', message: 'too many sessions of this participant' },
  draining: { status: 503, code: 'draining', message: 'the tunnel is about to end' },
  badRequest: { status: 400, code: 'badRequest', message: 'the request is none of the tunnel' },
  tooLarge: { status: 413, code: 'tooLarge', message: 'the body is too large' },
  tooSlow: { status: 408, code: 'tooSlow', message: 'the body did not come in time' },
  carrierOver: { status: 409, code: 'carrierOver', message: 'another carrier has taken over' },
};

export function answerRefusal(response: Response, why: SessionRefusal): void {
  const { status, code, message } = REFUSALS[why];
  const refusal: HttpRefusal = { code, message, ...(status === 429 ? { retryAfterMs: RETRY_MS } : {}) };
  // Of a body that has not been read, nothing more is wanted.
  if (why === 'tooLarge' || why === 'tooSlow') response.on('close', () => response.destroy());
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
