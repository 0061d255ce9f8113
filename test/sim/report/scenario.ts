/** What a scenario is and what it hands back. */
import type { Series } from './series.ts';

export interface Mark {
  /** What is asserted, with its unit. */
  readonly what: string;
  readonly limit: number;
  /** Whether the measured value may reach the limit from below (`max`) or from above (`min`). */
  readonly kind: 'max' | 'min';
  readonly measured: number;
}

export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly series: Series;
  readonly columns: readonly string[];
}

/** A moment worth a line in the plot: a capacity change, a layer change, a freeze. */
export interface Moment {
  readonly timeS: number;
  readonly text: string;
}

export interface Outcome {
  readonly marks: readonly Mark[];
  /** Further figures that are printed and not asserted. */
  readonly figures: readonly (readonly [string, string])[];
  readonly panels: readonly Panel[];
  readonly moments: readonly Moment[];
}

export interface Scenario {
  /** Kebab-case; file name of the plot. */
  readonly name: string;
  readonly title: string;
  /** Simulated seconds. */
  readonly seconds: number;
  readonly run: (seed: number) => Outcome;
}

export function atMost(what: string, limit: number, measured: number): Mark {
  return { what, limit, kind: 'max', measured };
}

export function atLeast(what: string, limit: number, measured: number): Mark {
  return { what, limit, kind: 'min', measured };
}

/** A value that could not be measured (NaN) does not pass. */
export function passed({ kind, limit, measured }: Mark): boolean {
  return kind === 'max' ? measured <= limit : measured >= limit;
}
