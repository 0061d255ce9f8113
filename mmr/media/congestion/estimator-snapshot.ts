/** What limits the estimate. */
export type EstimateLimit = 'delay' | 'loss' | 'drain' | 'silence' | 'demand' | 'remb';

/** State of an estimator at one moment, for statistics and plots. Rates in bits per second, fractions 0..1. */
export interface EstimatorSnapshot {
  readonly targetBps: number;
  readonly limit: EstimateLimit;
  /** The delay-based rate. */
  readonly delayBps: number;
  /** Infinity when loss shows no limit. */
  readonly lossLimitBps: number;
  /** NaN before enough has arrived. */
  readonly ackedBps: number;
  readonly sentBps: number;
  readonly lossFraction: number;
  /** Loss that is there at any rate. */
  readonly inherentLoss: number;
  readonly queueDelayMs: number;
  readonly jitterMs: number;
  readonly roundTripMs: number;
  readonly applicationLimited: boolean;
  /** Probes sent so far. */
  readonly probes: number;
}
