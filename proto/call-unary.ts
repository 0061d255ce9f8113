/** A unary gRPC call as a promise. */
import type { CallOptions, ClientUnaryCall, requestCallback } from '@grpc/grpc-js';

/**
 * Calls one method of a client and resolves with its reply. Rejects with grpc-js's ServiceError, DEADLINE_EXCEEDED
 * after `deadlineMs` (so that a peer that hangs never holds a caller for ever).
 *
 * The reply's type must be given: `callUnary<JoinReply__Output>((options, done) => client.Join(request, options, done), 5000)`.
 */
export function callUnary<Reply>(
  start: (options: CallOptions, done: requestCallback<Reply>) => ClientUnaryCall,
  deadlineMs: number,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    start({ deadline: Date.now() + deadlineMs }, (error, reply) => {
      if (error) reject(error);
      else if (reply === undefined) reject(new Error('gRPC: no error and no reply'));
      else resolve(reply);
    });
  });
}
