/**
 * `npm run bench`: what a media worker costs and adds, measured from outside, next to C programs that do the least
 * that any router must do for the same traffic (docs/benchmark.md says how to read the figures).
 *
 * Exit codes: 0 measured and nothing lost, 1 packets or joins were lost or the run failed, 2 unusable arguments.
 */
import { parseArgs } from 'node:util';
import { buildPrograms, type Programs } from './build.ts';
import { type Plan, runForwarding } from './forwarding.ts';
import { runIceTcp } from './ice-tcp.ts';
import { runJoin } from './join.ts';
import { runPadding } from './padding.ts';
import { loopback, type Place, vethPair } from './place.ts';
import { forwardingTable, iceTcpTable, joinTable, paddingTable, rounded, turnTable } from './report.ts';
import { runTurn } from './turn.ts';
import { WORKLOADS } from './workloads.ts';

/** Of frames of each shape; some seconds each. */
const PADDING_BLOCKS = 15;
/** Of packets through the TURN service, over each transport, or a worker's TCP port; about half a second each. */
const RELAY_BLOCKS = 15;

const HELP = `usage: npm run bench -- [options]

  --workload NAME   fan-out, gallery, adaptive, join, padding, turn or ice-tcp (default: all of them)
  --json            one JSON object a line, nothing else on stdout
  --veth            over a veth pair between two network namespaces instead of loopback; needs root
  --seconds N       measured seconds of each program in each round (default 2)
  --rounds N        rounds of the GSO floors, worker (features off, on), sendto floor (default 5)
  --realtime        worker, floors and load at real-time priority, for a machine that is busy with other things; needs root
  --no-memory       leave out the memory per subscriber
  --profile FILE    also write a CPU profile of the worker's thread (FILE gets workload and mode before its ending)
  --help            this text
`;

interface Options {
  readonly workloads: readonly string[];
  readonly json: boolean;
  readonly veth: boolean;
  readonly realtime: boolean;
  readonly plan: Omit<Plan, 'profile'>;
  readonly profile: string | undefined;
}

/** Throws an Error whose message is for the user. */
function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workload: { type: 'string' },
      json: { type: 'boolean', default: false },
      veth: { type: 'boolean', default: false },
      realtime: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '5' },
      'no-memory': { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    return 'help';
  }
  const names = [...WORKLOADS.map((workload) => workload.name as string), 'join', 'padding', 'turn', 'ice-tcp'];
  if (values.workload !== undefined && !names.includes(values.workload)) {
    throw new Error(`no workload '${values.workload}': there are ${names.join(', ')}`);
  }
  return {
    workloads: values.workload === undefined ? names : [values.workload],
    json: values.json,
    veth: values.veth,
    realtime: values.realtime,
    plan: {
      seconds: positive('--seconds', values.seconds),
      rounds: Math.ceil(positive('--rounds', values.rounds)),
      warmUpSeconds: 2,
      riseSeconds: 10,
      memorySubscribers: values['no-memory'] ? 0 : 300,
    },
    profile: values.profile,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) {
    throw new Error(`${name} takes a positive number, not '${text}'`);
  }
  return value;
}

/** Returns how many packets and joins were lost. */
async function runWorkload(name: string, programs: Programs, place: Place, options: Options): Promise<number> {
  const print = (reports: readonly object[], text: string) => {
    const lines = options.json ? reports.map((report) => JSON.stringify(rounded(report))) : [text];
    process.stdout.write(`${lines.join('\n')}\n`);
  };
  if (name === 'padding') {
    const report = await runPadding(PADDING_BLOCKS);
    print([report], paddingTable(report));
    return 0;
  }
  if (name === 'turn') {
    const report = await runTurn(RELAY_BLOCKS);
    print([report], turnTable(report));
    return report.udp.lost + report.tcp.lost;
  }
  if (name === 'ice-tcp') {
    const report = await runIceTcp(RELAY_BLOCKS);
    print([report], iceTcpTable(report));
    return report.tcp.lost;
  }
  const workload = WORKLOADS.find((candidate) => candidate.name === name);
  if (workload === undefined) {
    const report = await runJoin(programs, place, { singleJoins: 100, stormJoins: 1000, stormSeconds: 10 });
    print([report], joinTable(report));
    return report.failed + report.storm.failed;
  }
  const profile = options.profile?.replace(/(\.[^./]*)?$/, `-${name}-{mode}$1`);
  const reports = await runForwarding(programs, place, workload, { ...options.plan, profile });
  print(reports, forwardingTable(reports));
  return reports.reduce((sum, { lost }) => sum + lost, 0);
}

async function run(options: Options): Promise<number> {
  const programs = buildPrograms();
  const place = options.veth ? vethPair(options.realtime) : loopback(options.realtime);
  process.once('exit', place.close);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(1));
  }
  let lost = 0;
  for (const name of options.workloads) {
    lost += await runWorkload(name, programs, place, options);
  }
  if (lost > 0) {
    process.stderr.write(`${lost} packets or joins were lost: no figure above counts\n`);
  }
  return lost === 0 ? 0 : 1;
}

let options: Options | 'help';
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  process.exit(2);
}
if (options === 'help') {
  process.stdout.write(HELP);
} else {
  try {
    process.exitCode = await run(options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
