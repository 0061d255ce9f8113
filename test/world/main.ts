/** `node test/world/main.ts --help`: faults in a world of several zones of real processes, measured. */
import { parseArgs } from 'node:util';
import { cleanup } from 'node-datachannel';
import type { Gaps } from '../zone/people.ts';
import { describeFault, summary } from '../zone/report.ts';
import { measureWorldFault, WORLD_FAULTS, type WorldGaps } from './world-faults.ts';
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

const { values } = parseArgs({
  options: {
    fault: { type: 'string', multiple: true, default: Object.keys(WORLD_FAULTS) },
    rounds: { type: 'string', default: '5' },
    people: { type: 'string', default: '1' },
    company: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await measure();

async function measure(): Promise<void> {
  const zones = ['eu-1', 'us-1', values.company ? 'clinic' : 'ap-1'];
  const world = await WorldProcesses.start({ zones, ...(values.company ? { company: 'clinic' } : {}) });
  try {
    for (const name of values.fault) await measureRounds(world, name);
  } finally {
    await world.stop();
    cleanup();
  }
}

async function measureRounds(world: WorldProcesses, name: string): Promise<void> {
  const fault = WORLD_FAULTS[name];
  if (fault === undefined) throw new Error(`there is no fault "${name}"; --help lists them`);
  const rounds: WorldGaps[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    rounds.push(await measureWorldFault(world, fault, Number(values.people)));
  }
  for (const who of ['hit', 'others'] as const) {
    const gaps: Gaps = {
      video: rounds.flatMap((round) => round[who].video),
      audio: rounds.flatMap((round) => round[who].audio),
      stallMs: Math.max(...rounds.map((round) => round[who].stallMs)),
    };
    if (gaps.video.length === 0) continue;
    const numbers = { fault: name, who, rounds: rounds.length, video: summary(gaps.video), audio: summary(gaps.audio) };
    const words = describeFault(`${name}, ${who === 'hit' ? 'its people' : 'others'}`, gaps);
    process.stdout.write(`${values.json ? JSON.stringify({ ...numbers, stallMs: gaps.stallMs }) : words}\n`);
  }
}
