import { ZonecastError } from '../../common/errors.ts';

const RETRY_MS = 2_000;

/** What a client asked for: when it fails because the registry is away, the client is told to try again. */
export async function tryLater<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ZonecastError && error.code === 'registryUnavailable')) throw error;
    const message = 'The server cannot look this up at the moment. Try again.';
    throw new ZonecastError('noRouter', message, { retryAfterMs: RETRY_MS, cause: error });
  }
}
