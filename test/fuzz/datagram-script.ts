/**
 * A run of the media worker as bytes, so that it can be mutated and kept like any input: records of one command byte, a
 * size of two bytes, and so many bytes of data. A size beyond the end means the rest.
 */
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

/** Commands; a byte stands for its value modulo their number. */
export const Command = {
  /** Data: a datagram that arrives from the first, second or an unknown address. */
  fromFirst: 0,
  fromSecond: 1,
  fromStranger: 2,
  /** First byte of the data: how many ticks of 20 ms pass. */
  wait: 3,
  /** First byte of the data: which source of the first participant is muted (even) or not (odd). */
  mute: 4,
} as const;
const COMMANDS = Object.keys(Command).length;
/** Larger than any datagram that the store takes. */
const MAX_DATA = 2048;
/** Bounds the work of one input. */
const MAX_RECORDS = 200;

export interface ScriptRecord {
  readonly command: number;
  readonly data: Uint8Array;
}

/** Every input is a script. */
export function readScript(bytes: Uint8Array, offset: number, size: number): ScriptRecord[] {
  const records: ScriptRecord[] = [];
  const end = offset + size;
  for (let at = offset; at + 3 <= end && records.length < MAX_RECORDS; ) {
    const told = (((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)) % (MAX_DATA + 1);
    const stop = Math.min(end, at + 3 + told);
    records.push({ command: (bytes[at] as number) % COMMANDS, data: bytes.slice(at + 3, stop) });
    at = stop;
  }
  return records;
}

function writeScript(records: readonly ScriptRecord[]): Uint8Array {
  const bytes: number[] = [];
  for (const { command, data } of records) bytes.push(command, data.length >>> 8, data.length & 0xff, ...data);
  return Uint8Array.from(bytes);
}

/** Loses, doubles, moves and mutates whole records. */
export function mutateScript(seed: Uint8Array, random: Random): Uint8Array {
  let records = readScript(seed, 0, seed.length);
  for (let i = random.below(12); i >= 0; i--) records = mutateOnce(records, random);
  return writeScript(records.slice(0, MAX_RECORDS));
}

function mutateOnce(records: readonly ScriptRecord[], random: Random): ScriptRecord[] {
  const at = random.below(records.length);
  const record = records[at];
  if (record === undefined) return [];
  const other = random.below(records.length);
  switch (random.below(6)) {
    case 0:
      return records.toSpliced(at, 1);
    case 1:
      return records.toSpliced(other, 0, ...Array<ScriptRecord>(1 + random.below(4)).fill(record));
    case 2:
      return records.with(at, { ...record, command: random.below(COMMANDS) });
    default: {
      const data = mutate([record.data], MAX_DATA, random);
      return random.chance(2) ? records.with(at, { ...record, data }) : records.toSpliced(at, 0, { ...record, data });
    }
  }
}
