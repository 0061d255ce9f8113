/** The zones of a meeting as a tree: trunks between zones follow its edges, each stream crosses an edge once. */
import { z } from 'zod';
import type { ZoneId } from '../../common/ids.ts';
import { zoneName } from '../zones/zone-name.ts';

export interface ZoneEdge {
  readonly zone: ZoneId;
  readonly parent: ZoneId;
}

export interface ZoneTree {
  readonly root: ZoneId;
  /** A zone's parent stands before it: the root, or the zone of an earlier edge. */
  readonly edges: readonly ZoneEdge[];
}

/** Value of `trees`/`{meeting}`. */
export const treeRecord = z
  .object({
    /** Grows by 1 with every change. */
    version: z.int().min(1),
    root: zoneName,
    edges: z.array(z.object({ zone: zoneName, parent: zoneName })).max(256),
  })
  .refine(isTree, 'is no tree whose parents stand before their children');
export type TreeRecord = z.output<typeof treeRecord>;

export function isTree({ root, edges }: ZoneTree): boolean {
  const known = new Set([root]);
  for (const { zone, parent } of edges) {
    if (known.has(zone) || !known.has(parent)) return false;
    known.add(zone);
  }
  return true;
}

/** Edges between a zone and the root, by zone. */
export function depthsOf({ root, edges }: ZoneTree): Map<ZoneId, number> {
  const depths = new Map([[root, 0]]);
  for (const { zone, parent } of edges) depths.set(zone, (depths.get(parent) ?? 0) + 1);
  return depths;
}

export function isSameTree(a: ZoneTree, b: ZoneTree): boolean {
  const parents = new Map(a.edges.map(({ zone, parent }) => [zone, parent]));
  return (
    a.root === b.root &&
    a.edges.length === b.edges.length &&
    b.edges.every(({ zone, parent }) => parents.get(zone) === parent)
  );
}
