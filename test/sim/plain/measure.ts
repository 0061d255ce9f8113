/** The marks of a bottleneck: how fast the flows follow it, how well they use it, how long packets wait in it. */
import { atLeast, atMost, type Mark, type Moment } from '../report/scenario.ts';
import { quantile, type Series } from '../report/series.ts';
import type { Direction } from './dumbbell.ts';

export const DOWN_LIMIT_S = 2;
export const UP_LIMIT_S = 10;
export const LEAST_UTILISATION = 0.75;
export const QUEUE_LIMIT_MS = 150;
/** The estimate counts as down when it is this close to the new capacity. */
const DOWN_TOLERANCE = 1.05;
/** A rate is averaged over this many samples of 100 ms: a frame or two must not decide. */
const AVERAGED = 5;

/** Every change of capacity, with how long it took the flows to follow. */
export function adaptationMarks(direction: Direction): Mark[] {
  const { series } = direction;
  const marks: Mark[] = [];
  let before = direction.initial.rateBps ?? 0;
  const first = secondsUntil(series, 0, (i) => averageOver(series.column('received'), i) >= LEAST_UTILISATION * before);
  marks.push(atMost(`start: 75 % of ${megabits(before)} reached after s`, UP_LIMIT_S, first));
  for (const { atMs, conditions } of direction.changes) {
    const after = conditions.rateBps;
    if (after === undefined || after === before) continue;
    const atS = atMs / 1000;
    const what = `${megabits(before)} → ${megabits(after)} at ${atS} s`;
    if (after < before) {
      const downS = secondsUntil(series, atS, (i) => at(series, 'estimate', i) <= DOWN_TOLERANCE * after);
      marks.push(atMost(`${what}: adapted down after s`, DOWN_LIMIT_S, downS));
    } else {
      const goal = LEAST_UTILISATION * after;
      const upS = secondsUntil(series, atS, (i) => averageOver(series.column('received'), i) >= goal);
      marks.push(atMost(`${what}: adapted up after s`, UP_LIMIT_S, upS));
    }
    before = after;
  }
  return marks;
}

/** Received, TCP included, of what the bottleneck could carry, from `fromS` to `toS`. */
export function utilisation(series: Series, fromS = 0, toS = Number.POSITIVE_INFINITY, withTcp = true): number {
  let carried = 0;
  let capacity = 0;
  for (const [i, timeS] of series.timesS.entries()) {
    if (timeS <= fromS || timeS > toS) continue;
    carried += at(series, 'received', i) + (withTcp ? at(series, 'tcp', i) : 0);
    capacity += at(series, 'capacity', i);
  }
  return carried / capacity;
}

export function utilisationMark(direction: Direction): Mark {
  return atLeast('utilisation of the whole run', LEAST_UTILISATION, utilisation(direction.series));
}

export function queueMark(direction: Direction, limitMs = QUEUE_LIMIT_MS): Mark {
  const delays = direction.flows.flatMap(({ queueDelaysMs }) => queueDelaysMs);
  return atMost('queueing delay, p95 of packets, ms', limitMs, quantile(delays, 0.95));
}

/** Mean rate of a column from `fromS` to `toS`. */
export function meanRate(series: Series, column: string, fromS: number, toS: number): number {
  let sum = 0;
  let count = 0;
  for (const [i, timeS] of series.timesS.entries()) {
    if (timeS <= fromS || timeS > toS) continue;
    sum += at(series, column, i);
    count++;
  }
  return sum / Math.max(1, count);
}

/** Share of the sent packets that the path lost or dropped. */
export function lossFraction(direction: Direction): number {
  const sent = direction.flows.reduce((sum, flow) => sum + flow.sentPackets, 0);
  const received = direction.flows.reduce((sum, flow) => sum + flow.receivedPackets, 0);
  return sent === 0 ? 0 : (sent - received) / sent;
}

export function capacityMoments(direction: Direction): Moment[] {
  return direction.changes.flatMap(({ atMs, conditions }) =>
    conditions.rateBps === undefined ? [] : [{ timeS: atMs / 1000, text: megabits(conditions.rateBps) }],
  );
}

export function megabits(bps: number): string {
  return bps >= 1e6 ? `${Number((bps / 1e6).toFixed(2))} Mb/s` : `${Math.round(bps / 1000)} kb/s`;
}

/** Seconds from `fromS` to the first sample that fits; NaN when none does before the end. */
export function secondsUntil(series: Series, fromS: number, fits: (i: number) => boolean): number {
  for (const [i, timeS] of series.timesS.entries()) if (timeS > fromS + 1e-9 && fits(i)) return timeS - fromS;
  return Number.NaN;
}

export function averageOver(column: readonly number[], i: number): number {
  let sum = 0;
  const from = Math.max(0, i - AVERAGED + 1);
  for (let k = from; k <= i; k++) sum += column[k] as number;
  return sum / (i - from + 1);
}

function at(series: Series, column: string, i: number): number {
  return series.column(column)[i] as number;
}
