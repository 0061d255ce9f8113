/** Which headers go on to a controller and back to a client. Pure. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';

/** RFC 9110 section 7.6.1, and what is said between neighbours only. `Connection` may name more. */
const HOP_BY_HOP = [
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What is for the other end, without pseudo headers. */
export function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const dropped = new Set([...HOP_BY_HOP, ...tokens(headers.connection)]);
  const entries = Object.entries(headers).filter(([name]) => !dropped.has(name) && !name.startsWith(':'));
  return Object.fromEntries(entries);
}

/**
 * Headers of a request as a controller gets them. `client` is the address that it came from: added at the end of what is said of
 * addresses before, of which a reader believes no more than he has reason to.
 */
export function requestHeaders(headers: IncomingHttpHeaders, host: string, client: string): OutgoingHttpHeaders {
  const { expect: _, ...rest } = endToEnd(headers);
  return {
    ...rest,
    host,
    'x-forwarded-for': appended(headers['x-forwarded-for'], client),
    'x-forwarded-host': host,
    'x-forwarded-proto': 'https',
    // RFC 7239 section 6: an IPv6 address stands in brackets, and in quotes then.
    forwarded: appended(
      headers.forwarded,
      `for=${isIPv6(client) ? `"[${client}]"` : client};host="${host}";proto=https`,
    ),
  };
}

function appended(before: string | string[] | undefined, more: string): string {
  const list = (typeof before === 'string' ? [before] : (before ?? [])).filter((text) => text.trim() !== '');
  return [...list, more].join(', ');
}

function tokens(header: string | undefined): string[] {
  return (header ?? '').split(',').map((token) => token.trim().toLowerCase());
}
