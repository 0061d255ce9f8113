/** ZonecastErrors across gRPC: the status from the one table, the exact code and `retryAfterMs` in the trailers. */
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { ERROR_MAPPINGS, type ErrorCode, isErrorCode, toZonecastError, ZonecastError } from './errors.ts';

const CODE_KEY = 'zonecast-code';
const RETRY_KEY = 'zonecast-retry-after-ms';

/** What a server passes to grpc-js's callback (or `call.emit('error', …)`) for a thrown value. */
export function toGrpcStatus(error: unknown): StatusObject {
  const typed = toZonecastError(error);
  const metadata = new Metadata();
  metadata.set(CODE_KEY, typed.code);
  if (typed.retryAfterMs !== undefined) metadata.set(RETRY_KEY, String(Math.ceil(typed.retryAfterMs)));
  return { code: ERROR_MAPPINGS[typed.code].grpc, details: typed.message, metadata };
}

/** The ZonecastError behind a failed call; without our trailers (a proxy, a dead peer) the status decides. */
export function fromGrpcError(error: unknown): ZonecastError {
  if (!isServiceError(error)) return toZonecastError(error);
  const code = String(error.metadata?.get(CODE_KEY)[0] ?? '');
  const retryAfterMs = Number(error.metadata?.get(RETRY_KEY)[0] ?? Number.NaN);
  if (isErrorCode(code)) {
    return new ZonecastError(code, error.details, {
      cause: error,
      ...(Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}),
    });
  }
  return new ZonecastError(codeOfStatus(error.code), 'A part of the service does not answer.', { cause: error });
}

function codeOfStatus(code: status): ErrorCode {
  const isUnreachable = code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED || code === status.CANCELLED;
  return isUnreachable ? 'noRouter' : 'internal';
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'details' in error && 'code' in error && typeof error.code === 'number';
}
