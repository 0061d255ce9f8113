import { describe, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { searchTree } from './search-tree.ts';
import { bestTree, depthOf, drawProblem, randomFrom } from './tree-lab.ts';
import { costOf, NONE, orderOf, type TreeProblem } from './tree-problem.ts';

const SEED = 81;

interface Compared {
  readonly worst: number;
  readonly mean: number;
  readonly optimal: number;
}

/** How far what is found is from the best of all trees, as a factor. */
function compare(count: number, kind: 'plane' | 'any', cut: number, msPerPrice?: number): Compared {
  const random = randomFrom(SEED);
  const factors = Array.from({ length: count }, (_, index) => {
    const problem = drawProblem(random, 2 + (index % 5), kind, cut, msPerPrice);
    const found = searchTree(problem);
    const best = bestTree(problem);
    expect(orderOf(problem, found.parents)).toHaveLength(best.reached);
    return best.cost === 0 ? 1 : found.cost / best.cost;
  });
  const sum = factors.reduce((all, factor) => all + factor, 0);
  return {
    worst: Math.max(...factors),
    mean: sum / count,
    optimal: factors.filter((factor) => factor < 1 + 1e-9).length / count,
  };
}

describe('compared with the best of all trees of up to six zones', () => {
  test.each<[string, Parameters<typeof compare>, number]>([
    ['on a map', [60, 'plane', 0], 1.25],
    ['on a map with cuts', [60, 'plane', 0.3], 1.25],
    ['on a map, where bytes cost ten times as much', [60, 'plane', 0, 10_000], 1.25],
    ['delays at random', [60, 'any', 0.1], 1.25],
  ])('%s', (_, problems, most) => {
    const { worst, mean, optimal } = compare(...problems);
    expect(worst).toBeLessThanOrEqual(most);
    expect(mean).toBeLessThan(1.01);
    expect(optimal).toBeGreaterThan(0.9);
  });
});

test('what is found is a tree, not too deep, with all zones that can be in it', () => {
  const random = randomFrom(SEED);
  for (let index = 0; index < 300; index++) {
    const problem = {
      ...drawProblem(random, 1 + (index % 12), index % 2 === 0 ? 'plane' : 'any', random() * 0.8),
      maxDepth: 1 + (index % 3),
    };
    const { parents, cost } = searchTree(problem);
    const order = orderOf(problem, parents);
    expect(new Set(order).size).toBe(order.length);
    expect(parents[problem.root]).toBe(NONE);
    expect(parents.filter((parent) => parent !== NONE)).toHaveLength(order.length - 1);
    expect(depthOf(problem, parents)).toBeLessThanOrEqual(problem.maxDepth);
    for (const zone of order.slice(1))
      expect(problem.delayMs[zone]?.[parents[zone] ?? NONE]).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(order).toHaveLength(within(problem).size);
    expect(cost).toBe(costOf(problem, parents));
    expect(searchTree(problem).parents).toEqual(parents);
  }
});

/** Zones that few enough edges lead to, by going through them layer by layer. */
function within({ zones, root, delayMs, maxDepth }: TreeProblem): Set<number> {
  const reached = new Set([root]);
  for (let depth = 0; depth < maxDepth; depth++) {
    for (const from of [...reached]) {
      for (const zone of zones.keys()) if ((delayMs[from]?.[zone] ?? Infinity) < Infinity) reached.add(zone);
    }
  }
  return reached;
}

describe('the objective', () => {
  const line: TreeProblem = {
    zones: [],
    root: 0,
    weights: [2, 1, 1],
    offersBps: [2e6, 1e6, 1e6],
    watches: [1, 0.5, 0.25],
    prices: [0.1, 0.2, 0.3],
    delayMs: [
      [Infinity, 10, 40],
      [10, Infinity, 20],
      [40, 20, Infinity],
    ],
    maxDepth: 2,
    msPerPrice: 0,
  };
  const problem: TreeProblem = { ...line, zones: ['a', 'b', 'c'] as ZoneId[] };

  test('is the mean delay between two people in different zones', () => {
    // Pairs: a–b 2, a–c 2, b–c 1.
    expect(costOf(problem, [NONE, 0, 1])).toBeCloseTo((2 * 10 + 2 * 30 + 1 * 20) / 5, 9);
    expect(costOf(problem, [NONE, 0, 0])).toBeCloseTo((2 * 10 + 2 * 40 + 1 * 50) / 5, 9);
  });

  test('and the price of what crosses each edge once, as far as it is watched beyond', () => {
    const gigabytes = (bps: number): number => (bps * 3_600) / 8e9;
    // a → b: a's, for b who watches most there; b → a: b's and c's, all of it. b → c, c → b alike.
    const perHour =
      gigabytes(2e6 * 0.5) * 0.1 + gigabytes(2e6 * 1) * 0.2 + gigabytes(3e6 * 0.25) * 0.2 + gigabytes(1e6 * 1) * 0.3;
    const delays = costOf(problem, [NONE, 0, 1]);
    expect(costOf({ ...problem, msPerPrice: 1_000 }, [NONE, 0, 1]) - delays).toBeCloseTo((1_000 * perHour) / 4, 9);
  });

  test('of one zone is nothing', () => {
    expect(costOf({ ...problem, zones: problem.zones.slice(0, 1), msPerPrice: 1 }, [NONE])).toBe(0);
  });
});
