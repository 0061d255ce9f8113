/** Brings feedback together with what was sent, and hands what newly arrived to the parts that measure. */
import { ArrivalClock } from './arrival-clock.ts';
import type { BurstLead } from './burst-lead.ts';
import type { FeedbackView } from './feedback-view.ts';
import { LossJudge } from './loss-judge.ts';
import type { LossObservations } from './loss-observations.ts';
import { PacketHistory, PacketStatus } from './packet-history.ts';
import type { PathMeter } from './path-meter.ts';
import type { ProbeEstimator } from './probe-estimator.ts';

export class FeedbackMatcher {
  readonly history = new PacketHistory();
  readonly #clock = new ArrivalClock();
  readonly #judge = new LossJudge();
  readonly #meter: PathMeter;
  readonly #probes: ProbeEstimator;
  readonly #losses: LossObservations;
  readonly #lead: BurstLead;
  /** Highest number that feedback has covered, widened; −1 before the first. */
  #reported = -1;

  constructor(meter: PathMeter, probes: ProbeEstimator, losses: LossObservations, lead: BurstLead) {
    this.#meter = meter;
    this.#probes = probes;
    this.#losses = losses;
    this.#lead = lead;
  }

  /** Whether any feedback has named a packet of ours. */
  get started(): boolean {
    return this.#reported >= 0;
  }

  /** Whether packets were sent beyond those that feedback has covered. */
  get awaitsMore(): boolean {
    return this.history.highest > this.#reported;
  }

  /**
   * Returns when the newest packet that this feedback shows to have arrived was sent; −Infinity when it shows none: it is
   * of no use then, whether old, repeated or made up. The work is bounded by the history.
   */
  match(feedback: FeedbackView): number {
    const { history } = this;
    const base = history.widen(feedback.baseSequence);
    const from = Math.max(base, history.first);
    const end = Math.min(base + feedback.count, history.highest + 1);
    const firstUnreported = this.#reported + 1;
    let newestSentUs = Number.NEGATIVE_INFINITY;
    for (let wide = from; wide < end; wide++) {
      if (!history.has(wide) || history.status(wide) === PacketStatus.received) continue;
      const wrappedUs = feedback.arrivalUs[wide - base] as number;
      if (Number.isNaN(wrappedUs)) {
        history.setStatus(wide, PacketStatus.missing);
        continue;
      }
      const arrivalUs = this.#clock.widen(wrappedUs);
      const sentUs = history.sentUs(wide);
      if (newestSentUs === Number.NEGATIVE_INFINITY) this.#credit(firstUnreported, base, arrivalUs - sentUs);
      this.#handleArrival(wide, sentUs, arrivalUs);
      if (sentUs > newestSentUs) newestSentUs = sentUs;
    }
    if (newestSentUs === Number.NEGATIVE_INFINITY) return newestSentUs;
    if (end - 1 > this.#reported) this.#reported = end - 1;
    this.#judge.judge(history, this.#reported, this.#losses, this.#lead);
    return newestSentUs;
  }

  #handleArrival(wide: number, sentUs: number, arrivalUs: number): void {
    const { history } = this;
    const sizeBytes = history.sizeBytes(wide);
    const late = history.status(wide) === PacketStatus.missing;
    history.setStatus(wide, PacketStatus.received);
    this.#judge.handleArrival(sentUs, late);
    this.#meter.add(sentUs, arrivalUs, sizeBytes, late);
    if (!late) this.#lead.speed.add(sentUs, arrivalUs, sizeBytes);
    this.#probes.add(sentUs, arrivalUs, sizeBytes, history.probeCluster(wide));
  }

  /**
   * Packets from `first` to before `end` were skipped by the feedback: an earlier one was lost. They are taken to have
   * arrived, as long under way as their successors; otherwise lost feedback would look like a slow path.
   */
  #credit(first: number, end: number, underWayUs: number): void {
    const { history } = this;
    for (let wide = Math.max(first, history.first); wide < end; wide++) {
      if (history.has(wide)) this.#meter.credit(history.sentUs(wide) + underWayUs, history.sizeBytes(wide));
    }
  }
}
