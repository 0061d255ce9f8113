/**
 * A sender with the estimator, a link and a receiver on virtual time, in steps of a millisecond: capacity by schedule, a
 * queue that drops at its end, random and bursty loss, jitter, a policer, feedback as the project's own recorder makes
 * it. For tests only.
 */
import { TwccRecorder } from '../ingress/twcc-recorder.ts';
import { DEFAULT_ESTIMATOR_OPTIONS, SendSideEstimator } from './send-side-estimator.ts';

export interface LinkOptions {
  readonly seed: number;
  readonly seconds: number;
  /** From second `at` on the link carries `bps`; 0: it loses everything. */
  readonly capacity: readonly { readonly at: number; readonly bps: number }[];
  /** One way, milliseconds. */
  readonly delayMs?: number;
  /** Queue before the link in milliseconds of its capacity. */
  readonly queueMs?: number;
  /** Random loss, 0..1. */
  readonly loss?: number;
  /** Bursts in which everything is lost: mean distance and length. */
  readonly bursts?: { readonly everyMs: number; readonly lengthMs: number };
  /** Each packet is late by up to this, whatever the order. */
  readonly jitterMs?: number;
  /** Instead of a queue: a bucket of this many bytes, filled at the capacity. */
  readonly policerBytes?: number;
  readonly feedbackMs?: number;
  readonly feedbackLoss?: number;
  /** What the slots could carry at most; by time. Default: unlimited. */
  readonly wanted?: readonly { readonly at: number; readonly bps: number }[];
  /** What is sent, as a function of the estimate. Default: all of it. */
  readonly media?: (targetBps: number) => number;
  /** Another flow through the same queue, not responsive; by time. */
  readonly cross?: readonly { readonly at: number; readonly bps: number }[];
  /** A rival like TCP Reno shares the queue from this second on. */
  readonly tcpFrom?: number;
  /** The receiver's clock runs fast by this part. */
  readonly clockSkew?: number;
}

export interface Sample {
  readonly second: number;
  readonly capacityBps: number;
  readonly targetBps: number;
  readonly sentBps: number;
  readonly deliveredBps: number;
  readonly queueMs: number;
  readonly limit: string;
}

interface Packet {
  readonly sequenceNumber: number;
  readonly sizeBytes: number;
  readonly sentMs: number;
  /** Of whom: ours counts. */
  readonly owner: 'us' | 'cross' | 'tcp';
}

const FRAME_MS = 33;
const MAX_PACKET = 1_200;
const PADDING_PACKET = 295;
const STEP_US = 1_000;

export class CongestionLab {
  readonly estimator: SendSideEstimator;
  readonly samples: Sample[] = [];
  /** Milliseconds that each of our packets stood in the queue. */
  readonly queueing: number[] = [];
  readonly options: LinkOptions;
  delivered = 0;
  offered = 0;
  lost = 0;
  nowMs = 0;
  readonly #random: () => number;
  readonly #recorder = new TwccRecorder();
  readonly #arrivals = new Float64Array(1024);
  readonly #onTheWay: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly #queue: Packet[] = [];
  #queueBytes = 0;
  #serviceBits = 0;
  #bucketBytes = 0;
  #sequenceNumber = 65_000;
  #pacerQueue: number[] = [];
  #pacerBits = 0;
  #burstUntilMs = -1;
  #probe: { cluster: number; bitrateBps: number; bytes: number; bits: number } | undefined;
  #crossBits = 0;
  #tcp = { window: 10 * MAX_PACKET, inFlight: 0, threshold: 1e9, cutMs: -1e9 };
  #sampleBytes = { sent: 0, delivered: 0 };

  constructor(options: LinkOptions) {
    this.options = options;
    this.#random = mulberry32(options.seed);
    this.estimator = new SendSideEstimator(DEFAULT_ESTIMATOR_OPTIONS, 0);
    this.#bucketBytes = options.policerBytes ?? 0;
  }

  run(): this {
    for (; this.nowMs < this.options.seconds * 1000; this.nowMs++) this.#step();
    return this;
  }

  capacityAt(ms: number): number {
    return valueAt(this.options.capacity, ms, 0);
  }

  /** Part of what was possible between two seconds that arrived: the least of capacity and wish is possible. */
  utilisation(from = 0, to = this.options.seconds): number {
    let possible = 0;
    let delivered = 0;
    for (const sample of this.samples) {
      if (sample.second <= from || sample.second > to) continue;
      possible += Math.min(sample.capacityBps, valueAt(this.options.wanted, sample.second * 1000, 1e12));
      delivered += sample.deliveredBps;
    }
    return delivered / possible;
  }

  /** Seconds from `at` until the estimate holds `condition` for half a second; Infinity: never before `before`. */
  secondsUntil(at: number, before: number, condition: (targetBps: number) => boolean): number {
    let since = Number.POSITIVE_INFINITY;
    for (const { second, targetBps } of this.samples) {
      if (second < at || second > before) continue;
      if (!condition(targetBps)) since = Number.POSITIVE_INFINITY;
      else since = Math.min(since, second);
      if (second - since >= 0.5) return since - at;
    }
    return Number.POSITIVE_INFINITY;
  }

