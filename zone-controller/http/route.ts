/**
 * What the HTTP API can do, as a table: each entry says what it takes and answers, and does it. The same entries check
 * requests and make the OpenAPI document.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { ZonecastError } from '../../common/errors.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request as it came; nothing of it is checked but its size. */
export interface ApiRequest {
  /** Parts of the path, by their names in braces. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** undefined: none. */
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
  /** Of the client, as limits count it. */
  readonly address: string;
}

export interface ApiAnswer {
  readonly status: number;
  /** undefined: none. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RouteDescription {
  readonly method: Method;
  /** `/v1/meetings/{meeting}` */
  readonly path: string;
  /** Name of the operation in the document. */
  readonly operation: string;
  readonly summary: string;
  /** Who may: anybody, who has a token, or who has a token or the meeting's host key. */
  readonly access: 'anybody' | 'person' | 'meeting';
  readonly query?: z.ZodType;
  /** The body may be left out if the schema takes an empty object. */
  readonly body?: z.ZodType;
  /** By status; undefined: without a body. Errors are not listed. */
  readonly answers: Readonly<Record<number, z.ZodType | undefined>>;
  /** Answers carry the revision as ETag, and `If-Match` is heeded. */
  readonly hasRevision?: boolean;
}

export interface Route extends RouteDescription {
  /** @throws ZonecastError */
  handle(request: ApiRequest): Promise<ApiAnswer>;
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** An entry whose handler gets what the schemas say. */
export function route<Description extends RouteDescription>(
  description: Description,
  handle: (call: {
    readonly request: ApiRequest;
    readonly query: Output<Description['query']>;
    readonly body: Output<Description['body']>;
  }) => Promise<ApiAnswer>,
): Route {
  const { query, body } = description;
  return {
    ...description,
    handle: (request) =>
      // The casts: TypeScript does not see that the schema is there exactly when its output is.
      handle({
        request,
        query: (query && readBy(query, request.query)) as Output<Description['query']>,
        body: (body && readBy(body, request.body ?? {})) as Output<Description['body']>,
      }),
  };
}

/** The entry for a path, and the values of its parts in braces. */
export function findRoutes(routes: readonly Route[], path: string) {
  const parts = path.split('/');
  return routes.flatMap((each) => {
    const params = match(each.path.split('/'), parts);
    return params === undefined ? [] : [{ route: each, params }];
  });
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, each] of pattern.entries()) {
    const [part = '', name] = [parts[index], /^\{(\w+)\}$/.exec(each)?.[1]];
    if (name === undefined ? each !== part : part === '') return undefined;
    if (name !== undefined) params[name] = part;
  }
  return params;
}

/** The value as the schema has it. @throws ZonecastError `badMessage` that names what is wrong */
export function readBy<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const words = result.error.issues.slice(0, 5).map(({ path, message }) => {
    const where = path.join('.');
    return where === '' ? message : `${where}: ${message}`;
  });
  throw new ZonecastError('badMessage', `The request is not right: ${words.join('; ')}.`);
}
