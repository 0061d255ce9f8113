/** Every number that trees between zones go by. */

export interface TreePolicy {
  /** Edges between the root and any zone, at most. Each is a hop that costs time and may break. */
  readonly maxDepth: number;
  /** What a router adds to a packet's way, milliseconds: receiving, forwarding, pacing. */
  readonly hopMs: number;
  /**
   * From this share of lost packets on, receivers wait for repairs: their buffers hold a whole round trip more. Below, as
   * much less.
   */
  readonly lossOfRoundTrip: number;
  /** What a unit of currency, paid for each person and hour, may weigh against waiting: milliseconds. */
  readonly msPerPrice: number;
  /** A tree is left for a better one when that is better by this share and so much, ... */
  readonly margin: number;
  readonly marginMs: number;
  /** ... has been for so long without a break, ... */
  readonly holdMs: number;
  /** ... and the last change was so long ago. */
  readonly restMs: number;
  /** A trunk that was down and is not any more is a last resort for so long; longer each time, up to the most. */
  readonly suspectMs: number;
  readonly mostSuspectMs: number;
  /** What such a pair costs, milliseconds. */
  readonly suspectDelayMs: number;
}

export const TREE_POLICY: TreePolicy = {
  maxDepth: 2,
  hopMs: 2,
  lossOfRoundTrip: 0.01,
  msPerPrice: 1_000,
  margin: 0.15,
  marginMs: 5,
  holdMs: 30_000,
  restMs: 60_000,
  suspectMs: 60_000,
  mostSuspectMs: 960_000,
  suspectDelayMs: 1_000,
};
