/**
 * What is written is a tree, of few hops, and follows the one before it; media goes in no circle; and an edge that is cut is not used for
 * longer than it takes to notice and to plan, as long as there is somebody who does.
 */
import { TREES_BUCKET } from '../../../../global-controller/buckets.ts';
import { TREE_POLICY } from '../../../../global-controller/trees/tree-policy.ts';
import { depthsOf, isTree, type TreeRecord } from '../../../../global-controller/trees/zone-tree.ts';
import { Violation } from '../../common/violation.ts';
import type { WorldSimulation } from '../world-simulation.ts';
import type { Invariant } from './invariant.ts';

/** A trunk that is down for 1.5 s, a status, two rounds of planning, the writes and the watch. */
export const MENDED_MS = 15_000;

export class ValidTrees implements Invariant {
  readonly #trees = new Map<string, TreeRecord>();
  readonly #cutSince = new Map<string, number>();

  written(bucket: string, key: string, value: unknown): void {
    if (bucket !== TREES_BUCKET.name) return;
    const before = this.#trees.get(key)?.version ?? 0;
    // A deletion has no value.
    if (value === null) {
      this.#trees.delete(key);
      return;
    }
    const tree = value as TreeRecord; // checked in the next lines
    const about = `${key}: ${JSON.stringify(tree)}`;
    if (!isTree(tree)) throw new Violation(`no tree, ${about}`);
    if (Math.max(...depthsOf(tree).values()) > TREE_POLICY.maxDepth) throw new Violation(`too deep, ${about}`);
    if (tree.version !== before + 1) throw new Violation(`follows version ${before}, ${about}`);
    this.#trees.set(key, tree);
  }

  check(world: WorldSimulation): void {
    const cut = new Set<string>();
    for (const [meeting, { edges }] of this.#trees) {
      for (const { zone, parent } of edges) {
        if (world.trunks.canReach(zone, parent)) continue;
        const about = `${meeting} uses ${zone}<${parent}`;
        cut.add(about);
        const isSeen =
          world.daemons.isPlanning && [zone, parent].some((end) => world.daemons.zone(end)?.isWorking === true);
        const sinceMs = isSeen ? (this.#cutSince.get(about) ?? world.clock.nowMs) : world.clock.nowMs;
        this.#cutSince.set(about, sinceMs);
        if (world.clock.nowMs - sinceMs > MENDED_MS) throw new Violation(`${about}, which is cut, for ${MENDED_MS} ms`);
      }
    }
    for (const about of this.#cutSince.keys()) if (!cut.has(about)) this.#cutSince.delete(about);
  }

  get trees(): ReadonlyMap<string, TreeRecord> {
    return this.#trees;
  }
}
