/** `node test/zone/main.ts --help`: faults in a zone of real processes, measured. */
import { parseArgs } from 'node:util';
import { cleanup } from 'node-datachannel';
import { measureCrowd } from './crowd.ts';
import { FAULTS, type Gaps, measureFault } from './faults.ts';
import { ZoneProcesses } from './zone-processes.ts';

const HELP = `Usage: node test/zone/main.ts [options]

Starts a zone of real processes on loopback (etcd, zone-controllers, routers), lets headless participants meet, does
something to the zone, and reports how long each of them was without a packet of video and of sound.

  --fault <name>       ${Object.keys(FAULTS).join(', ')};
                       default: all of them
  --crowd <n>          instead of faults: a meeting of so many, on as many workers as it needs
  --join-rate <n>      of the crowd, joins a second, default 50
  --per-worker <n>     participants that one worker takes, default 500
  --rounds <n>         meetings for each fault, default 5
  --people <n>         in each meeting, default 2
  --controllers <n>    default 2
  --routers <n>        default 3
  --json               one JSON object a line
  --help
`;

const { values } = parseArgs({
  options: {
    fault: { type: 'string', multiple: true, default: Object.keys(FAULTS) },
    rounds: { type: 'string', default: '5' },
    people: { type: 'string', default: '2' },
    controllers: { type: 'string', default: '2' },
    routers: { type: 'string', default: '3' },
    crowd: { type: 'string' },
    'join-rate': { type: 'string', default: '50' },
    'per-worker': { type: 'string', default: '500' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await measure();

async function measure(): Promise<void> {
  const zone = await ZoneProcesses.start({
    controllers: Number(values.controllers),
    routers: Number(values.routers),
    etcdMembers: 3,
    participantsPerWorker: Number(values['per-worker']),
  });
  try {
    if (values.crowd !== undefined) {
      const crowd = await measureCrowd(zone, Number(values.crowd), Number(values['join-rate']));
      process.stdout.write(`${JSON.stringify(crowd)}\n`);
      return;
    }
    for (const name of values.fault) {
      const fault = FAULTS[name];
      if (fault === undefined) throw new Error(`there is no fault "${name}"; --help lists them`);
      const rounds: Gaps[] = [];
      for (let round = 0; round < Number(values.rounds); round++) {
        rounds.push(await measureFault(zone, fault, Number(values.people)));
      }
      report(name, rounds);
    }
  } finally {
    await zone.stop();
    cleanup();
  }
}

function report(name: string, rounds: readonly Gaps[]): void {
  const video = summary(rounds.flatMap((gaps) => gaps.video));
  const audio = summary(rounds.flatMap((gaps) => gaps.audio));
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ fault: name, rounds: rounds.length, video, audio })}\n`);
    return;
  }
  const words = ({ p50, p99, max }: Summary) => `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
  process.stdout.write(`${name.padEnd(20)} video ${words(video)}; sound ${words(audio)}\n`);
}

interface Summary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

function summary(gapsMs: readonly number[]): Summary {
  const sorted = gapsMs.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
