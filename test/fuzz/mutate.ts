/** Makes hostile inputs from well-formed ones: the usual mutations of a file fuzzer, one to six of them at a time. */
import type { Random } from './random.ts';

/** Bytes at which counts, flags and lengths change their meaning. */
const EDGES = [0x00, 0x01, 0x03, 0x0f, 0x10, 0x1f, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xbe, 0xc8, 0xde, 0xfe, 0xff];

type Mutation = (bytes: Uint8Array, random: Random, corpus: readonly Uint8Array[]) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  setEdge,
  setEdge,
  setEdge16,
  nudge,
  truncate,
  remove,
  insert,
  duplicate,
  splice,
];

/** A mutation of one of the `corpus` (not empty), at most `maxSize` bytes; the corpus itself stays as it is. */
export function mutate(corpus: readonly Uint8Array[], maxSize: number, random: Random): Uint8Array {
  let bytes: Uint8Array = random.pick(corpus).slice();
  for (let i = random.below(6); i >= 0; i--) {
    const mutation = random.pick(MUTATIONS);
    bytes = mutation(bytes, random, corpus);
  }
  return bytes.length > maxSize ? bytes.slice(0, maxSize) : bytes;
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function setEdge(bytes: Uint8Array, random: Random): Uint8Array {
  bytes[random.below(bytes.length)] = random.pick(EDGES);
  return bytes;
}

function setEdge16(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length - 1);
  bytes[at] = random.pick(EDGES);
  bytes[at + 1] = random.pick(EDGES);
  return bytes;
}

/** One more or one less: off-by-one lengths. */
function nudge(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) + (random.chance(2) ? 1 : -1);
  return bytes;
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, random.below(bytes.length + 1));
}

function remove(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  return join(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8)));
}

function insert(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const fresh = Uint8Array.from({ length: 1 + random.below(8) }, () => random.below(256));
  return join(bytes.subarray(0, at), fresh, bytes.subarray(at));
}

/** Repeats a piece up to 64 times: long lists, deep nesting. */
function duplicate(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  const piece = bytes.subarray(at, at + 1 + random.below(32));
  const copies = Array<Uint8Array>(1 + random.below(random.chance(4) ? 64 : 4)).fill(piece);
  return join(bytes.subarray(0, at), ...copies, bytes.subarray(at));
}

function splice(bytes: Uint8Array, random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  const other = random.pick(corpus);
  return join(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1)));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
