import type { AttemptTimes } from './attempt.ts';

/** Milliseconds. */
export interface ProxyTimes extends AttemptTimes {
  /** For a client to send a request's body. */
  readonly bodyMs: number;
  /** For a request as a whole, until the last byte of the answer is read. */
  readonly exchangeMs: number;
}
