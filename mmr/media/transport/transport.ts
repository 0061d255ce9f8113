/**
 * One participant's association with this worker: ICE, DTLS, SRTP keys and RTCP over one remote address at a time.
 * Pure: datagrams and time come in by arguments, what is to be sent goes to `out`, the rest to the shell.
 */
import type { ParticipantId } from '../../../common/ids.ts';
import {
  DEFAULT_ESTIMATOR_OPTIONS,
  type EstimatorOptions,
  type SendSideEstimator,
} from '../congestion/send-side-estimator.ts';
import type { EgressGate, GateClient } from '../egress/egress-gate.ts';
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { UnusedNumbers } from '../egress/unused-numbers.ts';
import type { IngressStream, Waker } from '../ingress/ingress-stream.ts';
import type { IngressTable } from '../ingress/stream-resolver.ts';
import { TwccRecorder } from '../ingress/twcc-recorder.ts';
import type { NegotiatedTransport } from '../negotiated.ts';
import type { RemoteAddress } from '../remote-address.ts';
import { DtlsAssociation } from './dtls-association.ts';
import type { SrtpKeys, SrtpProfile } from './dtls-session.ts';
import { EgressEntry } from './egress-entry.ts';
import type { EgressStream } from './egress-stream.ts';
import type { IceAgent } from './ice-agent.ts';
import { IceInitiator } from './ice-initiator.ts';
import { IceLite } from './ice-lite.ts';
import { RoundTripTime } from './round-trip-time.ts';
import { RtcpDispatcher } from './rtcp-dispatcher.ts';
import { RtcpReporter } from './rtcp-reporter.ts';
import { FEEDBACK_INTERVAL_US, FEEDBACK_PENDING_PACKETS, RtcpSchedule } from './rtcp-schedule.ts';
import { SendControl } from './send-control.ts';
import { SsrcTable } from './ssrc-table.ts';
import type { TransportEnd, TransportShell } from './transport-shell.ts';

/** Time in which the DTLS handshake must be over, from the first valid connectivity check on. */
export const DTLS_DEADLINE_US = 10_000_000;
/** Of a participant; the engine keeps SRTP state for as many. */
export const MAX_INGRESS_STREAMS = 64;
/** One per receive m-line of an offer. */
export const MAX_EGRESS_STREAMS = 128;

/**
 * Between routers there is a data centre's network or a company's line: it starts where a camera in two sizes fits, and is
 * not held at what one person can use.
 */
export const TRUNK_ESTIMATOR_OPTIONS: EstimatorOptions = { startBps: 2e6, minBps: 100_000, maxBps: 400e6 };

export type TransportState = 'connecting' | 'connected' | 'closed';

export class Transport implements IngressTable, Waker, GateClient {
  readonly handle: number;
  readonly participant: ParticipantId;
  state: TransportState = 'connecting';
  /** SRTP profile in use; undefined before `connected`. */
  srtpProfile: SrtpProfile | undefined;
  readonly ice: IceAgent;
  readonly dtls: DtlsAssociation;
  readonly rtcp: RtcpDispatcher;
  readonly #shell: TransportShell;
  readonly #gate: EgressGate;
  readonly #rtcpSchedule: RtcpSchedule;
  readonly #ingress: SsrcTable<IngressStream>;
  readonly #egress: SsrcTable<EgressEntry>;
  readonly #maxIngress: number;
  readonly #initiates: boolean;
  readonly #estimatorOptions: EstimatorOptions;
  readonly #roundTripTime = new RoundTripTime();
  readonly #transportFeedback: boolean;
  /** Made by the first packet that has a transport-wide sequence number: most subscribers never need it. */
  #twcc: TwccRecorder | undefined;
  #dtlsDeadlineUs = Number.POSITIVE_INFINITY;
  #nextTimeoutUs = Number.POSITIVE_INFINITY;

