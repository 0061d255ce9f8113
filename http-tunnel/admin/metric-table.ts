/** Metrics as rows of a table: what they are called, and where their numbers are when they are asked for. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { type Labels, setCounter, setGauge } from '../../common/metrics.ts';

export interface MetricRow {
  readonly type: 'counter' | 'gauge';
  /** After `zonecast_tunnel_`. */
  readonly name: string;
  readonly help: string;
  /** Without one there is a single number. */
  readonly label?: string;
  /** By value of the label. */
  readonly values: () => number | Readonly<Record<string, number>>;
}

export function addMetrics(registry: Registry, rows: readonly MetricRow[]): void {
  for (const { type, name, help, label, values } of rows) {
    const labelNames = label === undefined ? [] : [label];
    const options = { name: `zonecast_tunnel_${name}`, help, labelNames, registers: [registry] };
    const now = () => labelled(label, values());
    if (type === 'counter')
      new Counter({ ...options, collect: collectWith((self: Counter) => setCounter(self, now())) });
    else new Gauge({ ...options, collect: collectWith((self: Gauge) => setGauge(self, now())) });
  }
}

/** prom-client calls `collect` on the metric. */
function collectWith<Metric>(collect: (metric: Metric) => void): (this: Metric) => void {
  return function (this: Metric) {
    collect(this);
  };
}

function labelled(
  label: string | undefined,
  values: number | Readonly<Record<string, number>>,
): (readonly [Labels<string>, number])[] {
  if (typeof values === 'number') return [[{}, values]];
  return Object.entries(values).map(([value, count]) => [{ [label ?? '']: value }, count] as const);
}
