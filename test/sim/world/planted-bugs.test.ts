/** What watches a world sees what it is there for: each rule is broken once. */
import { expect, test } from 'vitest';
import { Violation } from '../common/violation.ts';
import { BUGS, type Bug } from './bugs.ts';
import type { FaultKind } from './world-faults.ts';
import { WorldSimulation } from './world-simulation.ts';

const MOST_SEEDS = 60;

/** Of the first world in which something is seen; undefined: in none. */
async function firstViolation(bug: Bug | undefined, faults: readonly FaultKind[]): Promise<string | undefined> {
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    try {
      await new WorldSimulation({ seed, bug, faults }).run();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return error.message;
    }
  }
  return undefined;
}

test.each<[Bug, readonly FaultKind[], RegExp]>([
  // One home per meeting: two global controllers give it away at the same time, and both writes are taken.
  ['swapsBlindly', ['zoneLost'], /^the home of \d+ becomes \S+ by term 1, after/],
  ['keepsOldPlace', ['cutFromAll'], /^p\S+ sends to \S+ and \S+ for/],
  ['noPolicies', ['joinStorm'], /is fenced$|is placed in/],
  ['oldPolicyWins', ['policyChange', 'watchGap'], /^zc-\S+ decides by revision|^zc-\S+ has revision/],
  ['loops', ['joinStorm'], /^no tree/],
  ['trunksAlwaysUp', ['cutPair'], /, which is cut, for/],
  ['deafToTrees', ['zoneLost', 'joinStorm', 'leaveStorm'], /is in the tree of \d+ and not reached|has links of/],
])(
  '%s is seen',
  async (bug, faults, words) => {
    expect(await firstViolation(bug, faults)).toMatch(words);
  },
  300_000,
);

test('every bug there is has been planted', () => {
  expect(BUGS).toHaveLength(7);
});
