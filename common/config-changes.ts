/** What differs between two readings of a configuration. Pure. */

/** Dotted names of the keys that differ, in the order of `after`; a list is one value. */
export function changedKeys(before: unknown, after: unknown, path = ''): string[] {
  if (!isSection(before) || !isSection(after)) return isEqual(before, after) ? [] : [path];
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].flatMap((key) => changedKeys(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

/** What comes out of YAML has no cycles, and schemas give their keys in one order. */
function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
