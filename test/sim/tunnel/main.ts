/**
 * Measures how late sound and pictures are by the tunnel over simulated TCP (docs/http-tunnel.md): `node test/sim/tunnel/main.ts`, with
 * `--seed N` for another run. Prints a table in Markdown.
 *
 * Exit codes: 0 every mark was met, 1 sound was too late where the path loses 2 %, 2 unusable arguments.
 */
import { readArguments, wholeNumber } from '../../command/arguments.ts';
import { DEFAULT_SEED } from '../scenarios/default-seed.ts';
import { type DelayRow, delayCases, measure, type Spread } from './delay-table.ts';

const MOST_P95_MS = 400;
const HELP = `usage: node test/sim/tunnel/main.ts [--seed N] [--seconds N] [--case TEXT]

  --seed N     seed of everything random (default ${DEFAULT_SEED})
  --seconds N  how long each call lasts, but for those with a stall (default 60)
  --case TEXT  only calls whose name contains TEXT
`;

const { seed, seconds, chosen } = readArguments(
  HELP,
  {
    seed: { type: 'string', default: String(DEFAULT_SEED) },
    seconds: { type: 'string', default: '60' },
    case: { type: 'string', default: '' },
  },
  (values) => ({
    seed: wholeNumber('seed', values.seed),
    seconds: wholeNumber('seconds', values.seconds, 20),
    chosen: values.case,
  }),
);

const HEAD = [
  'path',
  'sound down: p50 / p95 / p99 / most, ms',
  'to the ear',
  'up',
  'estimate',
  'down, up, kb/s',
  'frames/s',
  '360p, 720p',
  'freezes',
  'key frames',
  'dropped: sound, video',
  'most waiting, KB',
  'after the stall: down, up, ms',
];

function spread({ p50, p95, p99, most }: Spread): string {
  return [p50, p95, p99, most].map((value) => value.toFixed(0)).join(' / ');
}

function cells(row: DelayRow): string[] {
  const percent = (part: number) => `${Math.round(100 * part)} %`;
  const recovery = [row.recoveryDownMs, row.recoveryUpMs].map((ms) => (Number.isNaN(ms) ? '–' : ms.toFixed(0)));
  return [
    row.name,
    spread(row.down),
    spread(row.ear),
    spread(row.up),
    row.estimateKbps.toFixed(0),
    `${row.downKbps.toFixed(0)}, ${row.upKbps.toFixed(0)}`,
    row.framesPerSecond.toFixed(1),
    `${percent(row.at360)}, ${percent(row.at720)}`,
    `${row.freezes} (${row.frozenSeconds.toFixed(1)} s)`,
    String(row.keyFrames),
    `${row.droppedAudio}, ${row.droppedVideo}`,
    (row.mostQueuedBytes / 1000).toFixed(0),
    recovery.join(', '),
  ];
}

function print(line: readonly string[]): void {
  process.stdout.write(`| ${line.join(' | ')} |\n`);
}

print(HEAD);
print(HEAD.map(() => '---'));
for (const each of delayCases(seconds).filter(({ name }) => name.includes(chosen))) {
  const row = await measure(seed, each);
  print(cells(row));
  const isLossy = (each.plan.path.lossFraction ?? 0) > 0;
  if (isLossy && Math.max(row.down.p95, row.up.p95) >= MOST_P95_MS) process.exitCode = 1;
}
