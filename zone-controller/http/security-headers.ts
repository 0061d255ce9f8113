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
 * `siblings`: origins of the zone's other controllers, which a page goes on at when this one is lost; `tunnels`: those of its HTTP
 * tunnels, which are talked to by HTTP, too.
 */
export function securityHeaders(siblings: readonly string[], tunnels: readonly string[] = []): Record<string, string> {
  // CSP 3 section 6.7.2.8: 'self' covers ws: and wss: of the same host.
  const sockets = [...siblings, ...tunnels].map((origin) => origin.replace(/^http/, 'ws'));
  const connect = ["connect-src 'self'", ...sockets, ...tunnels].join(' ');
  return { ...SECURITY_HEADERS, 'Content-Security-Policy': `${CONTENT_SECURITY_POLICY}; ${connect}` };
}
