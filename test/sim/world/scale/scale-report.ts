/** The report of a day at the scale of the largest provider, in Markdown. First an ordinary day, which says how large zones are; then one with a surge. */
import type { ZoneId } from '../../../../common/ids.ts';
import { CITIES } from '../cities.ts';
import { METROS } from './regions.ts';
import { ScaleRun, type Surge } from './scale-run.ts';
import type { Joins, ScaleTally } from './scale-tally.ts';

/** Zoom, 2020: more than 300 million meeting participants a day. */
const JOINS = 300e6;
/** A zone is built for half as much again as it has at its best hour of an ordinary day. */
const HEAD_ROOM = 1.5;
const SURGE: Surge = {
  metros: new Set(METROS.filter(({ utc }) => utc === 5.5).map(({ name }) => name)),
  fromHour: 5,
  toHour: 6,
  times: 10,
};
const NO_SURGE: Surge = { ...SURGE, times: 1 };
/** Of a global controller's one thread, what may go into decisions. */
const BUSY_SHARE = 0.5;
/** What a presence takes in its bucket: its record, envelope and the store's overhead (docs/bus.md). */
const PRESENCE_BYTES = 650;
const SECONDS = 86_400;

export function scaleReport(seed: number, sample: number): string {
  const cpuUs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  };
  const common = { seed, joins: JOINS, sample, cpuUs };
  // The compiler's, too, which the first run does not count.
  new ScaleRun({ ...common, sample: sample * 20, surge: NO_SURGE }).run();
  const ordinary = new ScaleRun({ ...common, surge: NO_SURGE }).run();
  const capacities = new Map([...ordinary.peaks].map(([zone, peak]) => [zone, peak * HEAD_ROOM]));
  const surge = new ScaleRun({ ...common, surge: SURGE, capacities }).run();
  return [
    ...size(seed, sample, ordinary),
    '',
    ...placing(ordinary, surge),
    '',
    ...decisions(ordinary, surge, sample),
    '',
    ...traffic(ordinary, sample),
    '',
    ...delays(ordinary),
    '',
    ...zones(capacities, ordinary, surge),
  ].join('\n');
}

function size(
  seed: number,
  sample: number,
  { joins, meetings, mostPeople, mostRunning, joinsByHour }: ScaleTally,
): string[] {
  const [least, most] = [Math.min(...joinsByHour), Math.max(...joinsByHour)];
  const perSecond = (count: number): string => thousands((count * sample) / 3_600);
  return [
    `${CITIES.length} zones, ${METROS.length} metropolitan areas, seed ${seed}. Run: one meeting of ${thousands(sample)}, ${thousands(joins.all)} joins of`,
    `${thousands(meetings)} meetings; extrapolated: × ${thousands(sample)}, so ${millions(joins.all * sample)} joins of ${millions(meetings * sample)} meetings in the day. At the most`,
    `${millions(mostPeople)} people in ${millions(mostRunning * sample)} meetings at once; ${perSecond(least)} joins a second in the quietest hour, ${perSecond(most)} in the busiest.`,
  ];
}

function placing(ordinary: ScaleTally, surge: ScaleTally): string[] {
  const row = (name: string, { all, placed, nearest, near, extraMs }: Joins): string =>
    `| ${name} | ${percent(nearest / all)} | ${percent(near / all)} | ${(extraMs / Math.max(1, placed)).toFixed(1)} ms | ${percent(1 - placed / all)} |`;
  return [
    '| joins | on their nearest zone | at most 33 ms farther | farther than nearest, mean | refused |',
    '| ----- | --------------------- | ---------------------- | -------------------------- | ------- |',
    row('an ordinary day', ordinary.joins),
    row('a day with the surge', surge.joins),
    row('those of the surge (ten times as many for an hour in India)', surge.surgeJoins),
  ];
}

