/** `node test/world/main.ts --help`: faults in a world of several zones of real processes, measured. */
import { cleanup } from 'node-datachannel';
import { chosenFrom, readArguments, wholeNumber } from '../command/arguments.ts';
import { sayer } from '../command/say.ts';
import { gapReport } from '../processes/gap-report.ts';
import { measureWorldFault, WORLD_FAULTS, type WorldFault, type WorldGaps } from './world-faults.ts';
import { WorldProcesses } from './world-processes.ts';

const HELP = `Usage: node test/world/main.ts [options]

Starts three zones of real processes, each in a network namespace of its own (etcd, zone-controllers, routers), with three NATS
servers and two global controllers between them; lets headless participants of all zones meet, does something to the world, and
reports how long each of them was without a packet of video and of sound. Needs root, iproute2 and nftables.

  --fault <name>       ${Object.keys(WORLD_FAULTS).join(', ')};
                       default: all of them
  --rounds <n>         meetings for each fault, default 5
  --people <n>         of each zone in each meeting, default 1
  --company            the third zone is a company's: a firewall lets nothing in, its media stays
  --json               one JSON object a line
  --help
`;

const options = readArguments(
  HELP,
  {
    fault: { type: 'string', multiple: true, default: Object.keys(WORLD_FAULTS) },
    rounds: { type: 'string', default: '5' },
    people: { type: 'string', default: '1' },
    company: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  (values) => ({
    faults: chosenFrom('fault', values.fault, Object.keys(WORLD_FAULTS)),
    rounds: wholeNumber('rounds', values.rounds, 1),
    people: wholeNumber('people', values.people, 1),
    company: values.company,
    json: values.json,
  }),
);
const say = sayer(options.json);
await measure();

async function measure(): Promise<void> {
  const { company } = options;
  const zones = ['eu-1', 'us-1', company ? 'clinic' : 'ap-1'];
  const world = await WorldProcesses.start({ zones, ...(company ? { company: 'clinic' } : {}) });
  try {
    for (const name of options.faults) await measureRounds(world, name);
  } finally {
    await world.stop();
    cleanup();
  }
}

async function measureRounds(world: WorldProcesses, name: string): Promise<void> {
  const fault = WORLD_FAULTS[name] as WorldFault; // one of those that are offered
  const rounds: WorldGaps[] = [];
  for (let round = 0; round < options.rounds; round++) {
    rounds.push(await measureWorldFault(world, fault, options.people));
  }
  for (const who of ['hit', 'others'] as const) {
    const gaps = rounds.map((round) => round[who]);
    if (gaps.every(({ video }) => video.length === 0)) continue;
    const title = `${name}, ${who === 'hit' ? 'its people' : 'others'}`;
    const { numbers, words } = gapReport({ fault: name, who }, title, gaps);
    say(numbers, words);
  }
}
