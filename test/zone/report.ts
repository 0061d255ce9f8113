/** What was measured, in words: a line of each kind. */
import type { Outage, OutageReport } from './outage.ts';
import type { Gaps } from './people.ts';
import type { TrunkReading } from './trunk-bytes.ts';

interface Summary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function summary(valuesMs: readonly number[]): Summary {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function describeFault(name: string, { video, audio, stallMs }: Gaps): string {
  const words = (valuesMs: readonly number[]): string => {
    const { p50, p99, max } = summary(valuesMs);
    return `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
  };
  const still = `here nothing ran for ${Math.round(stallMs)} ms at most`;
  return `${name.padEnd(20)} video ${words(video)}; sound ${words(audio)}; ${still}`;
}

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