function decisions(ordinary: ScaleTally, surge: ScaleTally, sample: number): string[] {
  const { rankings, rankingUs, plans, presences, trees, joinsByHour, mostRunning, zonesOfMeetings, measuredMeetings } =
    ordinary;
  const rankUs = rankingUs / rankings;
  const planRows = [...plans].sort(([a], [b]) => a - b);
  const planned = planRows.reduce((sum, [, { count }]) => sum + count, 0);
  const planUs = planRows.reduce((sum, [, { us }]) => sum + us, 0);
  const busiest = Math.max(...joinsByHour) / (ordinary.joins.all / 24);
  const perSecond = (count: number): number => ((count * sample) / SECONDS) * busiest;
  const spread = [...zonesOfMeetings].filter(([count]) => count > 1).reduce((sum, [, count]) => sum + count, 0);
  const scanSeconds = (mostRunning * sample * (planUs / planned)) / 1e6;
  const load = (perSecond(planned) * (planUs / planned)) / 1e6;
  const surgePlanned = [...surge.plans.values()].reduce((sum, { count }) => sum + count, 0) - planned;
  const surgeLoad = load + ((surgePlanned * sample) / 3_600) * (planUs / planned / 1e6);
  return [
    '| decision | each | per second and core | per second in the busiest hour |',
    '| -------- | ---- | ------------------- | ------------------------------ |',
    `| place a person among ${CITIES.length} zones (zone-controllers) | ${rankUs.toFixed(1)} µs | ${thousands(1e6 / rankUs)} | ${thousands(perSecond(rankings))} |`,
    `| plan a meeting's home and tree (global controllers) | ${(planUs / planned).toFixed(1)} µs | ${thousands(1e6 / (planUs / planned))} | ${thousands(perSecond(planned))} |`,
    ...planRows
      .filter(([count]) => count <= 8)
      .map(
        ([count, { count: times, us }]) =>
          `| … of a meeting in ${count} ${count === 1 ? 'zone' : 'zones'} | ${(us / times).toFixed(1)} µs | ${thousands(1e6 / (us / times))} | ${thousands(perSecond(times))} |`,
      ),
    '',
    `${percent(spread / measuredMeetings)} of meetings are in more than one zone. In the busiest hour ${thousands(perSecond(presences))} presences and ${thousands(perSecond(trees))} trees are written a second. Plans for what`,
    `has changed take ${load.toFixed(2)} of a core (${surgeLoad.toFixed(2)} in the surge): at ${percent(BUSY_SHARE)} of a thread ${Math.max(1, Math.ceil(surgeLoad / BUSY_SHARE))} global controllers' worth, and one more to be lost. To look through`,
    `all ${millions(mostRunning * sample)} meetings once, for better trees, takes ${scanSeconds.toFixed(0)} s of CPU. Presences of the largest zone take about ${(((largest(ordinary) / people(ordinary)) * mostRunning * sample * PRESENCE_BYTES) / 2 ** 20).toFixed(0)} MiB of its bucket.`,
  ];
}

function traffic({ tree, star, oneZone, measuredMeetings, mostRunning }: ScaleTally, sample: number): string[] {
  // A mean meeting, as many as there are at the most.
  const times = (mostRunning * sample) / measuredMeetings;
  const row = (name: string, { bps, bpsKm }: { bps: number; bpsKm: number }): string =>
    `| ${name} | ${thousands((bps * times) / 1e9)} | ${(bps / tree.bps).toFixed(2)} | ${thousands((bpsKm * times) / 1e15)} | ${(bpsKm / tree.bpsKm).toFixed(2)} |`;
  return [
    '| between zones, at the most | Gbit/s | against the tree | Tbit/s × 1000 km | against the tree |',
    '| -------------------------- | ------ | ---------------- | ---------------- | ---------------- |',
    row('along the tree', tree),
    row('star: from each zone straight to every other', star),
    row('all people at the home zone', oneZone),
  ];
}

function delays({ delays: all, delaysApart: apart }: ScaleTally): string[] {
  const row = (name: string, values: readonly number[]): string =>
    `| ${name} | ${quantile(values, 0.5).toFixed(0)} ms | ${quantile(values, 0.95).toFixed(0)} ms |`;
  return [
    '| from one person to another, network and routers, one way | p50 | p95 |',
    '| -------------------------------------------------------- | --- | --- |',
    row('all', all),
    row('of those in different zones', apart),
  ];
}

function zones(capacities: ReadonlyMap<ZoneId, number>, ordinary: ScaleTally, surge: ScaleTally): string[] {
  const full = [...capacities].filter(([zone, capacity]) => (surge.peaks.get(zone) ?? 0) >= capacity * 0.97);
  const grown = [...capacities].filter(
    ([zone]) => (surge.peaks.get(zone) ?? 0) > (ordinary.peaks.get(zone) ?? 0) * 1.1,
  );
  const name = ([zone]: readonly [ZoneId, number]): string =>
    `${zone} (${millions(ordinary.peaks.get(zone) ?? 0)} → ${millions(surge.peaks.get(zone) ?? 0)})`;
  return [
    `Each zone is built for ${HEAD_ROOM} times its own most of the ordinary day, ${millions([...capacities.values()].reduce((a, b) => a + b, 0))} people in all. The surge fills ${full.length} zones; more people`,
    `than on an ordinary day, by a tenth or more, are at their most in ${grown.map(name).join(', ')}.`,
  ];
}

function largest({ peaks }: ScaleTally): number {
  return Math.max(...peaks.values());
}

function people({ mostPeople }: ScaleTally): number {
  return mostPeople;
}

function quantile(values: readonly number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * at)] ?? 0;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(count < 1e7 ? 2 : 0)} million`;
}

function thousands(count: number): string {
  return (count < 100 ? Number(count.toPrecision(2)) : Math.round(count)).toLocaleString('en').replaceAll(',', ' ');
}
