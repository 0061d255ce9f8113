/** The OpenAPI document (3.1), made of the table of routes and the schemas that check requests. */
import { z } from 'zod';
import type { Method, Route, RouteDescription } from '../../http/route.ts';
import { route } from '../../http/route.ts';
import { components, errorAnswer } from '../meeting-schemas.ts';

/** OpenAPI 3.1 takes JSON Schema 2020-12 as it is. Nothing is transformed, so that input and output are one. */
const OPTIONS = { target: 'draft-2020-12', io: 'input' } as const;
const refTo = (id: string): string => `#/components/schemas/${id}`;

/** `release`: of the program. */
export function openApi(routes: readonly RouteDescription[], release: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const each of routes) {
    paths[each.path] = { ...paths[each.path], [each.method.toLowerCase()]: operationOf(each) };
  }
  const { schemas } = z.toJSONSchema(components, { ...OPTIONS, uri: refTo });
  return {
    openapi: '3.1.0',
    info: { title: 'Zonecast meetings', version: release },
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutIds(schema)])),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        hostKey: { type: 'apiKey', in: 'header', name: 'Zonecast-Host-Key' },
      },
    },
  };
}

/** `GET /v1/openapi.json`, which describes itself, too. */
export function openApiRoute(routes: readonly Route[], release: string): Route {
  const description = {
    method: 'GET' as Method,
    path: '/v1/openapi.json',
    operation: 'getOpenApi',
    summary: 'This document.',
    access: 'anybody',
    answers: { 200: z.looseObject({ openapi: z.literal('3.1.0') }) },
  } as const;
  const body = openApi([...routes, description], release);
  return route(description, async () => ({ status: 200, body }));
}

function operationOf({ operation, summary, access, path, query, body, answers, hasRevision }: RouteDescription) {
  const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const takesEmpty = body?.safeParse({}).success === true;
  return {
    operationId: operation,
    summary,
    ...security(access),
    parameters: [...parts, ...queryParameters(query), ...(hasRevision && body ? [IF_MATCH] : [])],
    ...(body === undefined ? {} : { requestBody: { required: !takesEmpty, content: json(body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, schema]) => [status, answer(schema, hasRevision)])),
      default: { description: 'What is wrong.', content: json(errorAnswer) },
    },
  };
}

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  schema: { type: 'string' },
  description: 'A revision in quotes: 412 when the meeting is at another.',
};

function security(access: RouteDescription['access']): object {
  if (access === 'anybody') return { security: [{}, { token: [] }] };
  return { security: access === 'person' ? [{ token: [] }] : [{ token: [] }, { hostKey: [] }] };
}

function queryParameters(query: z.ZodType | undefined): object[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query) as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function answer(schema: z.ZodType | undefined, hasRevision = false): object {
  return {
    description: schema === undefined ? 'Done.' : 'Done; this is how it is.',
    ...(hasRevision ? { headers: { ETag: { schema: { type: 'string' } } } } : {}),
    ...(schema === undefined ? {} : { content: json(schema) }),
  };
}

function json(schema: z.ZodType): object {
  return { 'application/json': { schema: schemaOf(schema) } };
}

/** A reference for those that have a name. */
function schemaOf(schema: z.ZodType): object {
  const id = components.get(schema)?.id;
  return id === undefined ? withoutIds(z.toJSONSchema(schema, OPTIONS)) : { $ref: refTo(id) };
}

/** What marks a document of its own. */
function withoutIds(schema: object): object {
  const { $schema: _dialect, $id: _id, id: _name, ...rest } = schema as Record<string, unknown>;
  return rest;
}
