/**
 * What a router is told of the way to a client (draft-holmer-rmcat-transport-wide-cc-extensions-01): when each packet left the queue for the carrier, and which
 * never did. So its estimate follows the queue: while a carrier takes what comes, nothing is late, however unevenly TCP delivers, and what it does not take
 * is late at once, without a round trip. Pure: time is an argument.
 */
import { TWCC_WINDOW, TwccRecorder } from '../../../mmr/media/ingress/twcc-recorder.ts';
import { RtcpWriter } from '../../../mmr/media/rtp/rtcp/rtcp-writer.ts';
import { TransportFeedback } from '../../../mmr/media/rtp/rtcp/transport-feedback-writer.ts';

/** As often as libwebrtc's receivers tell it at most rates. */
export const FEEDBACK_INTERVAL_MS = 50;
/**
 * A packet that has waited for less was not late: a carrier takes what there is in gulps, a gulp for each answer or each repaired
 * loss, and an estimate that took the pauses between them for a queue would sink to nothing.
 */
const UNEVEN_MS = 150;
const MAX_PACKET_BYTES = 1_200;
const OWN_SSRC = 1;

const writer = new RtcpWriter();
const bytes = new Uint8Array(MAX_PACKET_BYTES + 100);
const arrivalsUs = new Float64Array(TWCC_WINDOW);

/** Of one leg. */
export class PathFeedback {
  readonly #recorder = new TwccRecorder();
  readonly #feedback = new TransportFeedback();
  #mediaSsrc = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  /** When `take` has something; Infinity: not before the next packet. */
  get dueMs(): number {
    return this.#recorder.pending === 0 ? Number.POSITIVE_INFINITY : this.#toldMs + FEEDBACK_INTERVAL_MS;
  }

  /** A packet that came from the router at `arrivedMs` goes to the carrier. @param number transport-wide, 16 bits */
  record(nowMs: number, arrivedMs: number, ssrc: number, number: number): void {
    this.#mediaSsrc = ssrc;
    this.#recorder.record(1000 * Math.max(arrivedMs, nowMs - UNEVEN_MS), number);
  }

  /** RTCP about all that has gone since the last. */
  take(nowMs: number): Buffer[] {
    this.#toldMs = nowMs;
    const packets: Buffer[] = [];
    const feedback = this.#feedback;
    feedback.senderSsrc = OWN_SSRC;
    feedback.mediaSsrc = this.#mediaSsrc;
    for (let count = this.#recorder.take(arrivalsUs); count > 0; count = this.#recorder.take(arrivalsUs)) {
      feedback.baseSequence = this.#recorder.base;
      feedback.arrivalsUs = arrivalsUs;
      feedback.first = 0;
      feedback.count = count;
      while (feedback.count > 0) {
        writer.begin(bytes, 0);
        if (writer.transportFeedback(MAX_PACKET_BYTES, feedback) === 0) break;
        packets.push(Buffer.from(bytes.subarray(0, writer.end())));
      }
    }
    return packets;
  }
}
