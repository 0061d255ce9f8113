/**
 * Runs simulated zones with faults (docs/zone-repair.md): `node test/sim/zone/main.ts --seeds 1000`, or one of them again
 * with everything that happens: `node test/sim/zone/main.ts --seed 17 --trace`.
 *
 * Exit codes: 0 all is well, 1 something is not, 2 unusable arguments.
 */
import { readArguments } from '../../command/arguments.ts';
import { readSeeds, runSeeds, SEED_OPTIONS } from '../common/seeds.ts';
import { ZoneSimulation } from './zone-simulation.ts';

const HELP = `usage: node test/sim/zone/main.ts [--seed N [--trace]] [--seeds N]

  --seed N    the first seed (default 1)
  --seeds N   how many, one after another (default 1)
  --trace     prints what happens
`;

const seeds = readArguments(HELP, SEED_OPTIONS, readSeeds);
await runSeeds({ runs: 'zones', writes: 'placements' }, seeds, (seed, print) => new ZoneSimulation(seed, print).run());
