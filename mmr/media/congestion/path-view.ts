/** What the parts know of the path at one moment; the estimator owns one and fills it anew with each feedback. */
export interface PathView {
  /** Of `Usage`: what the trend of the delay says. */
  usage: number;
  /** Rate that arrives over half a second, and over 150 ms; NaN while unknown. */
  ackedBps: number;
  quickBps: number;
  /** A queue has just shot up, and this is the rate at which the path empties it; NaN: it has not. */
  surgeBps: number;
  /** Rate that leaves, over about half a second. */
  sentBps: number;
  /** Standing queue, milliseconds. */
  queueMs: number;
  /** Mean change of the one-way delay from packet to packet, milliseconds: queues below it cannot be told from noise. */
  jitterMs: number;
  rttMs: number;
  /** Whether much less is sent than might be, so that what arrives says little of the path. */
  applicationLimited: boolean;
}
