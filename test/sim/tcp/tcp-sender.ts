/**
 * The sending half of a TCP end as Linux has it: selective acknowledgements, losses told by time (RACK, RFC 8985), tail loss probes,
 * proportional rate reduction (RFC 6937), and the retransmission timer (RFC 6298) with its least of 200 ms. Pure: time is an argument.
 */
import { type CongestionControl, CongestionWindow } from './congestion-window.ts';
import type { Range } from './ranges.ts';
import { SEGMENT_BYTES } from './tcp-segment.ts';

const INITIAL_TIMEOUT_US = 1_000_000;
const LEAST_TIMEOUT_US = 200_000;
const MOST_TIMEOUT_US = 120_000_000;
/** Later ones of these have arrived: then no patience is left for reordering. */
const REORDERING = 3;
/** Clock ticks of the kernel that a tail loss probe waits beyond two round trips. */
const PROBE_SLACK_US = 2_000;

interface Sent {
  readonly start: number;
  readonly end: number;
  sentUs: number;
  repeats: number;
  hasArrived: boolean;
  /** And has not been sent again since. */
  isLost: boolean;
}

export class TcpSender {
  /** Segments that were sent again, by whatever reason. */
  repeated = 0;
  timeouts = 0;
  readonly window: CongestionWindow;
  /** All before this has arrived. */
  arrived = 0;
  /** What was sent at least once. */
  sentUntil = 0;
  /** What the kernel has been given. */
  written = 0;
  #sent: Sent[] = [];
  #state: 'open' | 'recovery' | 'timedOut' = 'open';
  /** A loss is repaired when all that was sent before it was seen has arrived. */
  #recoverUntil = 0;
  #roundTripUs: number | undefined;
  #variationUs = 0;
  #leastRoundTripUs = Number.POSITIVE_INFINITY;
  #backoff = 0;
  /** Sending time of the latest sent segment that has arrived, and its round trip. */
  #latestSentUs = Number.NEGATIVE_INFINITY;
  #latestRoundTripUs = 0;
  /** When a segment that was overtaken counts as lost. */
  #overtakenDueUs = Number.POSITIVE_INFINITY;
  #progressUs = 0;
  #hasProbed = false;
  /** Of proportional rate reduction. */
  #recovered = 0;
  #recoverySent = 0;
  #recoveryFlight = 1;
  #lastSentUs = 0;
  /** The window kept data back in this round. */
  #isLimited = false;
  #limitedUntil = 0;
  #mostUnderWay = 0;

  constructor(control: CongestionControl) {
    this.window = new CongestionWindow(control);
  }

  /** In the kernel and not sent yet. */
  get unsentBytes(): number {
    return this.written - this.sentUntil;
  }

  get roundTripUs(): number | undefined {
    return this.#roundTripUs;
  }

  /** Of the handshake. */
  handleRoundTrip(sampleUs: number): void {
    this.#leastRoundTripUs = Math.min(this.#leastRoundTripUs, sampleUs);
    if (this.#roundTripUs === undefined) {
      this.#roundTripUs = sampleUs;
      this.#variationUs = sampleUs / 2;
      return;
    }
    this.#variationUs += (Math.abs(sampleUs - this.#roundTripUs) - this.#variationUs) / 4;
    this.#roundTripUs += (sampleUs - this.#roundTripUs) / 8;
  }

