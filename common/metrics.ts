/** Prometheus metrics: what prom-client lacks for numbers that are counted elsewhere, and what every process tells. */
import { type Counter, collectDefaultMetrics, type Gauge, Gauge as NewGauge, Registry } from 'prom-client';
import { VERSION } from './version.ts';

export type Labels<Names extends string> = Readonly<Record<Names, string | number>>;

/** A registry that says which release this is. */
export function makeRegistry(): Registry {
  const registry = new Registry();
  const info = new NewGauge({
    name: 'zonecast_build_info',
    help: 'Always 1; the release of this daemon.',
    labelNames: ['version'],
    registers: [registry],
  });
  info.set({ version: VERSION }, 1);
  return registry;
}

/** CPU, memory, event loop and garbage collection of the process; once in its life. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
}

/** Sets a counter to what was counted elsewhere; what is not named is gone. */
export function setCounter<Names extends string>(
  counter: Counter<Names>,
  values: Iterable<readonly [labels: Labels<Names>, value: number]>,
): void {
  counter.reset();
  // The casts: prom-client wants labels that it may write to.
  for (const [labels, value] of values) counter.inc(labels as Record<Names, string | number>, value);
}

/** The same of a gauge. */
export function setGauge<Names extends string>(
  gauge: Gauge<Names>,
  values: Iterable<readonly [labels: Labels<Names>, value: number]>,
): void {
  gauge.reset();
  for (const [labels, value] of values) gauge.set(labels as Record<Names, string | number>, value);
}
