/**
 * A stretch of a slot's stream that came from one rendition without a break: what the slot has sent under which number,
 * kept so that it can be sent again in the same bytes.
 */
import type { Rendition } from '../forward/rendition.ts';

/**
 * When a slot begins with a key frame that went by, the time up to now is squeezed to a 512th: the pictures in between
 * are decoded at once and none is waited for. 1.5 s become 3 ms, and two pictures stay apart up to 175 a second.
 */
export const SQUEEZE_SHIFT = 9;

export class Segment {
  /** Undefined while unused. */
  rendition: Rendition | undefined;
  /** The receiver's, for the rendition's codec. */
  payloadType = 0;
  /** Egress minus rendition, widened sequence numbers. */
  indexOffset = 0;
  /** Egress minus publisher, modulo 2^32. */
  timestampOffset = 0;
  /** Egress minus rendition, each modulo the width of its field. */
  pictureIdOffset = 0;
  zeroIndexOffset = 0;
  frameNumberOffset = 0;
  /** First egress number; −1 while unused. */
  firstIndex = -1;
  /** Last egress number; Infinity while the segment goes on. */
  lastIndex = -1;
  /** Time in it is squeezed: towards `newestTimestamp`, the publisher's. */
  isSqueezed = false;
  newestTimestamp = 0;
  /** The rendition's counters when the segment began, plus what this slot left out since. */
  packetsBefore = 0;
  payloadBytesBefore = 0;
  /** When it ended. */
  endedUs = 0;

  /** The timestamp (to be cut to 32 bits) under which a packet of `timestamp` goes out. */
  timestamp(timestamp: number): number {
    if (!this.isSqueezed) return timestamp + this.timestampOffset;
    const behind = (this.newestTimestamp - timestamp) | 0;
    return this.newestTimestamp - (behind >> SQUEEZE_SHIFT) + this.timestampOffset;
  }
}
