/**
 * Which web pages may talk to this server: its own, and those of configured origins. Browsers always say where a
 * WebSocket or POST comes from; a client without `Origin` is no browser, and has no person's rights to abuse.
 */
import type { IncomingMessage } from 'node:http';
import { requestTarget } from './request-target.ts';
import { NO_PROXIES, type TrustedProxies } from './trusted-proxies.ts';

/** `allowed`: origins such as `https://meet.example`, exactly as browsers write them. */
export function isAllowedOrigin(
  request: IncomingMessage,
  allowed: readonly string[],
  proxies: TrustedProxies = NO_PROXIES,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (allowed.includes(origin)) return true;
  const { host } = requestTarget(request);
  if (host === undefined || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  const scheme = proxies.isSecure(request) ? 'https:' : 'http:';
  return url.protocol === scheme && url.host === normalizedHost(scheme, host);
}

/** The host as URLs write it: lower case, without the scheme's own port. */
function normalizedHost(scheme: string, host: string): string | undefined {
  const text = `${scheme}//${host}`;
  return URL.canParse(text) ? new URL(text).host : undefined;
}
