/**
 * Whether the way to a subscriber has room for redundant audio (RED, RFC 2198). Where it has not, he gets plain packets:
 * repetitions that overflow the link lose more than they repair.
 */

/** RED that repeats one payload, against plain Opus at 32 kb/s: some 90 against 55 kb/s, headers included. */
const REDUNDANT_COST = 1.6;
/** Of what plain audio takes: from less than this on there is no room, and from more than that on there is again. */
const TOO_NARROW = 2;
const WIDE_ENOUGH = 3.5;

export class RedundancyRoom {
  hasRoom = true;

  /** What audio takes of an estimate, when it takes `plainBps` without redundancy. */
  review(estimateBps: number, plainBps: number): number {
    if (estimateBps < plainBps * TOO_NARROW) this.hasRoom = false;
    else if (estimateBps > plainBps * WIDE_ENOUGH) this.hasRoom = true;
    return this.hasRoom ? plainBps * REDUNDANT_COST : plainBps;
  }
}
