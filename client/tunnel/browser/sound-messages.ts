/** Between the page and its worklets. */

/** To the playout worklet. */
export type PlayoutOrder = { samples: Float32Array; mediaMs: number } | { targetMs: number } | 'close';

/** From the playout worklet, ten times a second. */
export interface PlayoutReport {
  /** Media time of what is heard; undefined while it is silent. */
  readonly mediaMs: number | undefined;
  readonly levelMs: number;
  /** Samples so far. */
  readonly removed: number;
  readonly played: number;
  readonly missing: number;
  readonly underruns: number;
  /** Mean square since the last report, 0–1. */
  readonly energy: number;
}

/** From the capture worklet: 20 ms of sound at 48 kHz, one channel. */
export interface CapturedSound {
  readonly samples: Float32Array<ArrayBuffer>;
}
