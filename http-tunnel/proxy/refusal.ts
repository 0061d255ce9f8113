/** Answers of the tunnel itself, in the form of the controllers' API. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ProxyRefusal } from './proxy-counters.ts';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const BAD: Refusal = { status: 400, code: 'badMessage', message: 'The request is malformed.' };
const AWAY: Refusal = { status: 503, code: 'tryAgain', message: 'The service is away for a moment. Try again.' };
const REFUSALS: Readonly<Record<ProxyRefusal, Refusal>> = {
  method: { status: 405, code: 'badMessage', message: 'There is no such method here.' },
  target: BAD,
  host: BAD,
  framing: BAD,
  bodyTooLarge: { status: 413, code: 'badMessage', message: 'The request is too large.' },
  bodyTooSlow: { status: 408, code: 'badMessage', message: 'The request came too slowly.' },
  gone: BAD,
  noController: AWAY,
  noAnswer: { status: 502, code: 'tryAgain', message: 'No answer came. What was asked for may have been done.' },
  draining: AWAY,
  tooManyOfAddress: { status: 429, code: 'rateLimited', message: 'Too many requests at once. Try again.' },
};
const RETRY_SECONDS = 1;

/** Whatever follows on an HTTP/1.1 connection whose request was refused is not read. */
export function refuse(request: IncomingMessage, response: ServerResponse, reason: ProxyRefusal): void {
  if (response.headersSent) return void response.destroy();
  const { status, code, message } = REFUSALS[reason];
  const body = `${JSON.stringify({ error: { code, message } })}\n`;
  const mayGoOn = request.httpVersionMajor > 1 || (request.complete && status >= 500);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...(status === 503 || status === 429 ? { 'Retry-After': RETRY_SECONDS } : {}),
    ...(mayGoOn ? {} : { Connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The same where a WebSocket was asked for. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}

export function statusOfRefusal(reason: ProxyRefusal): number {
  return REFUSALS[reason].status;
}
