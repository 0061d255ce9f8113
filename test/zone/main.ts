/** `node test/zone/main.ts --help`: faults in a zone of real processes, measured. */
import { parseArgs } from 'node:util';
import { cleanup } from 'node-datachannel';
import { measureCrowd } from './crowd.ts';
import { FAULTS, measureFault } from './faults.ts';
import { measureOutage, OUTAGES } from './outage.ts';
import type { Gaps } from './people.ts';
import { describeFault, describeOutage, describeTrunks, summary } from './report.ts';
import { measureTrunks } from './trunk-bytes.ts';
import { ZoneProcesses } from './zone-processes.ts';

const HELP = `Usage: node test/zone/main.ts [options]

Starts a zone of real processes on loopback (etcd, zone-controllers, routers), lets headless participants meet, does
something to the zone, and reports how long each of them was without a packet of video and of sound.

  --fault <name>       ${Object.keys(FAULTS).join(', ')};
                       default: all of them
  --outage <seconds>   instead of faults: all of etcd is away for so long; once dead, once silent
  --crowd <n>          instead of faults: a meeting of so many, on as many workers as it needs
  --trunks <n>         instead of faults: three cameras and n viewers on several routers; give --per-worker, so that they
                       need several, and have Chromium
  --seconds <n>        that trunks are measured, default 20
  --join-rate <n>      of the crowd, joins a second, default 50
  --per-worker <n>     participants that one worker takes, default 500
  --rounds <n>         meetings for each fault, default 5
  --people <n>         in each meeting, default 2
  --controllers <n>    default 2
  --routers <n>        default 3
  --workers <n>        of each router, default 1
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
    workers: { type: 'string', default: '1' },
    outage: { type: 'string' },
    crowd: { type: 'string' },
    trunks: { type: 'string' },
    seconds: { type: 'string', default: '20' },
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
    workers: Number(values.workers),
    etcdMembers: 3,
    participantsPerWorker: Number(values['per-worker']),
  });
  try {
    if (values.crowd !== undefined) say(await measureCrowd(zone, Number(values.crowd), Number(values['join-rate'])));
    else if (values.trunks !== undefined) await measureTrunkBytes(zone, Number(values.trunks));
    else if (values.outage !== undefined) await measureOutages(zone, Number(values.outage));
    else for (const name of values.fault) await measureRounds(zone, name);
  } finally {
    await zone.stop();
    cleanup();
  }
}

async function measureRounds(zone: ZoneProcesses, name: string): Promise<void> {
  const fault = FAULTS[name];
  if (fault === undefined) throw new Error(`there is no fault "${name}"; --help lists them`);
  const rounds: Gaps[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    rounds.push(await measureFault(zone, fault, Number(values.people)));
  }
  const gaps: Gaps = {
    video: rounds.flatMap(({ video }) => video),
    audio: rounds.flatMap(({ audio }) => audio),
    stallMs: Math.max(...rounds.map(({ stallMs }) => stallMs)),
  };
  const [video, audio] = [summary(gaps.video), summary(gaps.audio)];
  say({ fault: name, rounds: rounds.length, video, audio, stallMs: gaps.stallMs }, describeFault(name, gaps));
}

async function measureOutages(zone: ZoneProcesses, seconds: number): Promise<void> {
  for (const how of OUTAGES) {
    const report = await measureOutage(zone, how, seconds * 1_000);
    say({ outage: how, seconds, ...report }, describeOutage(how, seconds, report));
  }
}

async function measureTrunkBytes(zone: ZoneProcesses, viewers: number): Promise<void> {
  const trunks = await measureTrunks(zone, viewers, Number(values.seconds));
  say({ viewers, trunks }, describeTrunks(trunks));
}

/** Numbers, or words where there are some. */
function say(numbers: object, words?: string): void {
  process.stdout.write(`${values.json || words === undefined ? JSON.stringify(numbers) : words}\n`);
}
