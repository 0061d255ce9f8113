/**
 * What transport-wide feedback says (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1), as read from the
 * wire: the reader owns it and fills it anew for each packet, so nobody keeps it.
 */
export interface FeedbackView {
  /** Transport-wide sequence number (0–65535) of the first status. */
  readonly baseSequence: number;
  /** Statuses, one per consecutive sequence number. */
  readonly count: number;
  /**
   * Arrival times on the receiver's clock in microseconds, modulo FEEDBACK_CLOCK_US; NaN: not received so far. At least
   * `count` long.
   */
  readonly arrivalUs: Float64Array;
}

/** The receiver's clock wraps around: its reference time is 24 bits of 64 ms. */
export const FEEDBACK_CLOCK_US = 2 ** 24 * 64_000;
