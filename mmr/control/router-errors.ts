/** Errors of the router's parts as the typed errors that all daemons share. */
import { type ErrorCode, ZonecastError } from '../../common/errors.ts';
import type { SdpError } from '../sdp/sdp-error.ts';
import { WorkerPoolError, type WorkerPoolErrorCode } from './worker-pool-error.ts';

const POOL_CODES: Readonly<Record<WorkerPoolErrorCode, ErrorCode>> = {
  portTaken: 'portTaken',
  startFailed: 'internal',
  noWorker: 'noRouter',
  workerLost: 'meetingLost',
  deadline: 'noRouter',
  workerFull: 'workerFull',
  alreadyJoined: 'badMessage',
  noSuchParticipant: 'noSuchParticipant',
  trunkLimit: 'noRouter',
  badTrunk: 'badMessage',
  badMedia: 'badOffer',
};
/** A worker that died is back within this time. */
const RETRY_AFTER_MS = 1_000;

export function offerError(error: SdpError): ZonecastError {
  return new ZonecastError('badOffer', `${error.code}: ${error.message}`);
}

/** A failure of the worker pool as a ZonecastError; anything else as it is. */
export function fromPoolError(error: unknown): unknown {
  if (!(error instanceof WorkerPoolError)) return error;
  const code = POOL_CODES[error.code];
  const retry = code === 'noRouter' || code === 'meetingLost' ? { retryAfterMs: RETRY_AFTER_MS } : {};
  return new ZonecastError(code, error.message, { cause: error, ...retry });
}
