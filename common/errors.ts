/**
 * Mistakes of an operator or a peer, as typed errors, and the one table that says what each code is on gRPC, HTTP and
 * the signalling WebSocket. A broken invariant is not one of these: it is a plain Error and becomes `internal`.
 */
import { status } from '@grpc/grpc-js';
import type { SignallingErrorCode } from '../proto/signalling.ts';

/** The signalling codes, and those that only daemons and operators see. */
export type ErrorCode =
  | SignallingErrorCode
  | 'badConfig'
  | 'badPolicy'
  | 'badRecord'
  | 'blocksExhausted'
  | 'busUnavailable'
  | 'foreignOrigin'
  | 'leaseLost'
  | 'noResponder'
  | 'noSuchParticipant'
  | 'noSuchRouter'
  | 'noSuchTunnel'
  | 'noSuchZone'
  | 'outdated'
  | 'portTaken'
  | 'registryUnavailable'
  | 'requestTimedOut'
  | 'revisionCompacted'
  | 'revisionConflict'
  | 'staleEpoch'
  | 'unauthenticated'
  | 'unauthorized'
  | 'workerFull';

interface Mapping {
  readonly grpc: status;
  readonly http: number;
  readonly signalling: SignallingErrorCode;
}

/** The only place where codes meet protocols. */
export const ERROR_MAPPINGS: Readonly<Record<ErrorCode, Mapping>> = {
  badMessage: { grpc: status.INVALID_ARGUMENT, http: 400, signalling: 'badMessage' },
  badOffer: { grpc: status.INVALID_ARGUMENT, http: 400, signalling: 'badOffer' },
  badConfig: { grpc: status.INVALID_ARGUMENT, http: 400, signalling: 'internal' },
  badPolicy: { grpc: status.INVALID_ARGUMENT, http: 400, signalling: 'internal' },
  badRecord: { grpc: status.DATA_LOSS, http: 500, signalling: 'internal' },
  blocksExhausted: { grpc: status.RESOURCE_EXHAUSTED, http: 503, signalling: 'noRouter' },
  busUnavailable: { grpc: status.UNAVAILABLE, http: 503, signalling: 'noRouter' },
  foreignOrigin: { grpc: status.PERMISSION_DENIED, http: 403, signalling: 'badMessage' },
  internal: { grpc: status.INTERNAL, http: 500, signalling: 'internal' },
  leaseLost: { grpc: status.ABORTED, http: 503, signalling: 'internal' },
  meetingFull: { grpc: status.RESOURCE_EXHAUSTED, http: 503, signalling: 'meetingFull' },
  meetingLost: { grpc: status.ABORTED, http: 503, signalling: 'meetingLost' },
  noResponder: { grpc: status.UNAVAILABLE, http: 503, signalling: 'noRouter' },
  noRouter: { grpc: status.UNAVAILABLE, http: 503, signalling: 'noRouter' },
  noSuchMeeting: { grpc: status.NOT_FOUND, http: 404, signalling: 'noSuchMeeting' },
  noSuchParticipant: { grpc: status.NOT_FOUND, http: 404, signalling: 'sessionExpired' },
  noSuchZone: { grpc: status.NOT_FOUND, http: 404, signalling: 'internal' },
  noSuchRouter: { grpc: status.NOT_FOUND, http: 404, signalling: 'internal' },
  noSuchTunnel: { grpc: status.NOT_FOUND, http: 404, signalling: 'internal' },
  notAllowed: { grpc: status.PERMISSION_DENIED, http: 403, signalling: 'notAllowed' },
  notJoined: { grpc: status.FAILED_PRECONDITION, http: 409, signalling: 'notJoined' },
  notPossible: { grpc: status.FAILED_PRECONDITION, http: 409, signalling: 'notPossible' },
  outdated: { grpc: status.ABORTED, http: 412, signalling: 'internal' },
  portTaken: { grpc: status.UNAVAILABLE, http: 503, signalling: 'internal' },
  rateLimited: { grpc: status.RESOURCE_EXHAUSTED, http: 429, signalling: 'rateLimited' },
  registryUnavailable: { grpc: status.UNAVAILABLE, http: 503, signalling: 'noRouter' },
  requestTimedOut: { grpc: status.DEADLINE_EXCEEDED, http: 504, signalling: 'noRouter' },
  revisionCompacted: { grpc: status.OUT_OF_RANGE, http: 410, signalling: 'internal' },
  revisionConflict: { grpc: status.ABORTED, http: 409, signalling: 'internal' },
  sessionExpired: { grpc: status.NOT_FOUND, http: 404, signalling: 'sessionExpired' },
  staleEpoch: { grpc: status.FAILED_PRECONDITION, http: 409, signalling: 'meetingLost' },
  tryAgain: { grpc: status.UNAVAILABLE, http: 503, signalling: 'tryAgain' },
  unauthenticated: { grpc: status.UNAUTHENTICATED, http: 401, signalling: 'notAllowed' },
  unauthorized: { grpc: status.PERMISSION_DENIED, http: 403, signalling: 'internal' },
  workerFull: { grpc: status.RESOURCE_EXHAUSTED, http: 503, signalling: 'noRouter' },
  wrongPasscode: { grpc: status.PERMISSION_DENIED, http: 403, signalling: 'wrongPasscode' },
};

/** An error with a code that every protocol knows. `message` is for people: plain words, no internals. */
export class ZonecastError extends Error {
  readonly code: ErrorCode;
  /** When trying again makes sense, milliseconds from now; undefined when waiting does not help. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ZonecastError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** True for the code of a ZonecastError; for values that come from outside (metadata, worker replies). */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_MAPPINGS, code);
}

/** Any thrown value as a ZonecastError: what has no code of ours is `internal`, with nothing of it in the message. */
export function toZonecastError(error: unknown): ZonecastError {
  if (error instanceof ZonecastError) return error;
  return new ZonecastError('internal', 'Something went wrong on the server.', { cause: error });
}
