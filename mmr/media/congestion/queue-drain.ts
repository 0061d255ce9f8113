/**
 * Empties a queue that we have built up. The backing off of draft-ietf-rmcat-gcc-02 (section 5.5) leaves 15 % of the
 * capacity for that, so that 2 s of bufferbloat would stand for 13 s. Here the rate goes below the capacity by as much as
 * empties the queue in about a second, and returns to the capacity at once. A queue that does not shrink by it is kept up by
 * others (a TCP rival): giving way to them would only starve us, so it is left to the adaptive threshold.
 */

import { Usage } from './overuse-detector.ts';
import type { PathView } from './path-view.ts';
import type { StandingQueue } from './standing-queue.ts';

/** A queue from here on is drained: below it the usual backing off is quick enough. */
const START_MS = 100;
/** Empty enough. */
const END_MS = 30;
/** Time in which the queue is to go. */
const DRAIN_MS = 1_000;
/** Part of the capacity that is kept in use: more, and the pictures would have to go altogether. */
const MIN_FACTOR = 0.4;
/** Part of the capacity that is used when the queue has gone (libwebrtc takes 0.95 of a measured capacity; less noise here). */
const RETURN_FACTOR = 0.9;
/** A queue that is not below this part of its peak when it should have gone is not ours. */
const OWN_PART = 0.7;
/** Unless more arrives than is sent: then it is only longer than was thought. */
const EMPTYING_RATIO = 1.1;
/**
 * How long a queue of a rival is left alone at most. Longer, and we push a TCP flow aside; shorter, and he does it with us
 * (measured in rfc8867-5.6 with 10, 12, 14 and 20 s).
 */
const LEAVE_US = 12_000_000;

export class QueueDrain {
  /** What may be sent while the queue is emptied; Infinity otherwise. */
  limitBps = Number.POSITIVE_INFINITY;
  /** Set when a drain has ended: the rate to go on with. NaN otherwise. */
  returnBps = Number.NaN;
  /** Longest queue of this drain. */
  #peakMs = 0;
  #deadlineUs = 0;
  #capacityBps = 0;
  /** What it was taken for when the drain began. */
  #firstBps = 0;
  #rivalUntilUs = Number.NEGATIVE_INFINITY;

  get active(): boolean {
    return this.limitBps !== Number.POSITIVE_INFINITY;
  }

  /** Whether a drain has lately shown that somebody else keeps the queue up. */
  besideRival(nowUs: number): boolean {
    return nowUs < this.#rivalUntilUs;
  }

  update(nowUs: number, path: PathView, queue: StandingQueue): void {
    this.returnBps = Number.NaN;
    if (!queue.rebased) this.#rivalUntilUs = Number.NEGATIVE_INFINITY;
    if (!this.active) {
      const due = path.usage === Usage.over && path.queueMs > START_MS && !this.besideRival(nowUs);
      const measured = Number.isNaN(path.surgeBps) ? path.quickBps : path.surgeBps;
      if (!due || Number.isNaN(measured)) return;
      this.#capacityBps = measured;
      this.#firstBps = measured;
      this.#begin(nowUs, path);
    }
    // What was under way when the drain began still comes on top.
    this.#peakMs = Math.max(this.#peakMs, path.queueMs);
    // While a queue stands, what arrives is the capacity. It is the latest word on it as long as the queue is no empty one.
    if (path.queueMs > END_MS) this.#capacityBps = Math.min(path.quickBps, path.ackedBps) || this.#capacityBps;
    this.limitBps = this.#capacityBps * Math.max(MIN_FACTOR, 1 - path.queueMs / DRAIN_MS);
    if (path.queueMs <= END_MS) this.#end();
    else if (nowUs >= this.#deadlineUs) this.#judge(nowUs, path, queue);
  }

  #begin(nowUs: number, path: PathView): void {
    this.#peakMs = path.queueMs;
    this.#setDeadline(nowUs, path);
  }

  #setDeadline(nowUs: number, path: PathView): void {
    this.#deadlineUs = nowUs + (2 * DRAIN_MS + path.rttMs * 2 + path.queueMs) * 1000;
  }

  #end(): void {
    this.returnBps = this.#capacityBps * RETURN_FACTOR;
    this.limitBps = Number.POSITIVE_INFINITY;
  }

  #judge(nowUs: number, path: PathView, queue: StandingQueue): void {
    const emptying = path.ackedBps > path.sentBps * EMPTYING_RATIO;
    if (emptying || path.queueMs < this.#peakMs * OWN_PART) {
      this.#begin(nowUs, path);
      return;
    }
    this.#rivalUntilUs = nowUs + LEAVE_US;
    // The less was sent beside him the less has arrived: that was no measure of the path.
    this.#capacityBps = Math.max(this.#capacityBps, this.#firstBps);
    queue.rebase();
    this.#end();
  }
}
