/**
 * Runs simulated worlds of several zones with faults (docs/zones.md): `node test/sim/world/main.ts --seeds 1000`, or one of them again with
 * everything that happens: `node test/sim/world/main.ts --seed 17 --trace`. `--scale` runs a day of a large provider instead.
 *
 * Exit codes: 0 all is well, 1 something is not, 2 unusable arguments.
 */
import { chosenFrom, optionalNumber, readArguments, wholeNumber } from '../../command/arguments.ts';
import { readSeeds, runSeeds, SEED_OPTIONS } from '../common/seeds.ts';
import { scaleReport } from './scale/scale-report.ts';
import { type FaultKind, WORLD_FAULTS } from './world-faults.ts';
import { WorldSimulation } from './world-simulation.ts';

const MOST_ZONES = 18;
const HELP = `usage: node test/sim/world/main.ts [--seed N [--trace]] [--seeds N] [--zones N] [--faults KINDS]
       node test/sim/world/main.ts --scale [--seed N] [--sample N]

  --seed N        the first seed (default 1)
  --seeds N       how many, one after another (default 1)
  --zones N       2 to ${MOST_ZONES} (default: drawn, 3 to 5)
  --faults KINDS  only these, with commas: ${WORLD_FAULTS.join(' ')}; or none
  --trace         prints what happens
  --scale         a day of 300 million people in 18 zones, as a report in Markdown
  --sample N      one meeting of so many is run (default 2000)
`;

function readFaults(text: string | undefined): readonly FaultKind[] {
  if (text === undefined) return WORLD_FAULTS;
  return chosenFrom('faults', text === 'none' ? [] : text.split(','), WORLD_FAULTS);
}

const options = readArguments(
  HELP,
  {
    ...SEED_OPTIONS,
    zones: { type: 'string' },
    faults: { type: 'string' },
    scale: { type: 'boolean', default: false },
    sample: { type: 'string', default: '2000' },
  },
  (values) => ({
    seeds: readSeeds(values),
    world: { zones: optionalNumber('zones', values.zones, 2, MOST_ZONES), faults: readFaults(values.faults) },
    isScale: values.scale,
    sample: wholeNumber('sample', values.sample, 1),
  }),
);

const { seeds, world, isScale, sample } = options;
if (isScale) process.stdout.write(`${scaleReport(seeds.first, sample)}\n`);
else {
  await runSeeds({ runs: 'worlds', writes: 'homes and trees' }, seeds, (seed, trace) =>
    new WorldSimulation({ ...world, seed, trace }).run(),
  );
}
