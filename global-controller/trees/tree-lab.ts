/** Problems for the tests of trees: drawn from a seed, or made by hand; and the best tree, by trying all. */
import type { ZoneId } from '../../common/ids.ts';
import type { Guests } from '../policies/policy.ts';
import type { KnownZone, ZoneStanding } from '../zones/known-zone.ts';
import { recordOf, statusOf } from '../zones/zone-directory-lab.ts';
import { CutMemory } from './cut-memory.ts';
import type { TreeRequest } from './make-problem.ts';
import { planTree, type TreeMemory, type TreePlan } from './plan-tree.ts';
import { delayOf } from './search-tree.ts';
import { TREE_POLICY, type TreePolicy } from './tree-policy.ts';
import { costOf, NONE, orderOf, type Parents, type TreeProblem } from './tree-problem.ts';
import type { ZoneTree } from './zone-tree.ts';

/** The cheapest of all trees with as many zones as `reached`. */
export function bestTree(problem: TreeProblem): { readonly cost: number; readonly reached: number } {
  let best = { cost: Number.POSITIVE_INFINITY, reached: 0 };
  for (const parents of allParents(
    problem,
    0,
    problem.zones.map(() => NONE),
  )) {
    const order = orderOf(problem, parents);
    if (order.length !== parents.filter((parent) => parent !== NONE).length + 1) continue;
    if (depthOf(problem, parents) > problem.maxDepth || order.length < best.reached) continue;
    const cost = costOf(problem, parents);
    if (order.length > best.reached || cost < best.cost) best = { cost, reached: order.length };
  }
  return best;
}

function* allParents(problem: TreeProblem, zone: number, parents: Parents): Generator<Parents> {
  if (zone === parents.length) return yield parents;
  yield* allParents(problem, zone + 1, parents);
  if (zone === problem.root) return;
  for (let parent = 0; parent < parents.length; parent++) {
    if (delayOf(problem, zone, parent) < Number.POSITIVE_INFINITY)
      yield* allParents(problem, zone + 1, parents.with(zone, parent));
  }
}

export function depthOf(problem: TreeProblem, parents: Parents): number {
  const depths = new Map([[problem.root, 0]]);
  for (const zone of orderOf(problem, parents).slice(1)) depths.set(zone, (depths.get(parents[zone] ?? NONE) ?? 0) + 1);
  return Math.max(...depths.values());
}

/** Numbers from 0 to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * `plane`: zones on a map, delays by distance and some detour. `any`: delays that have nothing to do with each other,
 * which no real network has. `cut`: share of pairs that cannot be used.
 */
export function drawProblem(
  random: () => number,
  zones: number,
  kind: 'plane' | 'any',
  cut: number,
  msPerPrice = TREE_POLICY.msPerPrice,
): TreeProblem {
  const places = Array.from({ length: zones }, () => [random() * 100, random() * 60] as const);
  const delay = (a: number, b: number): number => {
    const [[x = 0, y = 0] = [], [u = 0, v = 0] = []] = [places[a], places[b]];
    const far = kind === 'plane' ? Math.hypot(x - u, y - v) * (1 + random() * 0.5) : random() * 120;
    return random() < cut ? Number.POSITIVE_INFINITY : 2 + far;
  };
  const delayMs = places.map(() => places.map(() => Number.POSITIVE_INFINITY));
  for (let a = 0; a < zones; a++) {
    for (let b = 0; b < a; b++) {
      const both = delay(a, b);
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const)
        (delayMs[from] ?? [])[to] = both;
    }
  }
  const weights = places.map(() => Math.ceil(random() ** 3 * 200));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    zones: places.map((_, index) => `z${index}` as ZoneId),
    root: Math.floor(random() * zones),
    weights,
    offersBps: weights.map((weight) => weight * 1e6),
    watches: weights.map((weight) => Math.min(1, 12 / (total - weight))),
    prices: places.map(() => (random() < 0.5 ? 0.02 : random() * 0.12)),
    delayMs,
    maxDepth: 2,
    msPerPrice,
  };
}

/** One meeting and its planner, by hand. Round trips are the difference of the zones' positions, milliseconds. */
export class TreeLab {
  readonly positions = new Map<string, number>();
  readonly people = new Map<string, number>();
  readonly standings = new Map<string, ZoneStanding>();
  readonly fences = new Map<string, Guests>();
  /** Instead of what positions say: `a b`, both ways. */
  readonly rtts = new Map<string, number>();
  readonly down = new Set<string>();
  readonly policy: TreePolicy;
  readonly cuts: CutMemory;
  nowMs = 0;
  home: string;
  tree: ZoneTree | undefined;
  memory: TreeMemory | undefined;

  /** `zones`: `a@0 b@20 c@90`, a person each. The first is home. */
  constructor(zones: string, policy: Partial<TreePolicy> = {}) {
    this.policy = { ...TREE_POLICY, ...policy };
    this.cuts = new CutMemory(this.policy);
    for (const each of zones.split(' ')) {
      const [zone = '', position = '0'] = each.split('@');
      this.positions.set(zone, Number(position));
      this.people.set(zone, 1);
    }
    [this.home = ''] = this.positions.keys();
  }

  plan(): TreePlan {
    const plan = planTree({
      request: this.#request(),
      cuts: this.cuts,
      current: this.tree,
      memory: this.memory,
      policy: this.policy,
    });
    this.tree = plan.tree;
    this.memory = plan.memory;
    return plan;
  }

  /** `kept a: b<a c<b` */
  next(): string {
    const { why, unreached } = this.plan();
    return `${why} ${this.words()}${unreached.length > 0 ? `; not ${unreached.join(' ')}` : ''}`;
  }

  words(): string {
    if (this.tree === undefined) return '';
    const { root, edges } = this.tree;
    return `${root}:${edges
      .map(({ zone, parent }) => ` ${zone}<${parent}`)
      .sort()
      .join('')}`;
  }

  /** Plans each second, or every so many. */
  pass(seconds: number, every = 1): string[] {
    const changes: string[] = [];
    for (let second = 0; second < seconds; second += every) {
      this.nowMs += every * 1_000;
      const words = this.next();
      if (!words.startsWith('kept')) changes.push(words);
    }
    return changes;
  }

  #request(): TreeRequest {
    const known = new Map([...this.positions.keys()].map((zone) => [zone as ZoneId, this.#known(zone)]));
    return {
      home: this.home as ZoneId,
      present: [...this.people].map(([zone, people]) => ({ zone: zone as ZoneId, people })),
      known,
      fence: (zone) => this.fences.get(zone),
      nowMs: this.nowMs,
    };
  }

  #known(zone: string): KnownZone {
    const others = [...this.positions.keys()].filter((other) => other !== zone);
    const trunks = others.map((other) => {
      const pair = [zone, other].sort().join(' ');
      const up = !this.down.has(pair);
      if (!up) this.cuts.down(zone as ZoneId, other as ZoneId, this.nowMs);
      const rttMs = this.rtts.get(pair) ?? Math.abs((this.positions.get(zone) ?? 0) - (this.positions.get(other) ?? 0));
      return { zone: other as ZoneId, rttMs, loss: 0, up };
    });
    const standing = this.standings.get(zone) ?? 'well';
    return {
      zone: zone as ZoneId,
      record: recordOf(),
      standing,
      status: statusOf({ trunks }),
      silentMs: 0,
      drained: false,
    };
  }
}
