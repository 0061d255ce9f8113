/**
 * Runs the placement simulation and prints what came of it (docs/placement.md says what it shows):
 * `node test/sim/placement/main.ts --routers 10000 --meetings 500000 --seed 1`.
 *
 * Exit codes: 0 done, 2 unusable arguments.
 */
import { optionalNumber, readArguments, wholeNumber } from '../../command/arguments.ts';
import { decisionCost } from './decision-cost.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import type { Cost, Tally } from './tally.ts';

const HELP = `usage: node test/sim/placement/main.ts [options]

  --routers N    (default 1000)
  --meetings N   running at the same time (default 50 for each router)
  --workers N    of each router (default 3)
  --largest N    size of the largest meetings (default 1000)
  --seed N       of everything random (default 1)
  --flat         only the cost of a decision, at 10, 100, 1000 and 10 000 routers
  --help         this text
`;

/** Of this thread, so that whatever else runs on the machine does not count. */
function nowUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function optionsFor(
  routers: number,
  meetings: number,
  workers: number,
  seed: number,
  largest: number,
): SimulationOptions {
  // As many begin each second, for each router, as 2500 a second among 10 000.
  const rampMs = Math.ceil((meetings / routers) * 4) * 1_000;
  const times = { rampMs, steadyMs: 90_000, afterLossMs: 15_000 };
  return { seed, routers, workers, meetings, largest, lostShare: 0.01, nowUs, ...times };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function printOutcome(outcome: Tally): void {
  print('load of workers            meetings    people   mean    p50    p99    max   p99/mean  max/mean');
  for (const { when, meetings, people, mean, p50, p99, max } of outcome.balances) {
    const loads = [mean, p50, p99, max].map((load) => load.toFixed(3).padStart(6)).join(' ');
    const ratios = [p99 / mean, max / mean].map((ratio) => ratio.toFixed(2).padStart(9)).join(' ');
    print(`${when.padEnd(24)} ${String(meetings).padStart(9)} ${String(people).padStart(9)} ${loads} ${ratios}`);
  }
  const costs: [string, Cost][] = [
    ['place a meeting', outcome.placing],
    ['place a join', outcome.joining],
    ['re-root', outcome.rerooting],
  ];
  for (const [name, cost] of costs) printCost(name, cost);
  const { placing, joining, growing } = outcome;
  const perSecond = ((placing.decisions + joining.decisions) / (placing.timeUs + joining.timeUs)) * 1e6;
  print(`${Math.round(perSecond)} decisions a second; ${growing.decisions} of the joins made a branch`);
  print(`a report takes ${(outcome.reportUs / outcome.reports).toFixed(1)} µs`);
  const refusals = Object.entries(outcome.refusals).map(([reason, count]) => `${count} joins (${reason})`);
  print(`told to come back: ${[`${outcome.refusedMeetings} meetings`, ...refusals].join(', ')}`);
  print(`worker-seconds above what a worker can carry: ${outcome.overloads}`);
  print(`shrunk ${outcome.shrinks} times, moved ${outcome.moves} meetings, largest tree ${outcome.largestTree} places`);
  if (outcome.rerooted === 0) return;
  const { recoveredMs } = outcome;
  const recovered = recoveredMs === undefined ? 'not all people came back' : `all back after ${recoveredMs} ms`;
  print(`routers lost: ${outcome.rerooted} meetings re-rooted, ${recovered}`);
}

function printCost(name: string, cost: Cost): void {
  const { decisions, usEach, stepsEach, maxSteps } = cost;
  const steps = `${stepsEach.toFixed(1)} steps (at most ${maxSteps})`;
  print(`${name.padEnd(17)} ${String(decisions).padStart(9)} × ${usEach.toFixed(1).padStart(6)} µs, ${steps}`);
}

function printFlatness(seed: number): void {
  // First a run for the compiler.
  decisionCost(100, 5_000, seed, nowUs);
  for (const routers of [10, 100, 1_000, 10_000]) {
    const { decisionUs, steps, maxSteps, reportUs } = decisionCost(routers, 20_000, seed, nowUs);
    const decision = `${decisionUs.toFixed(1)} µs, ${steps.toFixed(1)} steps (at most ${maxSteps})`;
    print(`${String(routers).padStart(6)} routers: a decision ${decision}; a report ${reportUs.toFixed(1)} µs`);
  }
}

const options = readArguments(
  HELP,
  {
    routers: { type: 'string', default: '1000' },
    meetings: { type: 'string' },
    workers: { type: 'string', default: '3' },
    largest: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    flat: { type: 'boolean', default: false },
  },
  (values) => {
    const routers = wholeNumber('routers', values.routers, 1);
    return {
      routers,
      meetings: optionalNumber('meetings', values.meetings, 1) ?? routers * 50,
      workers: wholeNumber('workers', values.workers, 1),
      largest: wholeNumber('largest', values.largest, 1),
      seed: wholeNumber('seed', values.seed),
      flat: values.flat,
    };
  },
);

const { routers, meetings, workers, largest, seed } = options;
if (options.flat) printFlatness(seed);
else {
  print(`${routers} routers of ${workers} workers, ${meetings} meetings, seed ${seed}`);
  printOutcome(new Simulation(optionsFor(routers, meetings, workers, seed, largest)).run());
}
