/**
 * A good tree for a problem. The best one is hard to find (with delays alone it is the optimum communication spanning tree, which
 * is NP-hard), so: several simple trees, each improved by hanging one branch elsewhere as long as that helps, and the best of
 * a few zones by two at a time. docs/zones.md says how close it comes to the best. Deterministic.
 */
import { costOf, NONE, orderOf, type Parents, type TreeProblem } from './tree-problem.ts';

export interface FoundTree {
  readonly parents: Parents;
  readonly cost: number;
}

/** Of so many zones every set that may have others hanging on it is tried; of more, the small ones. */
const TRY_ALL = 7;
const FEW = 2;
/** Of the trees to begin with, all are improved, or only the cheapest. */
const FEW_IMPROVED = 4;
/** Less is noise of floating point. */
const GAIN_MS = 1e-9;

/** In it are all zones that `maxDepth` edges lead to. `also`: another tree to begin with, which must be one. */
export function searchTree(problem: TreeProblem, also?: Parents): FoundTree {
  const reachable = fewestHops(problem);
  const size = orderOf(problem, reachable).length;
  const starts = [reachable, ...(also ? [also] : [])];
  for (const inner of innerSets(problem)) {
    const parents = aroundInner(problem, inner);
    if (orderOf(problem, parents).length === size) starts.push(parents);
  }
  const isSmall = problem.zones.length <= TRY_ALL;
  const seen = new Set<string>();
  const improved = starts
    .map((parents) => ({ parents, cost: costOf(problem, parents) }))
    .sort((a, b) => a.cost - b.cost)
    .slice(0, isSmall ? starts.length : FEW_IMPROVED)
    .map((start) => improve(problem, start, 1, seen));
  const best = improved.reduce((one, other) => (other.cost < one.cost - GAIN_MS ? other : one));
  return isSmall ? improve(problem, best, 2, new Set()) : best;
}

/** Zones that others hang on, besides the root. */
function* innerSets({ zones, root }: TreeProblem): Generator<Set<number>> {
  const others = [...zones.keys()].filter((zone) => zone !== root);
  const most = zones.length <= TRY_ALL ? others.length - 1 : FEW;
  const grow = function* (from: number, chosen: readonly number[]): Generator<Set<number>> {
    yield new Set([root, ...chosen]);
    if (chosen.length >= most) return;
    for (const [index, zone] of others.entries()) if (index >= from) yield* grow(index + 1, [...chosen, zone]);
  };
  yield* grow(0, []);
}

/** The inner zones as near to the root as can be, the others on the nearest of these. Some may be left out. */
function aroundInner(problem: TreeProblem, inner: ReadonlySet<number>): Parents {
  const parents = fewestHops(problem, inner);
  const order = orderOf(problem, parents);
  const depths = depthsBy(parents, order);
  const carriers = order.filter((zone) => (depths[zone] ?? 0) < problem.maxDepth);
  for (const zone of problem.zones.keys()) {
    if (inner.has(zone)) continue;
    let nearest = Number.POSITIVE_INFINITY;
    for (const carrier of carriers) {
      const delay = delayOf(problem, zone, carrier);
      if (delay < nearest) [nearest, parents[zone]] = [delay, carrier];
    }
  }
  return parents;
}

/** Every zone on a path of as few edges as can be, the least delay among these. It reaches whatever can be reached. `among`: only these. */
export function fewestHops(problem: TreeProblem, among?: ReadonlySet<number>): Parents {
  const { zones, root, maxDepth } = problem;
  const parents: Parents = zones.map(() => NONE);
  const delays = zones.map((_, zone) => (zone === root ? 0 : Number.POSITIVE_INFINITY));
  let layer = [root];
  for (let depth = 0; depth < maxDepth && layer.length > 0; depth++) {
    for (let zone = 0; zone < zones.length; zone++) {
      if (zone === root || parents[zone] !== NONE || among?.has(zone) === false) continue;
      for (const parent of layer) {
        const delay = (delays[parent] ?? 0) + delayOf(problem, zone, parent);
        if (delay < (delays[zone] ?? 0)) [delays[zone], parents[zone]] = [delay, parent];
      }
    }
    layer = zones.flatMap((_, zone) => (layer.includes(parents[zone] ?? NONE) ? [zone] : []));
  }
  return parents;
}

/** Hangs so many branches elsewhere at a time, whichever gain most, until none gain. It ends, too, where it has been before. */
function improve(problem: TreeProblem, start: FoundTree, branches: 1 | 2, seen: Set<string>): FoundTree {
  let best = start;
  for (;;) {
    let next = best;
    for (const parents of branches === 1
      ? neighbours(problem, best.parents)
      : secondNeighbours(problem, best.parents)) {
      const cost = costOf(problem, parents);
      if (cost < next.cost - GAIN_MS) next = { parents, cost };
    }
    if (next === best || seen.has(next.parents.join())) return next;
    seen.add(next.parents.join());
    best = next;
  }
}

function* secondNeighbours(problem: TreeProblem, parents: Parents): Generator<Parents> {
  for (const once of neighbours(problem, parents)) yield* neighbours(problem, once);
}

/** All trees in which one branch hangs elsewhere. */
function* neighbours(problem: TreeProblem, parents: Parents): Generator<Parents> {
  const order = orderOf(problem, parents);
  const depths = depthsBy(parents, order);
  for (const zone of order.slice(1)) {
    const below = branchBelow(parents, order, zone);
    const height = Math.max(...[...below].map((each) => (depths[each] ?? 0) - (depths[zone] ?? 0)));
    for (const parent of order) {
      if (below.has(parent) || parent === parents[zone] || delayOf(problem, zone, parent) === Number.POSITIVE_INFINITY)
        continue;
      if ((depths[parent] ?? 0) + 1 + height <= problem.maxDepth) yield parents.with(zone, parent);
    }
  }
}

function depthsBy(parents: Parents, order: readonly number[]): number[] {
  const depths = parents.map(() => 0);
  for (const zone of order.slice(1)) depths[zone] = (depths[parents[zone] ?? NONE] ?? 0) + 1;
  return depths;
}

/** The zone and all that hang on it. */
function branchBelow(parents: Parents, order: readonly number[], zone: number): Set<number> {
  const below = new Set([zone]);
  for (const each of order) if (below.has(parents[each] ?? NONE)) below.add(each);
  return below;
}

export function delayOf({ delayMs }: TreeProblem, a: number, b: number): number {
  return delayMs[a]?.[b] ?? Number.POSITIVE_INFINITY;
}
