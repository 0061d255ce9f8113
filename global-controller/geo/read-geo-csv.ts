/**
 * The operator's table of addresses: lines of `CIDR,latitude,longitude`, degrees. Empty lines, lines that begin with `#`
 * and a first line `cidr,latitude,longitude` are no data. A line that is wrong is left out, counted and, of the first few,
 * named: a table of a million lines with one wrong is of use.
 */
import { type GeoRange, GeoTable } from './geo-table.ts';
import { parseRange } from './ip-address.ts';

/** Lines beyond are left out. */
export const MAX_GEO_LINES = 2_000_000;
/** So many wrong lines are named, each with so much of its text. */
const MAX_NAMED = 20;
const MAX_TEXT = 80;

export const GEO_PROBLEMS = {
  fields: 'is not CIDR,latitude,longitude',
  range: 'has no range of addresses such as 192.0.2.0/24 or 2001:db8::/32, written from its first address',
  latitude: 'has a latitude that is not from -90 to 90',
  longitude: 'has a longitude that is not from -180 to 180',
  twice: 'has a range that was there before',
  tooMany: 'is beyond what a table may have',
} as const;
export type GeoProblem = keyof typeof GEO_PROBLEMS;

export interface WrongGeoLine {
  /** The first is 1. */
  readonly line: number;
  readonly problem: GeoProblem;
  /** What is there, shortened. */
  readonly text: string;
}

export interface GeoReading {
  readonly table: GeoTable;
  /** How many lines were left out, by reason. */
  readonly problems: Readonly<Partial<Record<GeoProblem, number>>>;
  /** The first of them. */
  readonly wrong: readonly WrongGeoLine[];
}

export function readGeoCsv(text: string, maxLines: number = MAX_GEO_LINES): GeoReading {
  const ranges: GeoRange[] = [];
  const seen = new Set<bigint>();
  const problems: Partial<Record<GeoProblem, number>> = {};
  const wrong: WrongGeoLine[] = [];
  let number = 0;
  for (const line of linesOf(text)) {
    number++;
    if (isNoData(line, number)) continue;
    const read = ranges.length < maxLines ? readLine(line) : 'tooMany';
    const range = typeof read === 'string' || seen.has(keyOf(read)) ? undefined : read;
    if (range !== undefined) {
      seen.add(keyOf(range));
      ranges.push(range);
      continue;
    }
    const problem = typeof read === 'string' ? read : 'twice';
    problems[problem] = (problems[problem] ?? 0) + 1;
    if (wrong.length < MAX_NAMED) wrong.push({ line: number, problem, text: line.slice(0, MAX_TEXT) });
  }
  return { table: new GeoTable(ranges), problems, wrong };
}

/** For the log, a line each. */
export function describeWrongLine({ line, problem, text }: WrongGeoLine): string {
  return `line ${line} ${GEO_PROBLEMS[problem]}: ${JSON.stringify(text)}`;
}

function* linesOf(text: string): Generator<string> {
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    const to = end === -1 ? text.length : end;
    yield text.slice(from, to).trim();
    from = to + 1;
  }
}

function isNoData(line: string, number: number): boolean {
  return line === '' || line.startsWith('#') || (number === 1 && /^cidr,latitude,longitude$/i.test(line));
}

function keyOf({ first, bits }: GeoRange): bigint {
  return (first << 8n) | BigInt(bits);
}

function readLine(line: string): GeoRange | GeoProblem {
  const fields = line.split(',').map((field) => field.trim());
  const [cidr = '', latitudeText = '', longitudeText = ''] = fields;
  if (fields.length !== 3) return 'fields';
  const range = parseRange(cidr);
  if (range === undefined) return 'range';
  const latitude = readDegrees(latitudeText, 90);
  if (latitude === undefined) return 'latitude';
  const longitude = readDegrees(longitudeText, 180);
  if (longitude === undefined) return 'longitude';
  return { ...range, point: { latitude, longitude } };
}

function readDegrees(text: string, most: number): number | undefined {
  if (!/^[+-]?\d{1,3}(\.\d{1,12})?$/.test(text)) return undefined;
  const degrees = Number(text);
  return Math.abs(degrees) <= most ? degrees : undefined;
}
