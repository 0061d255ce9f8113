/** What goes over the simulated path between two ends of a TCP connection. */
import type { Range } from './ranges.ts';

/** Of data: an MTU of 1500 less IPv4, TCP and its timestamps. */
export const SEGMENT_BYTES = 1448;
export const HEADER_BYTES = 52;

export interface TcpSegment {
  /** Of the data; equal: none. */
  readonly start: number;
  readonly end: number;
  /** All before this has arrived at the one who sends it. */
  readonly acknowledged: number;
  /** All selective acknowledgements: what three or four of them in each of several segments say together (RFC 2018). */
  readonly selective: readonly Range[];
}
