/** For tests that keep a sample configuration and its schema together. */
import { parse } from 'yaml';
import type { z } from 'zod';

/** Dotted names of the schema's keys that stand nowhere in the sample, not even behind `#`. */
export function missingKeys(sample: string, schema: z.core.$ZodType): string[] {
  const there = valueKeys(parse(uncommented(sample)));
  return schemaKeys(schema).filter((key) => !there.some((name) => name === key || name.startsWith(`${key}.`)));
}

/** A sample with the keys that stand behind `#` in place; a space after `#` makes it a comment for people. */
export function uncommented(sample: string): string {
  return sample.replace(/^( *)#(?=\w+:)/gm, '$1');
}

/** A list is one value. */
function valueKeys(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => valueKeys(inner, join(path, key)));
}

/** Of a record, whose keys are the operator's, only its own name. */
function schemaKeys(schema: z.core.$ZodType, path = ''): string[] {
  // The cast: each kind of schema keeps what it wraps in its own place.
  const {
    shape,
    innerType,
    in: input,
  } = schema._zod.def as {
    readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
    readonly innerType?: z.core.$ZodType;
    readonly in?: z.core.$ZodType;
  };
  const inner = innerType ?? input;
  if (inner !== undefined) return schemaKeys(inner, path);
  if (shape === undefined) return [path];
  return Object.entries(shape).flatMap(([key, of]) => schemaKeys(of, join(path, key)));
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
