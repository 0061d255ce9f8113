/** `GET /v1/access`: how a client gets in whose WebSocket to a controller fails. */
import { z } from 'zod';
import { ZonecastError } from '../../common/errors.ts';
import type { VisitorAccess } from '../../proto/signalling.ts';
import { type Route, route } from '../http/route.ts';
import { KeyedLimiter } from '../limits/keyed-limiter.ts';
import type { Rate } from '../limits/token-bucket.ts';

const RETRY_MS = 2_000;

const answer = z.object({
  tunnels: z.array(z.url()).describe('HTTPS tunnels, the one to try first first. Empty: there are none.'),
  ticket: z.string().describe('Opens sessions at any of them, for ten minutes.'),
});

export interface AccessRouteOptions {
  readonly access: () => VisitorAccess | undefined;
  /** Per address. */
  readonly rate: Rate;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

export function accessRoute({ access, rate, now }: AccessRouteOptions): Route {
  const limiter = new KeyedLimiter(rate);
  const description = {
    method: 'GET',
    path: '/v1/access',
    operation: 'getAccess',
    summary: 'Tunnels for clients whose network lets nothing through but HTTPS, and what opens them.',
    access: 'anybody',
    answers: { 200: answer },
  } as const;
  return route(description, async ({ request }) => {
    const waitMs = limiter.take(now(), request.address);
    if (waitMs > 0) throw new ZonecastError('rateLimited', 'Too many requests.', { retryAfterMs: waitMs });
    const body = access();
    if (body === undefined) {
      throw new ZonecastError('noRouter', 'The server is still starting. Try again.', { retryAfterMs: RETRY_MS });
    }
    return { status: 200, body: body satisfies z.output<typeof answer> };
  });
}
