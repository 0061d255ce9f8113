/** The figures for people: a table with the budget of docs/benchmark.md beside each. */
import type { ForwardingReport } from './forwarding.ts';
import { JOIN_BUDGET_P95_MS, type JoinReport } from './join.ts';
import type { Percentiles } from './load.ts';
import { WORKLOADS } from './workloads.ts';

type Row = readonly [what: string, figure: string, budget: string];

/** Three significant digits, and no digits behind those: what the machine's noise leaves. For JSON, too. */
export function rounded(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isInteger(value) ? value : Number(value.toPrecision(3));
  }
  if (Array.isArray(value)) {
    return value.map(rounded);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
  }
  return value;
}

export function forwardingTable(report: ForwardingReport): string {
  const budget = WORKLOADS.find((workload) => workload.name === report.workload)?.budget;
  const rows: Row[] = [
    ['CPU per forwarded packet', `${report.cpuUsPerForward.toFixed(2)} µs`, ''],
    [
      'ratio to the GSO floor',
      `${report.ratioToGsoFloor.toFixed(2)} × ${report.gsoFloorUsPerForward.toFixed(2)} µs`,
      verdict(report.ratioToGsoFloor, budget?.ratioToGsoFloor, '×'),
    ],
    [
      'ratio to the sendto floor',
      `${report.ratioToSendtoFloor.toFixed(2)} × ${report.sendtoFloorUsPerForward.toFixed(2)} µs`,
      '',
    ],
    ['lost', `${report.lost} of ${report.forwarded + report.lost}`, verdict(report.lost, 0, '')],
    ...(report.repairs === undefined ? [] : [repairRow(report.repairs)]),
    ['dropped by the worker', dropText(report.drops), ''],
    ['dropped by the sinks', String(report.sinkOverflows), ''],
    ['added latency p50', `${report.latencyUs.p50} µs`, verdict(report.latencyUs.p50, budget?.p50Us, 'µs')],
    ['added latency p99', `${report.latencyUs.p99} µs`, verdict(report.latencyUs.p99, budget?.p99Us, 'µs')],
    ['added latency p99.9', `${report.latencyUs.p999} µs`, verdict(report.latencyUs.p999, budget?.p999Us, 'µs')],
    ['the GSO floor’s latency', percentiles(report.gsoFloorLatencyUs), ''],
    [
      'memory per subscriber',
      report.bytesPerSubscriber === undefined ? 'not measured' : `${Math.round(report.bytesPerSubscriber / 1024)} KB`,
      report.bytesPerSubscriber === undefined
        ? ''
        : verdict(Math.round(report.bytesPerSubscriber / 1024), kilobytes(budget?.bytesPerSubscriber), 'KB'),
    ],
    ['packets forwarded a second', report.forwardedPerSecond.toFixed(0), ''],
    ['worker’s thread', `${(report.cpuUtilization * 100).toFixed(0)} % of a core`, ''],
    ['event-loop delay p50, p99, max', milliseconds(report.eventLoopDelayMs), ''],
    [
      'garbage collections',
      `${report.garbageCollection.count}, ${report.garbageCollection.totalMs.toFixed(1)} ms in all, longest ${report.garbageCollection.maxMs.toFixed(1)} ms`,
      '',
    ],
  ];
  return table(`${report.workload} (${report.rounds} rounds of ${report.seconds} s)`, rows);
}

export function joinTable(report: JoinReport): string {
  const { storm } = report;
  return table('join', [
    ['single joins failed', `${report.failed} of ${report.joins}`, verdict(report.failed, 0, '')],
    ['request to connected p50, p95', `${pair(report.connectedMs)} ms`, ''],
    ['request to first picture p50', `${report.firstPictureMs.p50.toFixed(0)} ms`, ''],
    [
      'request to first picture p95',
      `${report.firstPictureMs.p95.toFixed(0)} ms`,
      verdict(report.firstPictureMs.p95, JOIN_BUDGET_P95_MS, 'ms'),
    ],
    [`${storm.joins} joins in ${storm.seconds} s failed`, String(storm.failed), verdict(storm.failed, 0, '')],
    ['  to connected p50, p95', `${pair(storm.connectedMs)} ms`, ''],
    ['  to first picture p50, p95', `${pair(storm.firstPictureMs)} ms`, ''],
  ]);
}

function table(title: string, rows: readonly Row[]): string {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    `  ${row[0].padEnd(widths[0] ?? 0)}   ${row[1].padEnd(widths[1] ?? 0)}   ${row[2]}`.trimEnd(),
  );
  return [title, ...lines, ''].join('\n');
}

function repairRow({ asked, repaired, padding }: NonNullable<ForwardingReport['repairs']>): Row {
  return ['asked for again, repaired', `${asked}, ${repaired}; ${padding} of padding`, ''];
}

function verdict(figure: number, budget: number | undefined, unit: string): string {
  if (budget === undefined) {
    return 'no budget';
  }
  return `${figure <= budget ? 'met' : 'NOT MET'} (≤ ${budget}${unit === '' ? '' : ` ${unit}`})`;
}

function kilobytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / 1024;
}

function percentiles({ p50, p99, p999 }: Percentiles): string {
  return `${p50}, ${p99}, ${p999} µs`;
}

function milliseconds(delay: { readonly p50: number; readonly p99: number; readonly max: number }): string {
  return `${delay.p50.toFixed(1)}, ${delay.p99.toFixed(1)}, ${delay.max.toFixed(1)} ms`;
}

function dropText(drops: Readonly<Record<string, number>>): string {
  const parts = Object.entries(drops).map(([reason, count]) => `${reason} ${count}`);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function pair({ p50, p95 }: { readonly p50: number; readonly p95: number }): string {
  return `${p50.toFixed(0)}, ${p95.toFixed(0)}`;
}
