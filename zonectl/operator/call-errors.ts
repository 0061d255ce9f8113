/** Failed calls in words for operators. */
import { type ServiceError, status } from '@grpc/grpc-js';
import { EXIT, ZonectlError } from './exit-codes.ts';

/** What grpc-js, OpenSSL and the resolver say, and what it means here. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nothing listens there'],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/, 'the name is not known'],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|Deadline exceeded/i, 'no answer'],
  [/altnames/, 'its certificate does not name this host'],
  [
    /unable to verify|signature failure|self.signed certificate|unable to get (local )?issuer/i,
    "its certificate is not of the zone's authority",
  ],
  [/certificate has expired/, 'its certificate has expired'],
  [
    /alert|ECONNRESET|Failed to connect|socket hang up|Connection dropped/i,
    'it cut the connection: is our certificate of its authority?',
  ],
];

/** Another controller may do better. */
export function isAway(error: unknown): error is ServiceError {
  return (
    isServiceError(error) &&
    (error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED) &&
    !isSaid(error)
  );
}

/** The controller has understood the question, and says no; or something failed on the way that will fail again. */
export function toZonectlError(error: unknown): unknown {
  if (!isServiceError(error)) return error;
  if (isSaid(error)) return new ZonectlError(EXIT.refused, error.details, { cause: error });
  if (error.code === status.UNIMPLEMENTED) {
    return new ZonectlError(EXIT.refused, 'The controller does not know this: it is of another release.', {
      cause: error,
    });
  }
  return new ZonectlError(EXIT.failed, `The controller failed: ${error.details}`, { cause: error });
}

export function unreachable(
  failures: readonly { readonly address: string; readonly error: ServiceError }[],
): ZonectlError {
  const each = failures.map(({ address, error }) => `${address} (${causeOf(error)})`);
  const message = `No controller answers: ${each.join(', ')}.`;
  return new ZonectlError(EXIT.unreachable, message, { cause: failures[0]?.error });
}

function causeOf({ details }: ServiceError): string {
  return CAUSES.find(([pattern]) => pattern.test(details))?.[1] ?? details;
}

/** Errors of our own services have their code in the trailers (common/grpc-errors.ts). */
function isSaid(error: ServiceError): boolean {
  return error.metadata.get('zonecast-code').length > 0;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'details' in error && 'metadata' in error && 'code' in error;
}
