/** Draws the panels of a scenario as one SVG, one below the other with the same time axis. */
import type { Moment, Outcome, Panel, Scenario } from './scenario.ts';

const WIDTH = 1100;
const PANEL_HEIGHT = 240;
const LEFT = 70;
const RIGHT = 20;
const TOP = 50;
const GAP = 56;
const COLOURS = ['#999999', '#c0392b', '#2e86c1', '#1e8449', '#8e44ad', '#d68910', '#148f77', '#7b241c', '#5d6d7e'];

export function plot(scenario: Scenario, seed: number, outcome: Outcome): string {
  const height = TOP + outcome.panels.length * (PANEL_HEIGHT + GAP);
  const panels = outcome.panels.map((panel, i) =>
    drawPanel(panel, TOP + i * (PANEL_HEIGHT + GAP), scenario.seconds, i === 0 ? outcome.moments : []),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    `<text x="${LEFT}" y="20" font-size="15">${escaped(`${scenario.name}: ${scenario.title}, seed ${seed}`)}</text>`,
    ...panels,
    '</svg>\n',
  ].join('\n');
}

function drawPanel(panel: Panel, top: number, seconds: number, moments: readonly Moment[]): string {
  const scale = panel.unit === 'Mb/s' ? 1e-6 : 1;
  const columns = panel.columns.map((name) => panel.series.column(name).map((value) => value * scale));
  const highest = niceCeiling(Math.max(0.001, ...columns.map(largest)));
  const x = (timeS: number) => LEFT + ((WIDTH - LEFT - RIGHT) * timeS) / seconds;
  const y = (value: number) => top + PANEL_HEIGHT * (1 - Math.min(1, value / highest));
  return [
    ...grid(highest, seconds, top, x, y),
    ...columns.map((column, i) => line(panel.series.timesS, column, COLOURS[i % COLOURS.length] as string, x, y)),
    ...panel.columns.map((name, i) => legend(name, i, top)),
    `<text x="${LEFT}" y="${top - 8}" font-weight="bold">${escaped(`${panel.title} (${panel.unit})`)}</text>`,
    ...moments.map((moment, i) => mark(moment, i, top, x)),
  ].join('\n');
}

function grid(
  highest: number,
  seconds: number,
  top: number,
  x: (timeS: number) => number,
  y: (value: number) => number,
): string[] {
  const bottom = top + PANEL_HEIGHT;
  const values = [0, 0.25, 0.5, 0.75, 1].map((part) => part * highest);
  const step = niceCeiling(seconds / 12);
  const times = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
  return [
    ...values.map(
      (value) =>
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(y(value))}" y2="${fixed(y(value))}" stroke="#dddddd"/>` +
        `<text x="${LEFT - 6}" y="${fixed(y(value) + 4)}" text-anchor="end">${Number(value.toFixed(2))}</text>`,
    ),
    ...times.map(
      (timeS) =>
        `<line x1="${fixed(x(timeS))}" x2="${fixed(x(timeS))}" y1="${top}" y2="${bottom}" stroke="#eeeeee"/>` +
        `<text x="${fixed(x(timeS))}" y="${bottom + 15}" text-anchor="middle">${Number(timeS.toFixed(1))} s</text>`,
    ),
  ];
}

/** A gap where there is no value; a value without end (no bottleneck) is drawn at the upper edge. */
function line(
  timesS: readonly number[],
  column: readonly number[],
  colour: string,
  x: (timeS: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let drawing = false;
  for (const [i, value] of column.entries()) {
    if (Number.isNaN(value)) {
      drawing = false;
      continue;
    }
    path += `${drawing ? 'L' : 'M'}${fixed(x(timesS[i] as number))} ${fixed(y(value))}`;
    drawing = true;
  }
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.4"/>`;
}

function legend(name: string, i: number, top: number): string {
  const at = LEFT + 180 + i * 100;
  const colour = COLOURS[i % COLOURS.length] as string;
  return (
    `<line x1="${at}" x2="${at + 20}" y1="${top - 12}" y2="${top - 12}" stroke="${colour}" stroke-width="3"/>` +
    `<text x="${at + 25}" y="${top - 8}">${escaped(name)}</text>`
  );
}

function mark({ timeS, text }: Moment, i: number, top: number, x: (timeS: number) => number): string {
  const at = fixed(x(timeS));
  // Three rows, so that neighbours do not hide each other.
  const row = top + 12 + 14 * (i % 3);
  return (
    `<line x1="${at}" x2="${at}" y1="${top}" y2="${top + PANEL_HEIGHT}" stroke="#555555" stroke-dasharray="4 3"/>` +
    `<text x="${Number(at) + 3}" y="${row}" fill="#333333">${escaped(text)}</text>`
  );
}

function largest(values: readonly number[]): number {
  let most = 0;
  for (const value of values) if (Number.isFinite(value) && value > most) most = value;
  return most;
}

function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (([1, 2, 2.5, 4, 5, 8, 10].find((step) => step * power >= value) ?? 10) as number) * power;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
