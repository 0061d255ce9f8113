/** `node test/zone/main.ts --help`: faults in a zone of real processes, measured. */
import { cleanup } from 'node-datachannel';
import { chosenFrom, optionalNumber, readArguments, wholeNumber } from '../command/arguments.ts';
import { sayer } from '../command/say.ts';
import { gapReport } from '../processes/gap-report.ts';
import type { Gaps } from '../processes/people.ts';
import { measureCrowd } from './crowd.ts';
import { FAULTS, type Fault, measureFault } from './faults.ts';
import { measureOutage, OUTAGES } from './outage.ts';
import { describeOutage, describeTrunks } from './report.ts';
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

const options = readArguments(
  HELP,
  {
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
  },
  (values) => ({
    faults: chosenFrom('fault', values.fault, Object.keys(FAULTS)),
    rounds: wholeNumber('rounds', values.rounds, 1),
    people: wholeNumber('people', values.people, 1),
    zone: {
      controllers: wholeNumber('controllers', values.controllers, 1),
      routers: wholeNumber('routers', values.routers, 1),
      workers: wholeNumber('workers', values.workers, 1),
      etcdMembers: 3 as const,
      participantsPerWorker: wholeNumber('per-worker', values['per-worker'], 1),
    },
    outage: optionalNumber('outage', values.outage, 1),
    crowd: optionalNumber('crowd', values.crowd, 2),
    trunks: optionalNumber('trunks', values.trunks, 1),
    seconds: wholeNumber('seconds', values.seconds, 1),
    joinsPerSecond: wholeNumber('join-rate', values['join-rate'], 1),
    json: values.json,
  }),
);
const say = sayer(options.json);
await measure();

async function measure(): Promise<void> {
  const { crowd, trunks, outage, joinsPerSecond } = options;
  const zone = await ZoneProcesses.start(options.zone);
  try {
    if (crowd !== undefined) say(await measureCrowd(zone, crowd, { joinsPerSecond }));
    else if (trunks !== undefined) await measureTrunkBytes(zone, trunks);
    else if (outage !== undefined) await measureOutages(zone, outage);
    else for (const name of options.faults) await measureRounds(zone, name);
  } finally {
    await zone.stop();
    cleanup();
  }
}

async function measureRounds(zone: ZoneProcesses, name: string): Promise<void> {
  const fault = FAULTS[name] as Fault; // one of those that are offered
  const rounds: Gaps[] = [];
  for (let round = 0; round < options.rounds; round++) rounds.push(await measureFault(zone, fault, options.people));
  const { numbers, words } = gapReport({ fault: name }, name, rounds);
  say(numbers, words);
}

async function measureOutages(zone: ZoneProcesses, seconds: number): Promise<void> {
  for (const how of OUTAGES) {
    const report = await measureOutage(zone, how, seconds * 1_000);
    say({ outage: how, seconds, ...report }, describeOutage(how, seconds, report));
  }
}

async function measureTrunkBytes(zone: ZoneProcesses, viewers: number): Promise<void> {
  const trunks = await measureTrunks(zone, viewers, options.seconds);
  say({ viewers, trunks }, describeTrunks(trunks));
}