  handleAcknowledgement(nowUs: number, acknowledged: number, selective: readonly Range[]): void {
    const delivered = this.#noteArrivals(nowUs, acknowledged, selective);
    if (acknowledged > this.arrived) {
      this.arrived = acknowledged;
      this.#progressUs = nowUs;
      this.#backoff = 0;
      this.#hasProbed = false;
      const first = this.#sent.findIndex(({ end }) => end > acknowledged);
      this.#sent.splice(0, first === -1 ? this.#sent.length : first);
    }
    if (this.#state !== 'open' && this.arrived >= this.#recoverUntil) this.#state = 'open';
    if (this.#state === 'recovery') this.#recovered += delivered;
    this.#findLosses(nowUs);
    if (this.#state !== 'recovery' && delivered > 0 && this.#wasLimited()) {
      this.window.handleArrived(nowUs, delivered, this.#roundTripUs ?? INITIAL_TIMEOUT_US);
    }
  }

  nextTimeoutUs(): number {
    return Math.min(this.#overtakenDueUs, this.#probeDueUs(), this.#timeoutDueUs());
  }

  handleTimeout(nowUs: number): void {
    if (nowUs >= this.#overtakenDueUs) this.#findLosses(nowUs);
    if (nowUs >= this.#timeoutDueUs()) this.#handleTimedOut(nowUs);
    else if (nowUs >= this.#probeDueUs()) this.#probe(nowUs);
  }

  /** What is to be sent now, segment by segment. */
  *poll(nowUs: number): Generator<Range> {
    if (this.#sent.length === 0 && this.unsentBytes > 0) this.#handleIdle(nowUs);
    for (;;) {
      const lost = this.#sent.find(({ isLost }) => isLost);
      if (lost === undefined && this.unsentBytes === 0) return;
      if (this.#underWay() + 1 > this.#allowed()) {
        this.#isLimited = true;
        this.#limitedUntil = this.sentUntil;
        return;
      }
      yield lost === undefined ? this.#sendNew(nowUs) : this.#repeat(nowUs, lost);
      this.#mostUnderWay = Math.max(this.#mostUnderWay, this.#underWay());
    }
  }

  #underWay(): number {
    return this.#sent.reduce((count, { hasArrived, isLost }) => count + (hasArrived || isLost ? 0 : 1), 0);
  }

  /** Segments that may be under way. */
  #allowed(): number {
    if (this.#state !== 'recovery') return Math.max(1, Math.floor(this.window.segments));
    const underWay = this.#underWay();
    const { threshold } = this.window;
    const owed =
      underWay > threshold
        ? Math.ceil((this.#recovered * threshold) / this.#recoveryFlight) - this.#recoverySent
        : Math.min(threshold - underWay, Math.max(this.#recovered - this.#recoverySent, 1));
    // The first repetition leaves at once.
    return underWay + Math.max(owed, this.#recoverySent === 0 ? 1 : 0);
  }

  #sendNew(nowUs: number): Range {
    const start = this.sentUntil;
    const end = Math.min(this.written, start + SEGMENT_BYTES);
    if (this.#sent.length === 0) this.#progressUs = nowUs;
    this.#sent.push({ start, end, sentUs: nowUs, repeats: 0, hasArrived: false, isLost: false });
    this.sentUntil = end;
    this.#noteSent(nowUs);
    return { start, end };
  }

  #repeat(nowUs: number, segment: Sent): Range {
    segment.isLost = false;
    segment.repeats++;
    segment.sentUs = nowUs;
    this.repeated++;
    if (segment === this.#sent[0]) this.#progressUs = nowUs;
    this.#noteSent(nowUs);
    return segment;
  }

  #noteSent(nowUs: number): void {
    this.#lastSentUs = nowUs;
    if (this.#state === 'recovery') this.#recoverySent++;
  }

  /** @returns how many segments have arrived, that one hears of now */
  #noteArrivals(nowUs: number, acknowledged: number, selective: readonly Range[]): number {
    let delivered = 0;
    for (const segment of this.#sent) {
      if (segment.hasArrived) continue;
      const { start, end, sentUs, repeats } = segment;
      if (end > acknowledged && !selective.some((range) => range.start <= start && end <= range.end)) continue;
      segment.hasArrived = true;
      segment.isLost = false;
      delivered++;
      const sampleUs = nowUs - sentUs;
      // Of a segment that was sent twice one cannot tell which of them arrived, unless it would have been too quick.
      if (repeats === 0) this.handleRoundTrip(sampleUs);
      else if (sampleUs < this.#leastRoundTripUs) continue;
      if (sentUs > this.#latestSentUs) {
        this.#latestSentUs = sentUs;
        this.#latestRoundTripUs = sampleUs;
      }
    }
    return delivered;
  }

  /** RFC 8985 section 6.2: what was sent earlier than what has arrived, and had time for it. */
  #findLosses(nowUs: number): void {
    const beyond = this.#sent.filter(({ hasArrived }) => hasArrived).length;
    const isSure = this.#state !== 'open' || beyond >= REORDERING;
    const patienceUs = isSure ? 0 : this.#leastRoundTripUs / 4;
    this.#overtakenDueUs = Number.POSITIVE_INFINITY;
    let hasLost = false;
    for (const segment of this.#sent) {
      if (segment.hasArrived || segment.isLost || segment.sentUs >= this.#latestSentUs) continue;
      const dueUs = segment.sentUs + this.#latestRoundTripUs + patienceUs;
      if (dueUs <= nowUs) {
        segment.isLost = true;
        hasLost = true;
      } else this.#overtakenDueUs = Math.min(this.#overtakenDueUs, dueUs);
    }
    if (!hasLost || this.#state !== 'open') return;
    this.#recoveryFlight = Math.max(1, this.sentUntil - this.arrived) / SEGMENT_BYTES;
    this.#enter('recovery');
    this.window.handleLoss();
    this.#recovered = 0;
    this.#recoverySent = 0;
  }

  #enter(state: 'recovery' | 'timedOut'): void {
    this.#state = state;
    this.#recoverUntil = this.sentUntil;
  }

  #handleTimedOut(nowUs: number): void {
    this.timeouts++;
    this.#backoff++;
    this.#progressUs = nowUs;
    if (this.#state !== 'timedOut') this.window.handleTimeout();
    this.window.segments = 1;
    this.#enter('timedOut');
    for (const segment of this.#sent) segment.isLost = !segment.hasArrived;
  }

  /** RFC 8985 section 7: new data if there is any, otherwise the last segment once more. */
  #probe(nowUs: number): void {
    this.#hasProbed = true;
    this.#progressUs = nowUs;
    const last = this.#sent.findLast(({ hasArrived }) => !hasArrived);
    if (this.unsentBytes > 0) this.window.segments = Math.max(this.window.segments, this.#underWay() + 1);
    else if (last !== undefined) last.isLost = true;
  }

  #handleIdle(nowUs: number): void {
    const timeouts = Math.floor((nowUs - this.#lastSentUs) / this.#timeoutUs());
    if (timeouts > 0 && this.#lastSentUs > 0) this.window.handleIdle(timeouts);
  }

  #timeoutUs(): number {
    if (this.#roundTripUs === undefined) return INITIAL_TIMEOUT_US;
    return this.#roundTripUs + Math.max(LEAST_TIMEOUT_US, 4 * this.#variationUs);
  }

  #timeoutDueUs(): number {
    if (this.#sent.length === 0) return Number.POSITIVE_INFINITY;
    return this.#progressUs + Math.min(MOST_TIMEOUT_US, this.#timeoutUs() * 2 ** this.#backoff);
  }

  #probeDueUs(): number {
    const isTail = this.#state === 'open' && !this.#hasProbed && this.#sent.length > 0;
    if (!isTail || this.#roundTripUs === undefined) return Number.POSITIVE_INFINITY;
    // A single segment may be waiting for its acknowledgement to be delayed.
    const slackUs = this.#sent.length === 1 ? LEAST_TIMEOUT_US : PROBE_SLACK_US;
    return this.#lastSentUs + 2 * this.#roundTripUs + slackUs;
  }

  /** What was never used up does not grow (as Linux: more than half of it in slow start). */
  #wasLimited(): boolean {
    if (this.arrived > this.#limitedUntil) {
      this.#isLimited = false;
      this.#limitedUntil = this.sentUntil;
    }
    const isUsed = this.#isLimited || (this.window.isSlowStart && this.window.segments < 2 * this.#mostUnderWay);
    this.#mostUnderWay = this.#underWay();
    return isUsed;
  }
}
