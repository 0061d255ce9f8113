/**
 * What a request is for, in one reading, before anything of it is passed on: where two readings are possible, it is refused.
 * Pure. Parsers have refused bytes that are no HTTP already; this is about what they let through.
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface RequestHead {
  readonly method: string;
  /** Begins with a slash, exactly as it came, with its query. */
  readonly path: string;
  /** host[:port] as the client wrote it. */
  readonly host: string;
}

/** Why a request is refused. The list is closed. */
export const HEAD_REFUSALS = ['method', 'target', 'host', 'framing'] as const;
export type HeadRefusal = (typeof HEAD_REFUSALS)[number];

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** RFC 9112 section 3.2.1, without what RFC 3986 has no place for: no fragment, backslash, space or control character. */
const ORIGIN_FORM = /^\/[!$-;=?-[\]_a-z~|^`{}%&'"]*$/i;
/** RFC 9110 section 4.2: name or IPv4 address, or IPv6 address in brackets; no user. */
const HOST = /^(?:[a-z0-9._-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** `isHttp2`: the names of its pseudo headers (RFC 9113 section 8.3.1) stand for request line and Host. */
export function readHead(
  method: string,
  target: string,
  headers: IncomingHttpHeaders,
  isHttp2: boolean,
): RequestHead | HeadRefusal {
  if (!METHODS.has(method)) return 'method';
  if (!isFramedOnce(headers, isHttp2)) return 'framing';
  const [, authority, rest] = isHttp2 ? [] : (/^https?:\/\/([^/?#]*)(.*)$/i.exec(target) ?? []);
  const path = authority === undefined ? target : (rest ?? '').replace(/^(?!\/)/, '/');
  if (!ORIGIN_FORM.test(path)) return 'target';
  const host = oneHost([headers[':authority']?.toString(), authority, headers.host]);
  return host === undefined ? 'host' : { method, path, host };
}

/** RFC 9112 section 6.1: who sends both kinds of framing, or a coding that we do not undo, may mean to deceive. */
function isFramedOnce(headers: IncomingHttpHeaders, isHttp2: boolean): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return false;
  if (coding === undefined) return true;
  return !isHttp2 && length === undefined && coding.toLowerCase() === 'chunked';
}

/** All that name a host must name the same one. */
function oneHost(names: readonly (string | undefined)[]): string | undefined {
  const [host, ...others] = names.filter((name) => name !== undefined);
  if (host === undefined || !HOST.test(host)) return undefined;
  return others.every((other) => other.toLowerCase() === host.toLowerCase()) ? host : undefined;
}
