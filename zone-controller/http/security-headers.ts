/** What every response tells browsers about what its page may do. */

/** The page and its modules come from here, talk to this zone only, and are framed by nobody. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob: mediastream:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), clipboard-write=(self), geolocation=(), usb=()',
  // Invite links hold the passcode in their fragment, which is never sent; the rest is nobody's business either.
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/**
 * Origins are what others say of themselves, and a host may have in it what ends a source, a directive or a policy (CSP 3 section 2.2):
 * of those that are not plain, pages know nothing. Sources have no addresses of IPv6: browsers ignore such, and complain.
 */
const PLAIN = /^https?:\/\/[\w-]+(\.[\w-]+)*(:\d{1,5})?$/i;

/** With whom a page talks, besides who has given it out. */
export interface PageContacts {
  /** Origins of the zone's other controllers, at which a page goes on when this one is lost. */
  readonly siblings: readonly string[];
  /** Those of its HTTP tunnels, which are talked to by HTTP, too. */
  readonly tunnels?: readonly string[];
  /** Those that may come as long as the page is open, as the operator says: sources of CSP. */
  readonly plannedTunnels?: readonly string[];
}

export function securityHeaders({ siblings, tunnels = [], plannedTunnels = [] }: PageContacts): Record<string, string> {
  const requests = new Set([...tunnels.filter((origin) => PLAIN.test(origin)), ...plannedTunnels]);
  const sockets = new Set([...siblings.filter((origin) => PLAIN.test(origin)), ...requests]);
  // CSP 3 section 6.7.2.8: 'self' covers ws: and wss: of the same host.
  const webSockets = [...sockets].map((origin) => origin.replace(/^http/, 'ws'));
  const connect = ["connect-src 'self'", ...webSockets, ...requests].join(' ');
  return { ...SECURITY_HEADERS, 'Content-Security-Policy': `${CONTENT_SECURITY_POLICY}; ${connect}` };
}
