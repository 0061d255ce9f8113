/** The figures for people: a table with the budget of docs/benchmark.md beside each. */

import type { IceTcpReport } from './ice-tcp.ts';
import { JOIN_BUDGET_P95_MS, type JoinReport } from './join.ts';
import type { Percentiles } from './load.ts';
import type { PaddingReport } from './padding.ts';
import type { RelayFigures } from './relay-blocks.ts';
import type { ForwardingReport } from './summary.ts';
import type { TurnReport } from './turn.ts';
import { type Budget, WORKLOADS } from './workloads.ts';

/** What it is, then for each column the figure and how it stands to its budget. */
type Row = readonly string[];

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

/** One column for each mode of a workload; the reports are of the same run. */
export function forwardingTable(reports: readonly ForwardingReport[]): string {
  const [first] = reports;
  if (first === undefined) return '';
  const budget = WORKLOADS.find((workload) => workload.name === first.workload)?.budget;
  const columns = reports.map((report) => forwardingRows(report, budget));
  const rows = (columns[0] ?? []).map(([what], row): Row => {
    const cells = columns.map((column) => column[row] ?? [what, '', '']);
    return [what, ...cells.flatMap(([, figure, verdict]) => [figure, verdict])];
  });
  const head: Row = ['', ...reports.flatMap(({ features }) => [`features ${features}`, ''])];
  return table(`${first.workload} (${first.rounds} rounds of ${first.seconds} s)`, [head, ...rows]);
}

function forwardingRows(report: ForwardingReport, budget: Budget | undefined): (readonly [string, string, string])[] {
  const { latencyUs, garbageCollection } = report;
  const latencyBudget = report.features === 'off' ? budget?.latencyUs : undefined;
  const latency = (us: number, most: number | undefined) =>
    [`${us} µs`, most === undefined ? '' : verdict(us, most, 'µs')] as const;
  const kilobytes = (bytes: number) => Math.round(bytes / 1024);
  return [
    ['CPU per forwarded packet', `${report.cpuUsPerForward.toFixed(2)} µs`, ''],
    [
      'ratio to the GSO floor',
      ratio(report.ratioToGsoFloor, report.gsoFloorUsPerForward),
      verdict(report.ratioToGsoFloor, budget?.ratioToGsoFloor, '×'),
    ],
    ['ratio to the GSO floor with feedback', ...feedbackRatio(report, budget)],
    ['ratio to the sendto floor', ratio(report.ratioToSendtoFloor, report.sendtoFloorUsPerForward), ''],
    ['ratio to features off', report.ratioToPlain === undefined ? '–' : `${report.ratioToPlain.toFixed(2)} ×`, ''],
    ['lost', `${report.lost} of ${report.forwarded + report.lost}`, verdict(report.lost, 0, '')],
    ['asked for again, repaired', repairText(report.repairs), ''],
    ['the floor with feedback', feedbackText(report.feedbackFloor), ''],
    ['dropped by the worker', dropText(report.drops), ''],
    ['dropped by the sinks', String(report.sinkOverflows), ''],
    ['added latency p50', ...latency(latencyUs.p50, latencyBudget?.p50)],
    ['added latency p99', ...latency(latencyUs.p99, latencyBudget?.p99)],
    ['added latency p99.9', ...latency(latencyUs.p999, latencyBudget?.p999)],
    ['the GSO floor’s latency', percentiles(report.gsoFloorLatencyUs), ''],
    [
      'memory per subscriber',
      report.bytesPerSubscriber === undefined ? 'not measured' : `${kilobytes(report.bytesPerSubscriber)} KB`,
      report.bytesPerSubscriber === undefined || budget?.bytesPerSubscriber === undefined
        ? ''
        : verdict(kilobytes(report.bytesPerSubscriber), kilobytes(budget.bytesPerSubscriber), 'KB'),
    ],
    ['packets forwarded a second', report.forwardedPerSecond.toFixed(0), ''],
    ['worker’s thread', `${(report.cpuUtilization * 100).toFixed(0)} % of a core`, ''],
    ['event-loop delay p50, p99, max', milliseconds(report.eventLoopDelayMs), ''],
    [
      'garbage collections',
      `${garbageCollection.count}, ${garbageCollection.totalMs.toFixed(1)} ms, longest ${garbageCollection.maxMs.toFixed(1)} ms`,
      '',
    ],
  ];
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

export function paddingTable({ shapes }: PaddingReport): string {
  const rows = shapes.map(({ name, asIs, padded, ratio: times, paddingPercent }): Row => {
    const figures = (key: 'packetsPerMessage' | 'cpuUsPerPacket') => [asIs, padded].map((side) => side[key].toFixed(2));
    return [
      name,
      ...figures('packetsPerMessage'),
      ...figures('cpuUsPerPacket'),
      times.toFixed(2),
      paddingPercent.toFixed(2),
    ];
  });
  const head: Row = ['a frame of', 'packets a message', 'padded', 'CPU a packet, µs', 'padded', 'ratio', 'padding, %'];
  return table('padding', [head, ...rows]);
}

export function turnTable({ packetBytes, udp, tcp }: TurnReport): string {
  return table(`turn (${packetBytes} bytes)`, [['', 'UDP', 'TCP'], ...relayRows([udp, tcp])]);
}

export function iceTcpTable({ packetBytes, tcp }: IceTcpReport): string {
  return table(`ice-tcp (${packetBytes} bytes)`, [['', 'TCP'], ...relayRows([tcp])]);
}

function relayRows(columns: readonly RelayFigures[]): Row[] {
  return [
    ['CPU per relayed packet', ...columns.map(({ cpuUsPerPacket }) => `${cpuUsPerPacket.toFixed(2)} µs`)],
    ['packets a second per core', ...columns.map((figures) => figures.packetsPerSecondPerCore.toFixed(0))],
    ['lost', ...columns.map(({ lost }) => String(lost))],
  ];
}

function table(title: string, rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`.trimEnd(),
  );
  return [title, ...lines, ''].join('\n');
}

function ratio(times: number, floorUs: number): string {
  return `${times.toFixed(2)} × ${floorUs.toFixed(2)} µs`;
}

function feedbackRatio(
  { ratioToFeedbackFloor, feedbackFloor }: ForwardingReport,
  budget: Budget | undefined,
): readonly [string, string] {
  if (ratioToFeedbackFloor === undefined || feedbackFloor === undefined) return ['–', ''];
  const figure = ratio(ratioToFeedbackFloor, feedbackFloor.usPerForward);
  return [figure, verdict(ratioToFeedbackFloor, budget?.ratioToGsoFloor, '×')];
}

function feedbackText(floor: ForwardingReport['feedbackFloor']): string {
  return floor === undefined
    ? '–'
    : `${floor.authenticated} read; ${floor.asked} asked for, ${floor.resent} sent again`;
}

function repairText(repairs: ForwardingReport['repairs']): string {
  return repairs === undefined ? '–' : `${repairs.asked}, ${repairs.repaired}; ${repairs.padding} of padding`;
}

function verdict(figure: number, budget: number | undefined, unit: string): string {
  if (budget === undefined) {
    return 'no budget';
  }
  return `${figure <= budget ? 'met' : 'NOT MET'} (≤ ${budget}${unit === '' ? '' : ` ${unit}`})`;
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
