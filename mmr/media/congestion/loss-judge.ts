/**
 * Decides when a packet that feedback has not shown is lost. Feedback calls everything missing that has not arrived when
 * it is written; a path that reorders delivers some of it later. So a verdict waits as long as packets were seen to be
 * late.
 */
import type { BurstLead } from './burst-lead.ts';
import type { LossObservations } from './loss-observations.ts';
import { type PacketHistory, PacketStatus } from './packet-history.ts';

/** Longest lateness that is waited for, and the least: one step of a pacer and the receiver's timers. */
const MAX_TOLERANCE_US = 300_000;
const MIN_TOLERANCE_US = 10_000;
/** What was seen is waited for with a margin, and forgotten slowly: by half in 35 late-free feedbacks. */
const MARGIN = 1.25;
const FORGETTING = 0.98;

export class LossJudge {
  /** How late, in the time of sending, a packet may be shown before it counts as lost. */
  #toleranceUs = MIN_TOLERANCE_US;
  /** Highest number that feedback has covered, widened, and when the newest packet known to have arrived was sent. */
  #reported = -1;
  #newestSentUs = Number.NEGATIVE_INFINITY;

  /** A packet was shown to have arrived; `late`: earlier feedback had called it missing. */
  handleArrival(sentUs: number, late: boolean): void {
    if (late) {
      const latenessUs = (this.#newestSentUs - sentUs) * MARGIN;
      this.#toleranceUs = Math.min(MAX_TOLERANCE_US, Math.max(this.#toleranceUs, latenessUs));
    }
    if (sentUs > this.#newestSentUs) this.#newestSentUs = sentUs;
  }

  /** A feedback that covers all up to `highestReported` was read: judges what is ripe, in the order sent. */
  judge(history: PacketHistory, highestReported: number, observations: LossObservations, lead: BurstLead): void {
    if (highestReported > this.#reported) this.#reported = highestReported;
    const ripeUs = this.#newestSentUs - this.#toleranceUs;
    let wide = history.settled;
    for (; wide <= this.#reported; wide++) {
      const sizeBytes = history.sizeBytes(wide);
      if (sizeBytes === 0) continue;
      const status = history.status(wide);
      if (status !== PacketStatus.received && history.sentUs(wide) > ripeUs) break;
      // Packets that no feedback spoke of say nothing, and probes are lost for being probes.
      if (status === PacketStatus.unreported || history.probeCluster(wide) >= 0) continue;
      const sentUs = history.sentUs(wide);
      const lost = status === PacketStatus.missing;
      observations.add(sentUs, sizeBytes, lost);
      lead.handleFate(sentUs, sizeBytes, lost);
    }
    history.settled = wide;
    this.#toleranceUs = Math.max(MIN_TOLERANCE_US, this.#toleranceUs * FORGETTING);
  }
}
