/** The zone that a session token is of: the issuer of a JWT (RFC 7519 section 4.1.1). undefined: it does not say. */
export function zoneOfSession(token: string): string | undefined {
  try {
    // base64url, RFC 4648 section 5; names of zones and all else that is read here are ASCII.
    const claims: unknown = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
    const { iss } = claims as { readonly iss?: unknown };
    return typeof iss === 'string' ? iss : undefined;
  } catch {
    return undefined;
  }
}
