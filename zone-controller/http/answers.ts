/** How answers are written: texts, JSON, files and errors, each with the headers that belong to it. */
import type { ServerResponse } from 'node:http';
import { ERROR_MAPPINGS, type ZonecastError } from '../../common/errors.ts';
import type { StaticFile } from './static-files.ts';

/** Browsers ask each time whether their copy is current, and mostly get 304. */
export function sendFile(response: ServerResponse, file: StaticFile): void {
  const { headers, method } = response.req;
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Vary', 'Accept-Encoding');
  response.setHeader('ETag', file.etag);
  if (hasTag(headers['if-none-match'], file.etag)) {
    response.writeHead(304).end();
    return;
  }
  const takesGzip = /(^|,)\s*gzip\s*(,|$)/.test(String(headers['accept-encoding'] ?? ''));
  const body = takesGzip && file.gzipped !== undefined ? file.gzipped : file.bytes;
  if (body === file.gzipped) response.setHeader('Content-Encoding', 'gzip');
  response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': body.length });
  response.end(method === 'HEAD' ? undefined : body);
}

/** RFC 9110 section 13.1.2: If-None-Match compares weakly. */
function hasTag(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag.replace(/^W\//, '')) || tags.includes('*');
}

/** `status`: in place of that of the code, where HTTP has one for what is wrong with the request itself. */
export function sendError(
  response: ServerResponse,
  { code, message, retryAfterMs }: ZonecastError,
  status: number = ERROR_MAPPINGS[code].http,
): void {
  if (response.headersSent) return void response.destroy();
  if (retryAfterMs !== undefined && Number.isFinite(retryAfterMs)) {
    response.setHeader('Retry-After', Math.ceil(retryAfterMs / 1000));
  }
  // RFC 6750 section 3.
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  sendJson(response, status, { error: { code, message, ...retry } });
}

/** undefined: nothing to say. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (value === undefined) response.writeHead(status, { 'Cache-Control': 'no-store' }).end();
  else send(response, status, 'application/json; charset=utf-8', JSON.stringify(value));
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', text);
}

/** Answers of the moment: nothing keeps them. A request body that nobody will read ends the connection. */
function send(response: ServerResponse, status: number, type: string, text: string): void {
  if (!response.req.complete) response.setHeader('Connection', 'close');
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}
