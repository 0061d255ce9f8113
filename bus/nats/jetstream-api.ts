/** JetStream's requests, and what its errors mean to us. Their form is that of docs.nats.io/reference/jetstream/api. */
import { ErrorCode, type Msg, type MsgHdrs, type NatsConnection, NatsError } from 'nats';
import { z } from 'zod';
import { ZonecastError } from '../../common/errors.ts';
import type { NatsLink } from './nats-link.ts';

/** Of nats-server's errors.json */
export const API_ERROR = {
  noMessage: 10_037,
  nameInUse: 10_058,
  streamNotFound: 10_059,
  wrongLastRevision: 10_071,
} as const;

const failureSchema = z.object({
  error: z.object({ err_code: z.number().default(0), description: z.string().default('') }),
});

/** What JetStream answered, when it is a failure. */
export class ApiError extends Error {
  readonly code: number;

  constructor(code: number, description: string) {
    super(description);
    this.name = 'ApiError';
    this.code = code;
  }
}

export interface ApiRequest {
  readonly subject: string;
  readonly body: Uint8Array | string;
  readonly headers?: MsgHdrs;
  readonly timeoutMs: number;
}

/** Asks on the connection that there is. @throws as `ask` */
export async function askLink<Schema extends z.ZodType>(link: NatsLink, request: ApiRequest, schema: Schema) {
  const { connection } = link;
  if (connection === undefined) throw unavailable('The bus between the zones does not answer.', undefined);
  return ask(connection, request, schema);
}

/**
 * @throws ApiError; ZonecastError `busUnavailable` when nothing (of sense) was answered, `unauthorized` when the server
 * does not allow the request
 */
export async function ask<Schema extends z.ZodType>(
  connection: NatsConnection,
  { subject, body, headers, timeoutMs: timeout }: ApiRequest,
  schema: Schema,
): Promise<z.output<Schema>> {
  const answer = await send(() => {
    return connection.request(subject, body, headers === undefined ? { timeout } : { timeout, headers });
  });
  const failure = failureSchema.safeParse(answer);
  if (failure.success) throw new ApiError(failure.data.error.err_code, failure.data.error.description);
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw unavailable('JetStream answered something else than was asked.', parsed.error);
  return parsed.data;
}

/** An error of JetStream that has no meaning to the caller. */
export function toBucketError(bucket: string, error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  if (error.code === API_ERROR.streamNotFound) return unavailable(`There is no bucket ${bucket} yet.`, error);
  return unavailable(`The bucket ${bucket} does not work: ${error.message}.`, error);
}

async function send(request: () => Promise<Msg>): Promise<unknown> {
  let message: Msg;
  try {
    message = await request();
  } catch (error) {
    if (error instanceof NatsError && error.code === ErrorCode.PermissionsViolation) {
      throw new ZonecastError('unauthorized', 'The server does not allow this.', { cause: error });
    }
    throw unavailable('The bus between the zones does not answer.', error);
  }
  try {
    return message.json();
  } catch (error) {
    throw unavailable('JetStream answered no JSON.', error);
  }
}

function unavailable(message: string, cause: unknown): ZonecastError {
  return new ZonecastError('busUnavailable', message, { cause });
}
