/** What was measured, in words: a line of each kind. */
import type { Outage, OutageReport } from './outage.ts';
import type { TrunkReading } from './trunk-bytes.ts';

export function describeOutage(how: Outage, seconds: number, report: OutageReport): string {
  const all = (valuesMs: readonly number[]): string => valuesMs.map((ms) => `${Math.round(ms)} ms`).join(', ');
  return [
    `etcd ${how} for ${seconds} s`,
    `  gaps of those who stay     video ${all(report.gaps.video)}; sound ${all(report.gaps.audio)}`,
    `  here nothing ran for       ${all([report.gaps.stallMs])} at most`,
    `  not ready after            ${all([report.unreadyMs])}; ${report.live ? 'always' : 'NOT ALWAYS'} live`,
    `  a new meeting meanwhile    ${report.refusal}`,
    `  a join meanwhile           ${all(report.joinMs)} until picture and sound, at each controller`,
    `  a new meeting afterwards   ${all(report.newMeetingMs)} after etcd served again, at each controller`,
    `  ready again after          ${all([report.readyMs])}`,
  ].join('\n');
}

export function describeTrunks(trunks: readonly TrunkReading[]): string {
  const columns = ['viewers', 'watched once', '+ smaller', 'media', 'all sent', 'star'];
  const line = (name: string, cells: readonly string[]): string =>
    name.padEnd(26) + cells.map((cell) => cell.padStart(13)).join('');
  const kbps = (bps: number): string => String(Math.round(bps / 1_000));
  return [
    line('trunk, kb/s', columns),
    ...trunks.map(({ trunk, viewers, demandedBps, withSmallerBps, mediaBps, sentBps, starBps }) =>
      line(trunk, [String(viewers), ...[demandedBps, withSmallerBps, mediaBps, sentBps, starBps].map(kbps)]),
    ),
  ].join('\n');
}
