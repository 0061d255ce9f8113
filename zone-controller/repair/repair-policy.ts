/** Every number that the leader's repairs go by. */

export interface RepairPolicy {
  /** What a router's absence must last before its places are given up. Controllers with people there do so at once. */
  readonly goneMs: number;
  /** A change is left alone for so long, until all have heard of it and reports show it. */
  readonly settleMs: number;
  /** Of one drain: so many people are told to move at the same time, or those of one place that has more. */
  readonly peopleAtOnce: number;
  /** After its deadline, for those told last; what is left then has not moved. */
  readonly lastCallMs: number;
  /** A meeting that nobody has been in for so long ends. */
  readonly emptyMs: number;
  /** Between two looks for meetings to move off full workers, and how many then; 0: never. */
  readonly rebalanceEveryMs: number;
  readonly rebalanceMoves: number;
  /** At most so many changes at a time; the next come a second later. */
  readonly maxActions: number;
  /** So many placements are looked at, of those that nothing is known to be wrong with. */
  readonly maxScanned: number;
}

export const DEFAULT_REPAIR_POLICY: RepairPolicy = {
  goneMs: 3_000,
  settleMs: 2_000,
  peopleAtOnce: 50,
  lastCallMs: 10_000,
  emptyMs: 10 * 60_000,
  rebalanceEveryMs: 10_000,
  rebalanceMoves: 2,
  maxActions: 200,
  maxScanned: 2_000,
};
