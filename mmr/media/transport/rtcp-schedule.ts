/** When a transport has RTCP to send, and which: reports each second, feedback, key-frame requests and NACKs. */
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { IngressStream } from '../ingress/ingress-stream.ts';
import type { TwccRecorder } from '../ingress/twcc-recorder.ts';
import type { RoundTripTime } from './round-trip-time.ts';
import type { RtcpReporter } from './rtcp-reporter.ts';
import type { SsrcTable } from './ssrc-table.ts';

const REPORT_INTERVAL_US = 1_000_000;
/** Transport-wide feedback: this long after the first unreported arrival, or as soon as so many are pending. */
export const FEEDBACK_INTERVAL_US = 100_000;
export const FEEDBACK_PENDING_PACKETS = 64;

export class RtcpSchedule {
  readonly #reporter: RtcpReporter;
  readonly #ingress: SsrcTable<IngressStream>;
  readonly #roundTripTime: RoundTripTime;
  #reportUs = Number.POSITIVE_INFINITY;

  constructor(reporter: RtcpReporter, ingress: SsrcTable<IngressStream>, roundTripTime: RoundTripTime) {
    this.#reporter = reporter;
    this.#ingress = ingress;
    this.#roundTripTime = roundTripTime;
  }

  /** The transport is connected: returns when the first reports are due. */
  start(nowUs: number, handle: number): number {
    // Reports of different transports spread over the interval, which RFC 3550 section 6.3.1 does by chance.
    this.#reportUs = nowUs + ((handle * 61_803) % REPORT_INTERVAL_US);
    return this.#reportUs;
  }

  /** When `write` has something to do next. `twcc`: arrivals that the peer has not been told of. */
  dueUs(twcc: TwccRecorder | undefined): number {
    let earliest = Math.min(this.#reportUs, feedbackUs(twcc));
    for (const stream of this.#ingress.values()) {
      earliest = Math.min(earliest, stream.keyframeRequest.dueUs, stream.nack?.dueUs ?? Number.POSITIVE_INFINITY);
    }
    return earliest;
  }

  /** Writes all that is due. */
  write(nowUs: number, twcc: TwccRecorder | undefined, out: EgressPlan): void {
    if (nowUs >= this.#reportUs) {
      this.#reporter.writeReports(nowUs, this.#ingress.values(), out);
      // A late call does not shorten the next interval.
      this.#reportUs = nowUs + REPORT_INTERVAL_US;
    }
    if (nowUs >= feedbackUs(twcc) && twcc !== undefined) {
      this.#reporter.writeTransportFeedback(twcc, this.#feedbackSsrc(), out);
    }
    for (const stream of this.#ingress.values()) {
      if (stream.keyframeRequest.take(nowUs)) this.#reporter.writeKeyframeRequest(stream.ssrc, out);
      const { nack } = stream;
      if (nack !== undefined && nack.dueUs <= nowUs) {
        this.#reporter.writeNacks(nowUs, stream.ssrc, nack, this.#roundTripTime.ms, out);
      }
    }
  }

  /** One of the streams that the feedback is about: preferably one that has sent since the last report. */
  #feedbackSsrc(): number {
    let ssrc = 0;
    for (const stream of this.#ingress.values()) {
      if (stream.statistics.receivedSinceReport) return stream.ssrc;
      ssrc = stream.ssrc;
    }
    return ssrc;
  }
}

function feedbackUs(twcc: TwccRecorder | undefined): number {
  if (twcc === undefined || twcc.pending === 0) return Number.POSITIVE_INFINITY;
  if (twcc.pending >= FEEDBACK_PENDING_PACKETS) return twcc.pendingSinceUs;
  return twcc.pendingSinceUs + FEEDBACK_INTERVAL_US;
}
