/** Rules broken on purpose, one at a time: to see that what watches them can see it. */
export const BUGS = [
  /** The servers of the bus take homes whatever they expect. */
  'swapsBlindly',
  /** A zone that reconnects goes back to the policies that it knew first. */
  'oldPolicyWins',
  /** Nobody hears of policies. */
  'noPolicies',
  /** Routers that have links of a meeting are told of no others. */
  'deafToTrees',
  /** Who has moved to another zone keeps his place in the old one. */
  'keepsOldPlace',
  /** Zones say that all their trunks are up. */
  'trunksAlwaysUp',
  /** A tree has its first edge twice, the other way round. */
  'loops',
] as const;
export type Bug = (typeof BUGS)[number];