  /**
   * `handle` as the engine gave it; `cname` of the RTCP we send. Nothing is asked of the shell before the first check.
   */
  constructor(
    handle: number,
    participant: ParticipantId,
    negotiated: NegotiatedTransport,
    cname: string,
    shell: TransportShell,
    gate: EgressGate,
    nowUs: number,
  ) {
    this.handle = handle;
    this.participant = participant;
    this.#shell = shell;
    this.#gate = gate;
    gate.open(handle);
    this.#transportFeedback = negotiated.transportFeedback === true;
    const { initiation, trunk } = negotiated;
    this.#maxIngress = trunk?.maxStreams ?? MAX_INGRESS_STREAMS;
    this.#ingress = new SsrcTable(this.#maxIngress);
    this.#egress = new SsrcTable(trunk?.maxStreams ?? MAX_EGRESS_STREAMS);
    this.#estimatorOptions = trunk === undefined ? DEFAULT_ESTIMATOR_OPTIONS : TRUNK_ESTIMATOR_OPTIONS;
    this.#initiates = initiation !== undefined;
    this.ice =
      initiation === undefined
        ? new IceLite(handle, negotiated, shell, nowUs)
        : new IceInitiator(handle, negotiated, initiation, shell, nowUs);
    const role = this.#initiates ? 'client' : 'server';
    this.dtls = new DtlsAssociation(handle, negotiated.remoteFingerprints, (of) => shell.openDtls(of, role));
    this.rtcp = new RtcpDispatcher(this.#ingress, this.#egress, this.#roundTripTime);
    const isReducedSize = negotiated.reducedSizeRtcp === true;
    const reporter = new RtcpReporter(handle, cname, isReducedSize, this.#egress, trunk?.rtcpSsrc);
    this.#rtcpSchedule = new RtcpSchedule(reporter, this.#ingress, this.#roundTripTime);
    this.#nextTimeoutUs = Math.min(this.ice.deadlineUs, this.ice.dueUs);
  }

  /** Smoothed round-trip time to the peer; undefined before the first report about our streams or answer to a check. */
  get roundTripMs(): number | undefined {
    return this.#roundTripTime.ms ?? this.ice.roundTripMs;
  }

  /** What the receiver estimates it can take (REMB); undefined when it never said. */
  get rembBps(): number | undefined {
    return this.rtcp.rembBps;
  }

  /** What may be sent to the peer, bits per second with all headers; Infinity when he does not tell us how it goes. */
  get estimateBps(): number {
    return this.rtcp.control?.estimator.targetBps ?? Number.POSITIVE_INFINITY;
  }

  /** Undefined before the transport is connected, and for a peer without congestion feedback. */
  get estimator(): SendSideEstimator | undefined {
    return this.rtcp.control?.estimator;
  }

  /** How long media waits in the pacing queue, in µs. */
  get queueDelayUs(): number {
    return this.#gate.queueDelayUs(this.handle);
  }

  /** What all slots would carry if nothing held them back, and what they were allotted: bits per second. */
  setDemand(nowUs: number, wantedBps: number, allocatedBps: number): void {
    this.rtcp.control?.setDemand(nowUs, wantedBps, allocatedBps);
  }

  /** One STUN datagram, wherever it comes from. False: drop it as stunInvalid; nothing has changed. */
  handleStun(
    nowUs: number,
    bytes: Uint8Array,
    offset: number,
    size: number,
    address: RemoteAddress,
    out: EgressPlan,
  ): boolean {
    if (this.state === 'closed' || !this.ice.handle(nowUs, bytes, offset, size, address, out)) return false;
    if (this.ice.selected !== undefined && this.#dtlsDeadlineUs === Number.POSITIVE_INFINITY) {
      this.#dtlsDeadlineUs = nowUs + DTLS_DEADLINE_US;
      this.schedule(this.#dtlsDeadlineUs);
      if (this.#initiates) this.dtls.start(nowUs, out);
      this.schedule(this.dtls.dueUs);
    }
    this.schedule(this.ice.dueUs);
    return true;
  }

  /** One DTLS datagram. False: drop it as dtlsRefused, because ICE has not validated the address or DTLS is over. */
  handleDtls(
    nowUs: number,
    bytes: Uint8Array,
    offset: number,
    size: number,
    address: RemoteAddress,
    out: EgressPlan,
  ): boolean {
    if (this.state === 'closed') return false;
    // Only the handshake tells the peer's path: what comes after it may be a captured datagram, repeated by anybody.
    const known = this.state === 'connecting' ? this.ice.follow(nowUs, address) : this.ice.isValidated(address);
    if (!known) return false;
    const keys = this.dtls.handle(nowUs, bytes.subarray(offset, offset + size), out);
    if (keys !== undefined) this.#connect(nowUs, keys);
    this.#afterDtls(out);
    return true;
  }

  /** One plain RTCP packet, after SRTCP held. False: drop it as rtcpMalformed; nothing has changed. */
  handleRtcp(nowUs: number, bytes: Uint8Array, offset: number, size: number, out: EgressPlan): boolean {
    if (this.state !== 'connected' || !this.rtcp.handle(nowUs, bytes, offset, size, out)) return false;
    if (this.rtcp.control === undefined && this.rembBps !== undefined) this.#controlSending(nowUs, false);
    return true;
  }

  /** False when as many are there already as the peer may use. */
  addIngressStream(stream: IngressStream): boolean {
    if (!this.#ingress.add(stream)) return false;
    stream.waker = this;
    return true;
  }

  removeIngressStream(ssrc: number): void {
    const stream = this.#ingress.remove(ssrc);
    if (stream !== undefined) stream.waker = undefined;
  }

  /** Hot: allocates nothing. */
  ingressStream(ssrc: number): IngressStream | undefined {
    return this.#ingress.get(ssrc);
  }

  /** False when MAX_EGRESS_STREAMS (of a trunk: `maxStreams`) are there already. */
  addEgressStream(stream: EgressStream): boolean {
    return this.#egress.add(new EgressEntry(stream));
  }

  removeEgressStream(ssrc: number): void {
    this.#egress.remove(ssrc);
  }

  /** On the first stream that can. */
  writePadding(nowUs: number, out: EgressPlan): number {
    for (const { stream } of this.#egress.values()) {
      const sizeBytes = stream.writePadding(nowUs, out);
      if (sizeBytes > 0) return sizeBytes;
    }
    return 0;
  }

  shedRank(ssrc: number): number {
    return this.#egress.get(ssrc)?.stream.shedRank ?? 0;
  }

  handleShed(nowUs: number, ssrc: number, unused: UnusedNumbers): void {
    this.#egress.get(ssrc)?.stream.handlePacerDrop(nowUs, unused);
  }

  /** A packet with a transport-wide sequence number (16 bits) arrived. Hot: allocates nothing after the first. */
  recordTransportSequence(arrivalUs: number, transportSequenceNumber: number): void {
    this.#twcc ??= new TwccRecorder();
    this.#twcc.record(arrivalUs, transportSequenceNumber);
    const { pending } = this.#twcc;
    if (pending === 1) this.schedule(arrivalUs + FEEDBACK_INTERVAL_US);
    else if (pending === FEEDBACK_PENDING_PACKETS) this.schedule(arrivalUs);
  }

  /**
   * When `handleTimeout` wants to be called next; in the past when it is overdue, Infinity once closed. After the
   * constructor and each `handleTimeout` the shell asks; when it moves earlier in between, `wake` tells.
   */
  nextTimeoutUs(): number {
    return this.#nextTimeoutUs;
  }

  /** Something is due at `atUs`: moves the next timeout there unless it is earlier already. */
  schedule(atUs: number): void {
    if (this.state === 'closed' || atUs >= this.#nextTimeoutUs) return;
    this.#nextTimeoutUs = atUs;
    this.#shell.wake(this, atUs);
  }

  /** Does all that is due: ends what has expired, repeats DTLS flights, writes RTCP. Calling it early does no harm. */
  handleTimeout(nowUs: number, out: EgressPlan): void {
    if (this.state === 'closed') return;
    if (nowUs >= this.ice.deadlineUs) {
      this.#end(this.ice.selected === undefined ? 'neverConnected' : 'consentExpired', out);
      return;
    }
    if (this.state === 'connecting' && nowUs >= this.#dtlsDeadlineUs) {
      this.#end('dtlsFailed', out);
      return;
    }
    if (nowUs >= this.ice.dueUs) this.ice.handleTimeout(nowUs, out);
    this.dtls.handleTimeout(nowUs, out);
    if (this.state === 'connected') {
      this.rtcp.control?.handleTimeout(nowUs);
      this.#rtcpSchedule.write(nowUs, this.#twcc, out);
    }
    this.#nextTimeoutUs = this.#earliest();
    this.#afterDtls(out);
  }

  /**
   * Ends the transport from above; `closed` is not reported. With `out`, the peer is told by close_notify. Idempotent.
   */
  close(out: EgressPlan | undefined): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#nextTimeoutUs = Number.POSITIVE_INFINITY;
    this.dtls.close(out);
    this.ice.close();
    this.#gate.close(this.handle);
    for (const stream of this.#ingress.values()) stream.waker = undefined;
    this.#ingress.clear();
    this.#egress.clear();
    this.rtcp.control = undefined;
    this.#twcc = undefined;
  }

  #connect(nowUs: number, keys: SrtpKeys): void {
    this.#shell.setSrtpKeys(this.handle, keys, this.#maxIngress);
    this.srtpProfile = keys.profile;
    this.state = 'connected';
    this.schedule(this.#rtcpSchedule.start(nowUs, this.handle));
    if (this.#transportFeedback) this.#controlSending(nowUs, true);
    this.#shell.connected(this);
  }

  #controlSending(nowUs: number, transportNumbers: boolean): void {
    const control = new SendControl(nowUs, this.handle, this.#gate, this, transportNumbers, this.#estimatorOptions);
    if (this.rembBps !== undefined) control.handleRemb(nowUs, this.rembBps);
    this.rtcp.control = control;
    this.schedule(control.estimator.nextTimeoutUs());
  }

  #afterDtls(out: EgressPlan): void {
    // The shell may have closed the transport when it heard that it is connected.
    if (this.state === 'closed') return;
    if (this.dtls.state === 'failed') this.#end('dtlsFailed', out);
    else if (this.dtls.state === 'closed') this.#end('dtlsClosed', out);
    else this.schedule(this.dtls.dueUs);
  }

  #end(reason: TransportEnd, out: EgressPlan): void {
    this.close(out);
    this.#shell.closed(this, reason);
  }

  #earliest(): number {
    const earliest = Math.min(this.ice.deadlineUs, this.ice.dueUs, this.dtls.dueUs);
    if (this.state === 'connecting') return Math.min(earliest, this.#dtlsDeadlineUs);
    const estimatorUs = this.estimator?.nextTimeoutUs() ?? Number.POSITIVE_INFINITY;
    return Math.min(earliest, this.#rtcpSchedule.dueUs(this.#twcc), estimatorUs);
  }
}
