/**
 * Reads a daemon's configuration: one YAML file, checked against the daemon's schema, frozen. Keys that the schema does
 * not know are refused at every depth, whether the schema is strict or not: a misspelt key must not be a silent default.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { ZonecastError } from './errors.ts';

/** Reads and checks the file. Throws ZonecastError `badConfig` that names the file and every key that is wrong. */
export function loadConfig<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ZonecastError('badConfig', `The configuration file ${path} cannot be read.`, { cause: error });
  }
  return parseConfig(text, schema, path);
}

/** The same for text that is already read; `name` is what errors call it. An empty text is an empty object. */
export function parseConfig<Schema extends z.ZodType>(text: string, schema: Schema, name: string): z.output<Schema> {
  let input: unknown;
  try {
    input = parse(text) ?? {};
  } catch (error) {
    throw new ZonecastError('badConfig', `${name} is not valid YAML: ${(error as Error).message}`, { cause: error });
  }
  const result = schema.safeParse(input);
  const problems = result.success
    ? unknownKeys(input, result.data, '').map((key) => `${key}: unknown key`)
    : result.error.issues.flatMap(describeIssue);
  if (problems.length > 0) throw new ZonecastError('badConfig', `${name}: ${problems.join('; ')}`);
  return freeze(result.data as z.output<Schema>);
}

/** One line for each key that is wrong, which begins with its dotted name. */
function describeIssue(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: unknown key`);
  }
  return [`${issue.path.join('.') || 'file'}: ${issue.message}`];
}

/** Keys of the input that parsing dropped. */
function unknownKeys(input: unknown, output: unknown, path: string): string[] {
  if (!isObject(input) || !isObject(output)) return [];
  return Object.keys(input).flatMap((key) => {
    const name = path === '' ? key : `${path}.${key}`;
    return Object.hasOwn(output, key) ? unknownKeys(input[key], output[key], name) : [name];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function freeze<Value>(value: Value): Value {
  if (isObject(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}
