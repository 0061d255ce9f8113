/** Mutations of JSON that leave it JSON: a value, a key or an element of the tree is changed. */
import type { Random } from './random.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  -0,
  1e308,
  '',
  'auto',
  'off',
  'join',
  'camera',
  '__proto__',
  '\u202e',
  '\u0000',
  '\ud800',
  'x'.repeat(300),
  [],
  {},
  [[[[[[[[[[]]]]]]]]]],
];
const KEYS: readonly string[] = ['type', 'id', 'mid', 'source', 'constructor', 'toString', '__proto__', '', '0'];

/** Changes one to four places of the text; returns it as it is when it is not JSON. */
export function mutateJson(seed: Uint8Array, random: Random): Uint8Array {
  let tree: Json;
  try {
    tree = JSON.parse(new TextDecoder().decode(seed)) as Json;
  } catch {
    return seed;
  }
  for (let i = random.below(4); i >= 0; i--) tree = mutateTree(tree, random);
  return new TextEncoder().encode(JSON.stringify(tree));
}

function mutateTree(tree: Json, random: Random): Json {
  if (tree === null || typeof tree !== 'object') return random.pick(VALUES);
  return Array.isArray(tree) ? mutateArray(tree, random) : mutateObject(tree, random);
}

function mutateArray(array: readonly Json[], random: Random): Json {
  const at = random.below(array.length);
  switch (random.below(5)) {
    case 0:
      return random.pick(VALUES);
    case 1:
      return array.toSpliced(at, 1);
    case 2:
      return Array.from({ length: random.below(200) }, () => array[at] ?? null);
    case 3:
      return [...array, random.pick(VALUES)];
    default:
      return array.map((item, i) => (i === at ? mutateTree(item, random) : item));
  }
}

function mutateObject(object: { [key: string]: Json }, random: Random): Json {
  const entries = Object.entries(object);
  const at = random.below(entries.length);
  const [key, value] = entries[at] ?? ['', null];
  const others = entries.filter((_, i) => i !== at);
  switch (random.below(8)) {
    case 0:
      return random.pick(VALUES);
    case 1:
      return fromEntries(others);
    case 2:
      return fromEntries([...others, [random.pick(KEYS), value]]);
    case 3:
      return fromEntries([...entries, [random.pick(KEYS), random.pick(VALUES)]]);
    default:
      return fromEntries(entries.map((entry, i) => (i === at ? [key, mutateTree(value, random)] : entry)));
  }
}

/** Unlike Object.fromEntries keeps `__proto__` an own key, as JSON.parse makes it, so that it is written out again. */
function fromEntries(entries: readonly (readonly [string, Json])[]): { [key: string]: Json } {
  const object: { [key: string]: Json } = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return object;
}
