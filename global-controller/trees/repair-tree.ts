/** The tree that there is, changed as little as it must be: edges that cannot be any more are replaced, who is new is added. */
import { delayOf, fewestHops } from './search-tree.ts';
import { costOf, NONE, orderOf, type Parents, type TreeProblem } from './tree-problem.ts';
import type { ZoneTree } from './zone-tree.ts';

/** In it are all zones that `maxDepth` edges lead to, as in every tree for the problem. */
export function repairTree(problem: TreeProblem, current: ZoneTree): Parents {
  const reachable = orderOf(problem, fewestHops(problem));
  const kept = keptEdges(problem, current);
  const parents: Parents = problem.zones.map(() => NONE);
  const depths = new Map([[problem.root, 0]]);
  follow(problem, kept, parents, depths, problem.root);
  for (;;) {
    const missing = reachable.filter((zone) => !depths.has(zone));
    if (missing.length === 0) return parents;
    const best = cheapestEdge(problem, parents, depths, missing);
    // What is kept is in the way of somebody who can only be reached otherwise.
    if (best === undefined) return fewestHops(problem);
    parents[best.zone] = best.parent;
    depths.set(best.zone, (depths.get(best.parent) ?? 0) + 1);
    follow(problem, kept, parents, depths, best.zone);
  }
}

/** Neighbours by zone: the edges of the tree, whichever way up, that can still be used. */
function keptEdges(problem: TreeProblem, { edges }: ZoneTree): ReadonlyMap<number, readonly number[]> {
  const kept = new Map<number, number[]>();
  for (const { zone, parent } of edges) {
    const [a, b] = [problem.zones.indexOf(zone), problem.zones.indexOf(parent)];
    if (a < 0 || b < 0 || delayOf(problem, a, b) === Number.POSITIVE_INFINITY) continue;
    kept.set(a, [...(kept.get(a) ?? []), b]);
    kept.set(b, [...(kept.get(b) ?? []), a]);
  }
  return kept;
}

/** Adds what hangs on `from` by kept edges, as deep as it may be. */
function follow(
  problem: TreeProblem,
  kept: ReadonlyMap<number, readonly number[]>,
  parents: Parents,
  depths: Map<number, number>,
  from: number,
): void {
  const waiting = [from];
  for (const parent of waiting) {
    const depth = (depths.get(parent) ?? 0) + 1;
    for (const zone of kept.get(parent) ?? []) {
      if (depths.has(zone) || depth > problem.maxDepth) continue;
      parents[zone] = parent;
      depths.set(zone, depth);
      waiting.push(zone);
    }
  }
}

function cheapestEdge(
  problem: TreeProblem,
  parents: Parents,
  depths: ReadonlyMap<number, number>,
  missing: readonly number[],
): { readonly zone: number; readonly parent: number } | undefined {
  let best: { readonly zone: number; readonly parent: number; readonly cost: number } | undefined;
  for (const zone of missing) {
    for (const [parent, depth] of depths) {
      if (depth >= problem.maxDepth || delayOf(problem, zone, parent) === Number.POSITIVE_INFINITY) continue;
      const cost = costOf(problem, parents.with(zone, parent));
      if (best === undefined || cost < best.cost) best = { zone, parent, cost };
    }
  }
  return best;
}
