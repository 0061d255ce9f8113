/** Answers requests of the HTTP API: finds the entry, checks where the request comes from and what it brings. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressKey } from '../../common/client-address.ts';
import { ZonecastError } from '../../common/errors.ts';
import { KeyedLimiter } from '../limits/keyed-limiter.ts';
import type { ZoneLimits } from '../limits/zone-limits.ts';
import { tryLater } from '../registry/try-later.ts';
import { sendError, sendJson } from './answers.ts';
import { isAllowedOrigin } from './origin.ts';
import { requestTarget } from './request-target.ts';
import { findRoutes, type Route } from './route.ts';
import { NO_PROXIES, type TrustedProxies } from './trusted-proxies.ts';

const MAX_BODY_BYTES = 16 * 1024;
const MAX_QUERY_CHARACTERS = 2_048;
/** RFC 7396 for changes. */
const JSON_TYPE = /^application\/(merge-patch\+)?json\s*(;|$)/i;
/** Browsers ask again after that. */
const PREFLIGHT_SECONDS = 600;

export interface ApiHandlerOptions {
  readonly routes: readonly Route[];
  readonly limits: Pick<ZoneLimits, 'request'>;
  readonly allowedOrigins: () => readonly string[];
  /** By default everybody speaks for himself. */
  readonly proxies?: TrustedProxies;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

export class ApiHandler {
  readonly #options: ApiHandlerOptions;
  readonly #requests: KeyedLimiter;

  constructor(options: ApiHandlerOptions) {
    this.#options = options;
    this.#requests = new KeyedLimiter(options.limits.request);
  }

  /** False: no such path; then nothing is answered. @throws ZonecastError */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { routes, allowedOrigins, proxies = NO_PROXIES, now } = this.#options;
    const found = findRoutes(routes, requestTarget(request).path);
    if (found.length === 0) return false;
    const methods = found.map(({ route }) => route.method);
    if (!isAllowedOrigin(request, allowedOrigins(), proxies)) {
      throw new ZonecastError('foreignOrigin', 'Another site may not do this.');
    }
    admitOrigin(request, response);
    if (request.method === 'OPTIONS') return answerPreflight(response, methods);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const { route, params } = found.find((each) => each.route.method === method) ?? {};
    if (route === undefined || params === undefined) {
      response.setHeader('Allow', [...methods, 'OPTIONS'].join(', '));
      return refuse(response, 405, 'This cannot be done there.');
    }
    const address = addressKey(proxies.clientAddress(request));
    const waitMs = this.#requests.take(now(), address);
    if (waitMs > 0)
      throw new ZonecastError('rateLimited', 'Too many requests. Wait a moment.', { retryAfterMs: waitMs });
    const query = readQuery(request.url ?? '');
    const text = await readBody(request);
    if (text === undefined || query === undefined) return refuse(response, 413, 'The request is too large.');
    if (text !== '' && !JSON_TYPE.test(request.headers['content-type'] ?? '')) {
      return refuse(response, 415, 'The body has to be application/json.');
    }
    const body = text === '' ? undefined : readJson(text);
    const answer = await tryLater(route.handle({ params, query, body, headers: request.headers, address }));
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
    sendJson(response, answer.status, answer.body);
    return true;
  }
}

/** Pages of other origins that are allowed may read the answer (Fetch standard, section 3.2). */
function admitOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Vary', 'Origin');
  if (headers.origin === undefined) return;
  response.setHeader('Access-Control-Allow-Origin', headers.origin);
  response.setHeader('Access-Control-Expose-Headers', 'ETag, Location, Retry-After');
}

function answerPreflight(response: ServerResponse, methods: readonly string[]): true {
  response.setHeader('Access-Control-Allow-Methods', methods.join(', '));
  response.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, If-Match, Zonecast-Host-Key');
  response.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS);
  sendJson(response, 204, undefined);
  return true;
}

function refuse(response: ServerResponse, status: number, message: string): true {
  sendError(response, new ZonecastError('badMessage', message), status);
  return true;
}

/** undefined: too long. Of what is said twice, the last one counts. */
function readQuery(url: string): Record<string, string> | undefined {
  const start = url.indexOf('?');
  const text = start === -1 ? '' : url.slice(start + 1);
  return text.length > MAX_QUERY_CHARACTERS ? undefined : Object.fromEntries(new URLSearchParams(text));
}

/** undefined: too large. Its time is limited by the server's request time-out. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer); // no encoding is set: chunks are buffers
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ZonecastError('badMessage', 'The body is no JSON.', { cause: error });
  }
}
