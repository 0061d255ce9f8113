import { type ErrorCode, ZonecastError } from '../../common/errors.ts';

const RETRY_MS = 2_000;
/** The registry is away, or the bus between the zones, or who was asked over it. */
const AWAY: ReadonlySet<ErrorCode> = new Set([
  'registryUnavailable',
  'busUnavailable',
  'noResponder',
  'requestTimedOut',
]);

/** What a client asked for: when it fails because something is away that has to be asked, the client is told to try again. */
export async function tryLater<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ZonecastError && AWAY.has(error.code))) throw error;
    const message = 'The server cannot look this up at the moment. Try again.';
    throw new ZonecastError('noRouter', message, { retryAfterMs: RETRY_MS, cause: error });
  }
}
