/** What a scenario measured over time: columns sampled at a fixed interval, and the statistics made of them. */
export const SAMPLE_US = 100_000;

export class Series {
  readonly names: readonly string[];
  readonly timesS: number[] = [];
  readonly #columns: number[][];

  constructor(names: readonly string[]) {
    this.names = names;
    this.#columns = names.map(() => []);
  }

  /** One value per column, in their order; NaN: no value. */
  add(timeUs: number, values: readonly number[]): void {
    this.timesS.push(timeUs / 1e6);
    for (const [i, column] of this.#columns.entries()) column.push(values[i] ?? Number.NaN);
  }

  column(name: string): readonly number[] {
    return this.#columns[this.names.indexOf(name)] ?? [];
  }
}

/** The value that `share` (0..1) of the values do not exceed; 0 when there are none. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] as number;
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
