/**
 * Where addresses are, by a table of the operator: the longest range that an address is in tells. Ranges are kept apart
 * by their length, each length sorted, so that a million lines take about 28 MB and a look-up some 20 comparisons for
 * each length that occurs.
 */
import type { GeoPoint } from './geo-point.ts';
import { firstOf, type IpRange, parseAddress } from './ip-address.ts';

export interface GeoRange extends IpRange {
  readonly point: GeoPoint;
}

const HALF_BITS = 64n;
const HALF_MASK = (1n << HALF_BITS) - 1n;

/** The ranges of one length, by their first address: two halves of 64 bits, and degrees. */
interface SameLength {
  readonly bits: number;
  readonly high: BigUint64Array;
  readonly low: BigUint64Array;
  readonly latitude: Float32Array;
  readonly longitude: Float32Array;
}

export class GeoTable {
  /** The longest first. */
  readonly #lengths: readonly SameLength[];
  readonly size: number;

  /** Of ranges that occur twice the first counts. */
  constructor(ranges: readonly GeoRange[]) {
    const byBits = Map.groupBy(ranges, ({ bits }) => bits);
    this.#lengths = [...byBits].sort(([a], [b]) => b - a).map(([bits, sameLength]) => pack(bits, sameLength));
    this.size = this.#lengths.reduce((sum, { high }) => sum + high.length, 0);
  }

  /** undefined: it is no address, or no line of the table has it. Degrees are rounded to about a metre. */
  find(text: string): GeoPoint | undefined {
    const address = parseAddress(text);
    if (address === undefined) return undefined;
    for (const sameLength of this.#lengths) {
      const index = indexOf(sameLength, firstOf(address, sameLength.bits));
      const latitude = sameLength.latitude[index];
      const longitude = sameLength.longitude[index];
      if (latitude !== undefined && longitude !== undefined) return { latitude, longitude };
    }
    return undefined;
  }
}

export const EMPTY_TABLE = new GeoTable([]);

function pack(bits: number, ranges: readonly GeoRange[]): SameLength {
  // Stable: of the same range the first stays first.
  const sorted = ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const distinct = sorted.filter(({ first }, index) => first !== sorted[index - 1]?.first);
  return {
    bits,
    high: BigUint64Array.from(distinct, ({ first }) => first >> HALF_BITS),
    low: BigUint64Array.from(distinct, ({ first }) => first & HALF_MASK),
    latitude: Float32Array.from(distinct, ({ point }) => point.latitude),
    longitude: Float32Array.from(distinct, ({ point }) => point.longitude),
  };
}

/** -1 when it is not there. */
function indexOf({ high, low }: SameLength, first: bigint): number {
  const [wantedHigh, wantedLow] = [first >> HALF_BITS, first & HALF_MASK];
  let [from, to] = [0, high.length - 1];
  while (from <= to) {
    const middle = (from + to) >>> 1;
    const [highHere = 0n, lowHere = 0n] = [high[middle], low[middle]];
    if (highHere === wantedHigh && lowHere === wantedLow) return middle;
    const isBefore = highHere < wantedHigh || (highHere === wantedHigh && lowHere < wantedLow);
    if (isBefore) from = middle + 1;
    else to = middle - 1;
  }
  return -1;
}