  queuePercentile(part: number): number {
    const sorted = this.queueing.toSorted((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
  }

  #step(): void {
    const { nowMs, options } = this;
    const nowUs = nowMs * STEP_US;
    while ((this.#onTheWay[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) this.#onTheWay.shift()?.run();
    const wantedBps = valueAt(options.wanted, nowMs, Number.NaN);
    if (nowMs % 100 === 0 && !Number.isNaN(wantedBps)) this.estimator.setDemand(nowUs, wantedBps, 0);
    if (nowUs >= this.estimator.nextTimeoutUs()) this.estimator.handleTimeout(nowUs);
    const { bursts } = options;
    if (bursts !== undefined && this.#random() < 1 / bursts.everyMs) this.#burstUntilMs = nowMs + bursts.lengthMs;
    this.#produce();
    if (nowMs % 5 === 0) this.#pace(nowUs);
    this.#rivals();
    this.#serve();
    if (nowMs % (options.feedbackMs ?? 100) === 0) this.#feedBack();
    if (nowMs % 100 === 0) this.#sample();
  }

  #produce(): void {
    if (this.nowMs % 20 === 0) this.#pacerQueue.push(130);
    if (this.nowMs % FRAME_MS !== 0) return;
    const { estimator, options } = this;
    const wantedBps = valueAt(options.wanted, this.nowMs, 1e12);
    const audioBps = 52_000;
    const mediaBps = Math.min(options.media?.(estimator.targetBps) ?? estimator.targetBps, wantedBps) - audioBps;
    // Frames of an encoder are not alike.
    let bytes = (Math.max(0, mediaBps) / 8) * (FRAME_MS / 1000) * (0.8 + 0.4 * this.#random());
    for (; bytes > 60; bytes -= MAX_PACKET) this.#pacerQueue.push(Math.round(Math.min(bytes, MAX_PACKET)));
    // The pacer's bound: what waits longer than half a second is dropped.
    let waiting = this.#pacerQueue.reduce((sum, size) => sum + size, 0);
    while (waiting * 8 > estimator.pacingBps / 2 && this.#pacerQueue.length > 1) waiting -= this.#pacerQueue.pop() ?? 0;
  }

  #pace(nowUs: number): void {
    const { estimator } = this;
    if (this.#probe === undefined && estimator.hasProbe) {
      const probe = estimator.takeProbe(nowUs);
      if (probe !== undefined) this.#probe = { ...probe, bits: 0 };
    }
    const probe = this.#probe;
    if (probe !== undefined) {
      probe.bits += probe.bitrateBps * 0.005;
      while (probe.bits > 0 && probe.bytes > 0) {
        const sizeBytes = this.#pacerQueue.shift() ?? PADDING_PACKET;
        this.#send(nowUs, sizeBytes, probe.cluster);
        probe.bits -= sizeBytes * 8;
        probe.bytes -= sizeBytes;
      }
      if (probe.bytes <= 0) this.#probe = undefined;
      return;
    }
    this.#pacerBits = Math.min(this.#pacerBits + estimator.pacingBps * 0.005, estimator.pacingBps * 0.005);
    while (this.#pacerBits > 0 && this.#pacerQueue.length > 0) {
      const sizeBytes = this.#pacerQueue.shift() ?? 0;
      this.#send(nowUs, sizeBytes, -1);
      this.#pacerBits -= sizeBytes * 8;
    }
  }

  #send(nowUs: number, sizeBytes: number, cluster: number): void {
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.estimator.handleSent(nowUs, this.#sequenceNumber, sizeBytes, cluster);
    this.#sampleBytes.sent += sizeBytes;
    this.offered++;
    this.#enqueue({ sequenceNumber: this.#sequenceNumber, sizeBytes, sentMs: this.nowMs, owner: 'us' });
  }

  #rivals(): void {
    const { nowMs, options } = this;
    this.#crossBits += valueAt(options.cross, nowMs, 0) / 1000;
    for (; this.#crossBits >= MAX_PACKET * 8; this.#crossBits -= MAX_PACKET * 8) {
      this.#enqueue({ sequenceNumber: 0, sizeBytes: MAX_PACKET, sentMs: nowMs, owner: 'cross' });
    }
    if (nowMs < (options.tcpFrom ?? Number.POSITIVE_INFINITY) * 1000) return;
    const tcp = this.#tcp;
    while (tcp.inFlight + MAX_PACKET <= tcp.window) {
      tcp.inFlight += MAX_PACKET;
      this.#enqueue({ sequenceNumber: 0, sizeBytes: MAX_PACKET, sentMs: nowMs, owner: 'tcp' });
    }
  }

  #enqueue(packet: Packet): void {
    const { nowMs, options } = this;
    const capacityBps = this.capacityAt(nowMs);
    const delayMs = options.delayMs ?? 25;
    const gone = capacityBps === 0 || nowMs < this.#burstUntilMs || this.#random() < (options.loss ?? 0);
    let full = false;
    if (options.policerBytes !== undefined) {
      full = this.#bucketBytes < packet.sizeBytes;
      if (!gone && !full) {
        this.#bucketBytes -= packet.sizeBytes;
        this.#deliver(packet, nowMs);
        return;
      }
    } else full = ((this.#queueBytes + packet.sizeBytes) * 8000) / capacityBps > (options.queueMs ?? 300);
    if (!gone && !full) {
      this.#queue.push(packet);
      this.#queueBytes += packet.sizeBytes;
      return;
    }
    if (packet.owner === 'us') this.lost++;
    if (packet.owner === 'tcp') this.#later(2 * delayMs + 20, () => this.#tcpLoss(packet));
  }

  #serve(): void {
    const bps = this.capacityAt(this.nowMs);
    if (this.options.policerBytes !== undefined) {
      this.#bucketBytes = Math.min(this.options.policerBytes, this.#bucketBytes + bps / 8000);
      return;
    }
    this.#serviceBits += bps / 1000;
    let head = this.#queue[0];
    while (head !== undefined && head.sizeBytes * 8 <= this.#serviceBits) {
      this.#serviceBits -= head.sizeBytes * 8;
      this.#queue.shift();
      this.#queueBytes -= head.sizeBytes;
      const doneMs = this.nowMs + 1 - (bps > 0 ? this.#serviceBits / bps : 0) * 1000;
      this.#deliver(head, Math.max(this.nowMs, doneMs));
      head = this.#queue[0];
    }
    if (head === undefined) this.#serviceBits = 0;
  }

  #deliver(packet: Packet, leftMs: number): void {
    const delayMs = (this.options.delayMs ?? 25) + this.#random() * (this.options.jitterMs ?? 0);
    const arrivalMs = leftMs + delayMs;
    if (packet.owner === 'tcp') this.#later(arrivalMs - this.nowMs + delayMs, () => this.#tcpAck());
    if (packet.owner !== 'us') return;
    this.queueing.push(leftMs - packet.sentMs);
    this.#later(arrivalMs - this.nowMs, () => {
      this.delivered += packet.sizeBytes;
      this.#sampleBytes.delivered += packet.sizeBytes;
      const clockUs = 5e9 + arrivalMs * 1000 * (1 + (this.options.clockSkew ?? 0));
      this.#recorder.record(Math.round(clockUs / 250) * 250, packet.sequenceNumber);
    });
  }

  #feedBack(): void {
    while (this.#recorder.pending > 0) {
      const count = this.#recorder.take(this.#arrivals);
      if (this.#random() < (this.options.feedbackLoss ?? 0) || this.capacityAt(this.nowMs) === 0) continue;
      const feedback = { baseSequence: this.#recorder.base, count, arrivalUs: this.#arrivals.slice(0, count) };
      this.#later(this.options.delayMs ?? 25, () => this.estimator.handleFeedback(this.nowMs * STEP_US, feedback));
    }
  }

  #tcpAck(): void {
    const tcp = this.#tcp;
    tcp.inFlight -= MAX_PACKET;
    tcp.window += tcp.window < tcp.threshold ? MAX_PACKET : (MAX_PACKET * MAX_PACKET) / tcp.window;
  }

  #tcpLoss(packet: Packet): void {
    const tcp = this.#tcp;
    tcp.inFlight -= MAX_PACKET;
    if (packet.sentMs < tcp.cutMs) return;
    tcp.cutMs = this.nowMs;
    tcp.window = Math.max(2 * MAX_PACKET, tcp.window / 2);
    tcp.threshold = tcp.window;
  }

  #later(afterMs: number, run: () => void): void {
    const atMs = this.nowMs + Math.max(0, afterMs);
    let index = this.#onTheWay.length;
    while (index > 0 && (this.#onTheWay[index - 1]?.atMs ?? 0) > atMs) index--;
    this.#onTheWay.splice(index, 0, { atMs, run });
  }

  #sample(): void {
    this.samples.push({
      second: this.nowMs / 1000,
      capacityBps: this.capacityAt(this.nowMs),
      targetBps: this.estimator.targetBps,
      sentBps: this.#sampleBytes.sent * 80,
      deliveredBps: this.#sampleBytes.delivered * 80,
      queueMs: (this.#queueBytes * 8000) / Math.max(1, this.capacityAt(this.nowMs)),
      limit: this.estimator.snapshot().limit,
    });
    this.#sampleBytes = { sent: 0, delivered: 0 };
  }
}

function valueAt(
  schedule: readonly { readonly at: number; readonly bps: number }[] | undefined,
  ms: number,
  otherwise: number,
): number {
  return schedule?.findLast((step) => step.at * 1000 <= ms)?.bps ?? otherwise;
}

/** Small seeded generator (public domain, T. Ettinger's mulberry32): the same seed gives the same world. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
