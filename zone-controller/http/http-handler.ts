/** What each path answers. Everything that is not a known path and method is refused in one place. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERROR_MAPPINGS, toZonecastError, ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { KeyedLimiter } from '../limits/keyed-limiter.ts';
import type { ZoneLimits } from '../limits/zone-limits.ts';
import { addressKey } from './client-address.ts';
import { isAllowedOrigin } from './origin.ts';
import { requestTarget } from './request-target.ts';
import { securityHeaders } from './security-headers.ts';
import type { StaticFile } from './static-files.ts';

/** `POST /v1/meetings` needs no body; some clients send an empty object. */
const MAX_BODY_BYTES = 1024;

export interface HttpHandlerOptions {
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly limits: ZoneLimits;
  readonly allowedOrigins: () => readonly string[];
  /** Origins of the zone's other controllers. */
  readonly siblings: () => readonly string[];
  readonly createMeeting: () => Promise<CreatedMeeting>;
  /** Why this controller is not ready; empty when it is. */
  readonly readinessProblems: () => readonly string[];
  readonly now: () => number;
  readonly log: Logger;
}

export class HttpHandler {
  readonly #options: HttpHandlerOptions;
  readonly #creations: KeyedLimiter;

  constructor(options: HttpHandlerOptions) {
    this.#options = options;
    this.#creations = new KeyedLimiter(options.limits.createMeeting);
  }

  /** Answers one request. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = securityHeaders(this.#options.siblings());
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    try {
      await this.#route(request, response);
    } catch (error) {
      // The client went away; nobody is there to be told, and it is no fault of ours.
      if (request.errored !== null) return;
      const typed = toZonecastError(error);
      if (typed.code === 'internal') this.#options.log.error({ err: error }, 'a request failed');
      sendError(response, typed);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path } = requestTarget(request);
    if (path === '/v1/meetings') return this.#createMeeting(request, response);
    const file = this.#options.files.get(path);
    const isKnown = file !== undefined || path === '/healthz' || path === '/readyz';
    if (!isKnown) return sendText(response, 404, 'Not found.\n');
    if (!allows(request, response, 'GET, HEAD')) return;
    if (file !== undefined) return sendFile(request, response, file);
    const problems = path === '/healthz' ? [] : this.#options.readinessProblems();
    sendText(response, problems.length === 0 ? 200 : 503, problems.length === 0 ? 'ok\n' : `${problems.join('\n')}\n`);
  }

  async #createMeeting(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!allows(request, response, 'POST')) return;
    if (!isAllowedOrigin(request, this.#options.allowedOrigins())) {
      throw new ZonecastError('foreignOrigin', 'Another site may not do this.');
    }
    if (!(await drain(request))) return sendText(response, 413, 'The request is too large.\n');
    const waitMs = this.#creations.take(this.#options.now(), addressKey(request.socket.remoteAddress));
    if (waitMs > 0) {
      throw new ZonecastError('rateLimited', 'Too many new meetings. Wait a moment.', { retryAfterMs: waitMs });
    }
    const created = await this.#options.createMeeting();
    sendJson(response, 201, created);
  }
}

function allows(request: IncomingMessage, response: ServerResponse, methods: string): boolean {
  if (methods.split(', ').includes(request.method ?? '')) return true;
  response.setHeader('Allow', methods);
  sendText(response, 405, 'Method not allowed.\n');
  return false;
}

/** Reads the body away; false when it is too large. Its time is limited by the server's request time-out. */
async function drain(request: IncomingMessage): Promise<boolean> {
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length; // no encoding is set: chunks are buffers
    if (bytes > MAX_BODY_BYTES) return false;
  }
  return true;
}

/** Browsers ask each time whether their copy is current, and mostly get 304. */
function sendFile(request: IncomingMessage, response: ServerResponse, file: StaticFile): void {
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Vary', 'Accept-Encoding');
  response.setHeader('ETag', file.etag);
  if (hasTag(request.headers['if-none-match'], file.etag)) {
    response.writeHead(304).end();
    return;
  }
  const takesGzip = /(^|,)\s*gzip\s*(,|$)/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = takesGzip && file.gzipped !== undefined ? file.gzipped : file.bytes;
  if (body === file.gzipped) response.setHeader('Content-Encoding', 'gzip');
  response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** RFC 9110 section 13.1.2: If-None-Match compares weakly. */
function hasTag(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag.replace(/^W\//, '')) || tags.includes('*');
}

function sendError(response: ServerResponse, { code, message, retryAfterMs }: ZonecastError): void {
  if (response.headersSent) return void response.destroy();
  if (retryAfterMs !== undefined && Number.isFinite(retryAfterMs)) {
    response.setHeader('Retry-After', Math.ceil(retryAfterMs / 1000));
  }
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  sendJson(response, ERROR_MAPPINGS[code].http, { error: { code, message, ...retry } });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(value));
}

function sendText(response: ServerResponse, status: number, text: string): void {
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
