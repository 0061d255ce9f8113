/**
 * Small readers, of which those of acts, changes and states are made. A reader gives a value that is as it should be, made
 * anew of the fields that we know; or undefined. What may be kept of it is bounded here.
 */
import { MAX_ID, MAX_NAME, MAX_QUALIFIED_ID, MAX_TEXT_BYTES } from './limits.ts';

export type Reader = (value: unknown) => unknown;
/** By name; of those that end with '?' the field may be absent. */
export type FieldReaders = Readonly<Record<string, Reader>>;

export function object(fields: FieldReaders): Reader {
  const readers = Object.entries(fields).map(([name, read]) => {
    const isOptional = name.endsWith('?');
    return { name: isOptional ? name.slice(0, -1) : name, isOptional, read };
  });
  return (value) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const result: Record<string, unknown> = {};
    for (const { name, isOptional, read } of readers) {
      const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      if (given === undefined && isOptional) continue;
      const field = read(given);
      if (field === undefined) return undefined;
      result[name] = field;
    }
    return result;
  };
}

/** Objects whose `type` says which fields they have. */
export function union<Type extends string>(types: Readonly<Record<Type, FieldReaders>>): Reader {
  const readers = new Map<unknown, Reader>();
  for (const [type, fields] of Object.entries<FieldReaders>(types)) {
    readers.set(type, object({ type: oneOf(type), ...fields }));
  }
  return (value) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'type')) return undefined;
    return readers.get((value as { type: unknown }).type)?.(value);
  };
}

export function list(maxLength: number, read: Reader): Reader {
  return (value) => {
    if (!Array.isArray(value) || value.length > maxLength) return undefined;
    const result = value.map(read);
    return result.includes(undefined) ? undefined : result;
  };
}

/** Ids, none of them twice. */
export function idList(maxLength: number): Reader {
  const read = list(maxLength, id);
  return (value) => {
    const ids = read(value) as string[] | undefined; // as `id` reads them
    return ids === undefined || new Set(ids).size < ids.length ? undefined : ids;
  };
}

export function oneOf(...values: readonly (string | boolean)[]): Reader {
  return (value) => values.find((each) => each === value);
}

export function either(...readers: readonly Reader[]): Reader {
  return (value) => {
    for (const read of readers) {
      const result = read(value);
      if (result !== undefined) return result;
    }
    return undefined;
  };
}

export const boolean = oneOf(true, false);
export const role = oneOf('host', 'cohost', 'participant');
export const sourceKind = oneOf('microphone', 'camera', 'screen');
export const microphoneOrCamera = oneOf('microphone', 'camera');

/** A version, a count or a time. */
export function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** Of meetings, participants, acts and terms. */
export function id(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= MAX_ID && /^[\w.-]+$/.test(value) ? value : undefined;
}

/** Of routers, which may be another zone's, and of controllers' processes. */
export function qualifiedId(value: unknown): string | undefined {
  const isOne = typeof value === 'string' && value.length <= MAX_QUALIFIED_ID && /^[\w.-]+(\/[\w.-]+)?$/.test(value);
  return isOne ? value : undefined;
}

/** Something to be seen on one line; no marks that turn the direction of the text around it. */
export function name(value: unknown): string | undefined {
  const isName =
    typeof value === 'string' &&
    value.length <= MAX_NAME &&
    value.isWellFormed() &&
    value.trim() === value &&
    /^[^\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]*$/u.test(value) &&
    SHOWS_SOMETHING.test(value);
  return isName ? value : undefined;
}

/** Something to be seen; several lines. */
export function text(value: unknown): string | undefined {
  const isText =
    typeof value === 'string' &&
    value.length <= MAX_TEXT_BYTES &&
    value.isWellFormed() &&
    Buffer.byteLength(value) <= MAX_TEXT_BYTES &&
    /^(?:[^\p{Cc}]|\n|\t)*$/u.test(value) &&
    SHOWS_SOMETHING.test(value);
  return isText ? value : undefined;
}

const SHOWS_SOMETHING = /[\p{L}\p{N}\p{P}\p{S}]/u;
