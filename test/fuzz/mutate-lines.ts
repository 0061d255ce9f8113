/** Mutations of text that is made of lines and of fields within them, as SDP is. */
import type { Random } from './random.ts';

const FIELDS: readonly string[] = [
  '',
  '0',
  '1',
  '-1',
  '9',
  '15',
  '16',
  '96',
  '127',
  '128',
  '256',
  '65536',
  '4294967295',
  '4294967296',
  '1e3',
  'NaN',
  '*',
  '__proto__',
  'constructor',
  'x'.repeat(300),
];

/** One to eight changes: lines lost, doubled, moved, swapped between places, or a field of a line replaced. */
export function mutateLines(seed: Uint8Array, random: Random): Uint8Array {
  let lines = new TextDecoder().decode(seed).split('\r\n');
  for (let i = random.below(8); i >= 0; i--) lines = mutateOnce(lines, random);
  return new TextEncoder().encode(lines.join(random.chance(16) ? '\n' : '\r\n'));
}

function mutateOnce(lines: readonly string[], random: Random): string[] {
  const at = random.below(lines.length);
  const other = random.below(lines.length);
  const line = lines[at];
  if (line === undefined) return [random.pick(FIELDS)];
  switch (random.below(7)) {
    case 0:
      return lines.toSpliced(at, 1 + random.below(3));
    case 1:
      return lines.toSpliced(at, 0, ...Array<string>(1 + random.below(random.chance(16) ? 400 : 2)).fill(line));
    case 2:
      return lines.toSpliced(other, 0, line);
    case 3:
      return lines.with(at, lines[other] ?? '');
    case 4:
      // A whole section once more.
      return [...lines, ...lines.slice(Math.min(at, other), Math.max(at, other))];
    default:
      return lines.with(at, replaceField(line, lines[other] ?? '', random));
  }
}

/** Replaces one field of the line by a number or word at an edge, or by a field of another line. */
function replaceField(line: string, donor: string, random: Random): string {
  const fields = line.split(/([ :=;/])/);
  const donated = donor.split(/[ :=;/]/);
  const at = 2 * random.below((fields.length + 1) / 2);
  return fields.with(at, random.chance(2) ? random.pick(FIELDS) : random.pick(donated)).join('');
}
