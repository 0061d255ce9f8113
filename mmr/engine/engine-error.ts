/** An operator's mistake or a refusal of the system that the engine reports when it starts or is configured. */

/**
 * `errno` names (EADDRINUSE, EADDRNOTAVAIL, EACCES, …) for sockets, and the engine's own:
 * - ENGINE_NOT_BUILT: the addon is missing or does not load; `npm ci` builds it.
 * - ENGINE_LAYOUT: addon and TypeScript disagree about shared memory (a stale build).
 * - ENGINE_ARGUMENT: an argument out of range.
 * - ENGINE_PLAN: the egress plan holds a record that points outside its memory; a broken invariant of ours.
 * - ENGINE_TRANSPORTS: no transport handle is free.
 * - DTLS_CERTIFICATE: the certificate or its private key cannot be used.
 */
export class EngineError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'EngineError';
    this.code = code;
  }
}

/** Runs `call`; what the addon throws (an Error with a string `code`) becomes an EngineError. Cold path only. */
export function asEngineError<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      throw new EngineError(error.code, error.message);
    }
    throw error;
  }
}
