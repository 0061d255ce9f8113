/**
 * Congestion control of what one transport sends: what the peer reports goes to the bandwidth estimator, what the
 * estimator concludes to the gate that paces. Made when the transport is connected, and only for a peer that reports.
 */
import {
  DEFAULT_ESTIMATOR_OPTIONS,
  type EstimatorOptions,
  SendSideEstimator,
} from '../congestion/send-side-estimator.ts';
import type { EgressGate, GateClient } from '../egress/egress-gate.ts';
import { readTransportFeedback, TransportFeedbackReport } from '../rtp/rtcp/transport-feedback-reader.ts';

/**
 * What the estimator learns, it learns from feedback, and feedback comes only about what is sent. When everything is held
 * back because the estimate is low, a little padding keeps the two talking.
 */
const IDLE_US = 500_000;
const IDLE_PADDING_BYTES = 600;
const IDLE_PADDING_BPS = 300_000;
const NO_CLUSTER = -1;

/** Scratch, used only within one call. */
const report = new TransportFeedbackReport();

export class SendControl {
  readonly estimator: SendSideEstimator;
  /** Feedback packets that were malformed inside, or counted too much. */
  malformed = 0;
  readonly #handle: number;
  readonly #gate: EgressGate;
  /** Packets lost and expected that the reception reports of the RTCP packet being read tell of. */
  #lost = 0;
  #expected = 0;
  /** What all slots would carry if nothing held them back. */
  #wantedBps = 0;
  readonly #transportNumbers: boolean;

  /** `transportNumbers`: the peer answers with transport-wide feedback; otherwise by REMB and reception reports. */
  constructor(
    nowUs: number,
    handle: number,
    gate: EgressGate,
    client: GateClient,
    transportNumbers: boolean,
    options: EstimatorOptions = DEFAULT_ESTIMATOR_OPTIONS,
  ) {
    this.estimator = new SendSideEstimator(options, nowUs);
    this.#handle = handle;
    this.#gate = gate;
    this.#transportNumbers = transportNumbers;
    gate.open(handle, { transportNumbers, recorder: this.estimator, client });
    this.#apply(nowUs);
  }

  handleTransportFeedback(nowUs: number, bytes: Uint8Array, offset: number, size: number): void {
    if (!readTransportFeedback(bytes, offset, size, report)) {
      this.malformed++;
      return;
    }
    this.estimator.handleFeedback(nowUs, report);
    this.#apply(nowUs);
  }

  /** One reception report: how many packets were lost of how many, since the one before. */
  addReception(lost: number, expected: number): void {
    if (expected <= 0) return;
    this.#lost += Math.max(0, Math.min(lost, expected));
    this.#expected += expected;
  }

  handleRemb(nowUs: number, bitrateBps: number): void {
    this.estimator.handleRemb(nowUs, bitrateBps);
    this.#apply(nowUs);
  }

  /** The RTCP packet is read to its end. */
  finishRtcp(nowUs: number, roundTripMs: number | undefined): void {
    if (this.#expected === 0) return;
    if (roundTripMs !== undefined) this.estimator.setRoundTrip(roundTripMs);
    this.estimator.handleReceiverLoss(nowUs, this.#lost / this.#expected);
    this.#lost = 0;
    this.#expected = 0;
    this.#apply(nowUs);
  }

  setDemand(nowUs: number, wantedBps: number, allocatedBps: number): void {
    this.#wantedBps = wantedBps;
    this.estimator.setDemand(nowUs, wantedBps, allocatedBps);
    this.#apply(nowUs);
  }

  /** Whenever something of the transport is due: with its reports, at least each second. */
  handleTimeout(nowUs: number): void {
    if (nowUs >= this.estimator.nextTimeoutUs()) this.estimator.handleTimeout(nowUs);
    this.#apply(nowUs);
    if (!this.#transportNumbers || this.#wantedBps <= this.estimator.targetBps) return;
    if (this.#gate.idleUs(this.#handle, nowUs) < IDLE_US) return;
    this.#gate.startProbe(nowUs, this.#handle, NO_CLUSTER, IDLE_PADDING_BPS, IDLE_PADDING_BYTES);
  }

  #apply(nowUs: number): void {
    const { estimator } = this;
    this.#gate.setRate(this.#handle, estimator.pacingBps, estimator.leadUs);
    if (!estimator.hasProbe) return;
    const probe = estimator.takeProbe(nowUs);
    if (probe !== undefined) {
      this.#gate.startProbe(nowUs, this.#handle, probe.cluster, probe.bitrateBps, probe.bytes);
    }
  }
}
