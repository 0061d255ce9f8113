/** A question to several controllers that could all answer it: the first that does. */
import type { CallOptions, ClientUnaryCall, requestCallback, ServiceError } from '@grpc/grpc-js';
import { callUnary } from '../../proto/call-unary.ts';
import { isAway, toZonectlError, unreachable } from './call-errors.ts';
import { EXIT, ZonectlError } from './exit-codes.ts';

/** A controller asks routers, which have 5 s. */
const CALL_MS = 8_000;

/** @throws ZonectlError */
export async function askFirst<Client, Reply>(
  clients: readonly { readonly address: string; readonly client: Client }[],
  start: (client: Client, options: CallOptions, done: requestCallback<Reply>) => ClientUnaryCall,
): Promise<Reply> {
  const failures: { readonly address: string; readonly error: ServiceError }[] = [];
  for (const { address, client } of clients) {
    try {
      return await callUnary<Reply>((options, done) => start(client, options, done), CALL_MS);
    } catch (error) {
      if (!isAway(error)) throw toZonectlError(error);
      failures.push({ address, error });
    }
  }
  if (failures.length === 0) throw new ZonectlError(EXIT.usage, 'No controller is named.');
  throw unreachable(failures);
}
