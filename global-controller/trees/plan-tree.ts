/**
 * The tree of a meeting as it should be now. What is broken is mended at once and with as few changes as can be; a better
 * tree is taken only when it is clearly better, has been so for some time, and the last change is some time ago: every
 * change of an edge is a moment of waiting for the people behind it. Pure; what has to be remembered is handed in and out.
 */
import type { ZoneId } from '../../common/ids.ts';
import type { CutMemory } from './cut-memory.ts';
import { makeProblem, type TreeRequest } from './make-problem.ts';
import { repairTree } from './repair-tree.ts';
import { type FoundTree, searchTree } from './search-tree.ts';
import { TREE_POLICY, type TreePolicy } from './tree-policy.ts';
import { costOf, orderOf, type Parents, type TreeProblem } from './tree-problem.ts';
import { isSameTree, type ZoneTree } from './zone-tree.ts';

/** Of one meeting, at one planner. */
export interface TreeMemory {
  /** When the tree last changed, whoever changed it. */
  readonly changedMs: number;
  /** Since when there has been a clearly better one, without a break. */
  readonly betterSinceMs: number | undefined;
}

export interface TreePlan {
  /** undefined: the meeting is nowhere. */
  readonly tree: ZoneTree | undefined;
  /** `mended`: the old one could not be any more, or somebody is new. */
  readonly why: 'new' | 'kept' | 'mended' | 'better' | 'nowhere';
  /** Zones where the meeting is that no allowed way leads to. */
  readonly unreached: readonly ZoneId[];
  /** Of the objective (`tree-problem.ts`), milliseconds: the tree's, and that of the best that was found. */
  readonly costMs: number;
  readonly bestMs: number;
  readonly memory: TreeMemory;
}

export interface TreePlanOptions {
  readonly request: TreeRequest;
  readonly cuts: CutMemory;
  readonly current: ZoneTree | undefined;
  readonly memory: TreeMemory | undefined;
  readonly policy?: TreePolicy;
}

export function planTree({ request, cuts, current, memory, policy = TREE_POLICY }: TreePlanOptions): TreePlan {
  const { nowMs } = request;
  const problem = makeProblem(request, cuts, policy, current?.root);
  if (problem === undefined) return nowhere(request);
  if (current === undefined) {
    const best = searchTree(problem);
    return planned(request, problem, best, best, 'new', { changedMs: nowMs, betterSinceMs: undefined });
  }
  const parents = repairTree(problem, current);
  const mended = { parents, cost: costOf(problem, parents) };
  const best = searchTree(problem, parents);
  const remembered = memory ?? { changedMs: nowMs, betterSinceMs: undefined };
  if (!isSameTree(treeOf(problem, parents), current)) {
    return planned(request, problem, mended, best, 'mended', { changedMs: nowMs, betterSinceMs: undefined });
  }
  const isBetter = mended.cost - best.cost >= Math.max(policy.marginMs, mended.cost * policy.margin);
  const betterSinceMs = isBetter ? (remembered.betterSinceMs ?? nowMs) : undefined;
  const { changedMs } = remembered;
  const isTime =
    betterSinceMs !== undefined && nowMs - betterSinceMs >= policy.holdMs && nowMs - changedMs >= policy.restMs;
  if (!isTime) return planned(request, problem, mended, best, 'kept', { changedMs, betterSinceMs });
  return planned(request, problem, best, best, 'better', { changedMs: nowMs, betterSinceMs: undefined });
}

function planned(
  { present }: TreeRequest,
  problem: TreeProblem,
  { parents, cost }: FoundTree,
  best: FoundTree,
  why: TreePlan['why'],
  memory: TreeMemory,
): TreePlan {
  const tree = treeOf(problem, parents);
  const reached = new Set([tree.root, ...tree.edges.map(({ zone }) => zone)]);
  const unreached = present.map(({ zone }) => zone).filter((zone) => !reached.has(zone));
  return { tree, why, unreached: unreached.sort(), costMs: cost, bestMs: best.cost, memory };
}

function nowhere({ present, nowMs }: TreeRequest): TreePlan {
  const unreached = present.map(({ zone }) => zone).sort();
  const memory = { changedMs: nowMs, betterSinceMs: undefined };
  return { tree: undefined, why: 'nowhere', unreached, costMs: 0, bestMs: 0, memory };
}

/** Parents before their children. Without zones that are on the way to nobody. */
export function treeOf(problem: TreeProblem, parents: Parents): ZoneTree {
  const name = (index: number): ZoneId => problem.zones[index] as ZoneId; // every index is a zone's
  const [root = problem.root, ...others] = orderOf(problem, parents);
  const isNeeded = (zone: number): boolean =>
    (problem.weights[zone] ?? 0) > 0 || others.some((child) => parents[child] === zone && isNeeded(child));
  const edges = others.filter(isNeeded).map((zone) => ({ zone: name(zone), parent: name(parents[zone] ?? root) }));
  return { root: name(root), edges };
}
