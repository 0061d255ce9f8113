/**
 * The last decision before a packet leaves: now, or later. One gate for all transports of a worker, with what it knows
 * of each in typed arrays by the engine's handle, because it is asked for every packet and receiver. It paces (leaky
 * bucket, docs/pacing.md), keeps what must wait, and gives packets the transport-wide sequence numbers by which the
 * receiver tells what arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01), in the order in which they leave.
 * A transport without congestion control passes untouched.
 */
import { EGRESS_MAY_PAD, EGRESS_WORDS, type EgressPlan } from './egress-plan.ts';
import { PacerGivenUp } from './pacer-given-up.ts';
import { grown, PacerQueues } from './pacer-queues.ts';
import { chooseShed } from './pacer-shed.ts';
import { NO_ENTRY } from './record-pool.ts';
import type { UnusedNumbers } from './unused-numbers.ts';

/** Lower leaves first. Audio never waits. */
export const Priority = { audio: 0, repair: 1, video: 2, probe: 3 } as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

/**
 * Time between two calls of `release` while something waits. What libwebrtc's pacer used for years
 * (PacedSender, kMinPacketLimitMs): below, the timer costs more than it smooths.
 */
export const PACING_INTERVAL_US = 5_000;
/** How far a transport may run ahead of its rate unless told otherwise: what is due before the next call leaves with this one. */
const SHORT_LEAD_US = PACING_INTERVAL_US;
/** What waits catches up when `release` comes late, as far as this. */
const CATCH_UP_US = 10_000;
/** Audio and repairs beyond the rate hold video back for so long at most. */
const MAX_DEBT_US = 500_000;
/** A queue that needs longer than this at the present rate is full. */
export const MAX_QUEUE_US = 1_000_000;
/** Packets that one transport may have waiting. */
export const MAX_QUEUED_PACKETS = 1024;
/** Older ones are of no use to anybody: what is left of a rate that collapsed. */
const MAX_AGE_US = 2_000_000;

/** SRTP's tag, UDP and IPv4, beside the RTP bytes: what a packet costs the path. */
export const PACKET_OVERHEAD_BYTES = 16 + 8 + 20;

/** Upper bound of what one padding packet takes of the plan's side memory. */
export const MAX_PADDING_BYTES = 320;

/** Is told what left under which transport-wide number; the transport's bandwidth estimator. */
export interface SentRecorder {
  handleSent(nowUs: number, sequenceNumber: number, sizeBytes: number, probeCluster: number): void;
}

/** Who is behind a handle; asked rarely. */
export interface GateClient {
  /**
   * Appends one record of padding with a place for a transport-wide number, its patch offset in bits 8–15 of word 0,
   * and returns its size in bytes; 0 when there is no stream for it. Precondition: room for it in `out`.
   */
  writePadding(nowUs: number, out: EgressPlan): number;
  /** Of the streams that wait, the one to give up when the queue is full: larger first. */
  shedRank(ssrc: number): number;
  /**
   * Packets of `ssrc` were dropped: what follows is not decodable before a key frame. `unused` are the last of their
   * numbers.
   */
  handleShed(nowUs: number, ssrc: number, unused: UnusedNumbers): void;
}

/** The plan, and how to get room in it. */
export interface GateRoom {
  readonly plan: EgressPlan;
  makeRoom(records: number, sideBytes: number): void;
}

export interface GateOptions {
  /** Whether the peer reports on transport-wide numbers. */
  readonly transportNumbers: boolean;
  readonly recorder: SentRecorder;
  readonly client: GateClient;
}

/** What is done for a transport; bits of `#mode`. */
const NUMBERED = 1;
const PACED = 2;
const INITIAL_TRANSPORTS = 64;
const NO_CLUSTER = -1;

export class EgressGate {
  /** Packets given up because a queue was full, or because they had waited too long. */
  dropped = 0;
  /** Packets whose header block or stored payload was gone when their turn came. */
  overwritten = 0;
  /** Padding packets sent. */
  padded = 0;
  readonly #queues: PacerQueues;
  /** By handle: what is done; 0 is the fast path of transports without congestion control. */
  #mode = new Uint8Array(INITIAL_TRANSPORTS);
  /** When the packets let through so far are paid for, at the present rate. */
  #freeUs = new Float64Array(INITIAL_TRANSPORTS);
  /** Microseconds that a byte takes: at the rate set, and at present (a probe is faster). */
  #mediaUsPerByte = new Float64Array(INITIAL_TRANSPORTS);
  #usPerByte = new Float64Array(INITIAL_TRANSPORTS);
  /** How far it may run ahead of the rate: as set, and at present (a probe may not). */
  #mediaLeadUs = new Float64Array(INITIAL_TRANSPORTS).fill(SHORT_LEAD_US);
  #leadUs = new Float64Array(INITIAL_TRANSPORTS).fill(SHORT_LEAD_US);
  /** Next transport-wide number, 0–65535. */
  #number = new Int32Array(INITIAL_TRANSPORTS);
  /** Bytes that the present probe still is to send, and its cluster. */
  #probeBytes = new Float64Array(INITIAL_TRANSPORTS);
  #probeCluster = new Int32Array(INITIAL_TRANSPORTS).fill(NO_CLUSTER);
  readonly #givenUp = new PacerGivenUp();
  readonly #recorders: (SentRecorder | undefined)[] = [];
  readonly #clients: (GateClient | undefined)[] = [];
  /** Handles for which `release` has something to do. */
  readonly #busy: number[] = [];
  #isBusy = new Uint8Array(INITIAL_TRANSPORTS);

  /** `poolCapacity`: packets that all transports together may have waiting. */
  constructor(poolCapacity?: number) {
    this.#queues = new PacerQueues(poolCapacity);
  }

  /** Whether `release` is to be called PACING_INTERVAL_US from now. */
  get busy(): boolean {
    return this.#busy.length > 0;
  }

  /** A new transport. With `options` its packets are numbered, paced or both; without, they pass untouched. */
  open(handle: number, options?: GateOptions): void {
    this.#grow(handle + 1);
    this.close(handle);
    if (options === undefined) return;
    this.#mode[handle] = options.transportNumbers ? NUMBERED : 0;
    this.#recorders[handle] = options.recorder;
    this.#clients[handle] = options.client;
  }

  /** Forgets the transport and what waits for it. */
  close(handle: number): void {
    if (handle >= this.#mode.length) return;
    this.#queues.clear(handle);
    this.#mode[handle] = 0;
    this.#freeUs[handle] = 0;
    this.#usPerByte[handle] = 0;
    this.#mediaUsPerByte[handle] = 0;
    this.#mediaLeadUs[handle] = SHORT_LEAD_US;
    this.#number[handle] = 0;
    this.#givenUp.takeAll(handle);
    this.#endProbe(handle);
    this.#recorders[handle] = undefined;
    this.#clients[handle] = undefined;
  }

  /** The rate at which packets leave from now on, Infinity: as they come; and how far they may run ahead of it, in µs. */
  setRate(handle: number, pacingBps: number, leadUs = SHORT_LEAD_US): void {
    if (this.#clients[handle] === undefined) return;
    const usPerByte = 8e6 / pacingBps;
    this.#mediaUsPerByte[handle] = usPerByte;
    this.#mediaLeadUs[handle] = leadUs;
    if (this.#probeBytes[handle] === 0) this.#leadUs[handle] = leadUs;
    this.#mode[handle] = ((this.#mode[handle] as number) & NUMBERED) | (usPerByte > 0 ? PACED : 0);
    this.#usPerByte[handle] =
      this.#probeBytes[handle] === 0 ? usPerByte : Math.min(usPerByte, this.#usPerByte[handle] as number);
  }

  /** The next `bytes` leave at `bitrateBps`, as packets of `cluster`; where media is missing, padding fills up. */
  startProbe(nowUs: number, handle: number, cluster: number, bitrateBps: number, bytes: number): void {
    if (this.#clients[handle] === undefined) return;
    this.#probeBytes[handle] = bytes;
    this.#probeCluster[handle] = cluster;
    this.#usPerByte[handle] = Math.min(8e6 / bitrateBps, this.#mediaUsPerByte[handle] || Number.POSITIVE_INFINITY);
    // In one go it would measure nothing.
    this.#leadUs[handle] = SHORT_LEAD_US;
    // What media owes would hold the probe back; and its first packets leave with the next call, not two calls' worth.
    this.#freeUs[handle] = nowUs + PACING_INTERVAL_US;
    this.#markBusy(handle);
  }

  /** How long nothing has been sent to a transport that is numbered or paced. */
  idleUs(handle: number, nowUs: number): number {
    return nowUs - (this.#freeUs[handle] ?? nowUs);
  }

  queuedBytes(handle: number): number {
    return this.#queues.bytes[handle] ?? 0;
  }

  /** How long what waits will take at the present rate. */
  queueDelayUs(handle: number): number {
    return this.timeUs(handle, this.queuedBytes(handle));
  }

  /** How long so many bytes take at the present rate. */
  timeUs(handle: number, bytes: number): number {
    return bytes * (this.#usPerByte[handle] ?? 0);
  }

  /**
   * Whether the record at word `at` of the plan, which has just been written there, may leave now. True: it stays, and
   * has its transport-wide number when the peer reports on them and `patchOffset` says where in the header block it
   * goes (0: it gets none). False: it was copied to the transport's queue, or dropped and counted, and the caller uses
   * the place again. `sizeBytes` is all that the packet costs the path (PACKET_OVERHEAD_BYTES). The caller has written
   * words 0 to 11, the upper half of 11 as 0 and bits 8–15 of word 0 as 0. Hot: allocates nothing.
   */
  admit(
    nowUs: number,
    handle: number,
    plan: EgressPlan,
    at: number,
    sizeBytes: number,
    priority: Priority,
    patchOffset: number,
  ): boolean {
    const mode = this.#mode[handle];
    if (mode === undefined || mode === 0) return true;
    if ((mode & NUMBERED) !== 0 && patchOffset !== 0) {
      plan.words[at] = (plan.words[at] as number) | (patchOffset << 8);
    }
    if (
      (mode & PACED) !== 0 &&
      priority !== Priority.audio &&
      ((this.#freeUs[handle] as number) > nowUs + (this.#leadUs[handle] as number) ||
        (this.#queues.packets[handle] as number) > 0)
    ) {
      this.#enqueue(nowUs, handle, plan, at, sizeBytes, priority);
      return false;
    }
    this.#depart(nowUs, handle, plan, at, sizeBytes, nowUs);
    return true;
  }

  /**
   * Moves what is due from all queues into the plan, receiver by receiver, so that a receiver's packets of one interval
   * leave together; pads where a probe wants more; tells whose packets were given up. The caller flushes before
   * anything else is written to the plan's ring.
   */
  release(nowUs: number, out: GateRoom): void {
    const busy = this.#busy;
    let kept = 0;
    for (let i = 0; i < busy.length; i++) {
      const handle = busy[i] as number;
      this.#drain(nowUs, handle, out);
      this.#tellShed(nowUs, handle);
      if ((this.#probeBytes[handle] as number) > 0) this.#pad(nowUs, handle, out);
      if ((this.#queues.packets[handle] as number) > 0 || (this.#probeBytes[handle] as number) > 0)
        busy[kept++] = handle;
      else this.#isBusy[handle] = 0;
    }
    busy.length = kept;
  }

  /**
   * Drops at once what waits of the video stream `ssrc` and of its repairs, which are sent under `repairSsrc`, because its
   * owner is about to begin with something else. Returns the numbers that it may use again.
   */
  abandon(handle: number, ssrc: number, repairSsrc: number): UnusedNumbers {
    this.#queues.dropStream(handle, Priority.repair, repairSsrc, () => this.dropped++);
    this.#giveUp(handle, ssrc);
    // Who drops it himself need not be told, even if it had just been given up before.
    return this.#givenUp.take(handle, ssrc) as UnusedNumbers;
  }

  /** The record at word `at` leaves: counts it against the rate, from `sinceUs` on at least, and numbers it. */
  #depart(nowUs: number, handle: number, plan: EgressPlan, at: number, sizeBytes: number, sinceUs: number): void {
    const freeUs = this.#freeUs[handle] as number;
    const cost = sizeBytes * (this.#usPerByte[handle] as number);
    this.#freeUs[handle] = Math.min((freeUs > sinceUs ? freeUs : sinceUs) + cost, nowUs + MAX_DEBT_US);
    const probing = (this.#probeBytes[handle] as number) > 0;
    const cluster = probing ? (this.#probeCluster[handle] as number) : NO_CLUSTER;
    if (probing) this.#countProbe(handle, sizeBytes);
    const words = plan.words;
    if (((words[at] as number) & 0xff00) === 0) return;
    // Whoever has a number of this kind is never sent again under its RTP number: that number would differ.
    words[at] = (words[at] as number) | EGRESS_MAY_PAD;
    const number = this.#number[handle] as number;
    this.#number[handle] = (number + 1) & 0xffff;
    words[at + 11] = (number << 16) | ((words[at + 11] as number) & 0xffff);
    (this.#recorders[handle] as SentRecorder).handleSent(nowUs, number, sizeBytes, cluster);
  }

  #enqueue(nowUs: number, handle: number, plan: EgressPlan, at: number, sizeBytes: number, priority: Priority): void {
    const queues = this.#queues;
    const delayUs = (queues.bytes[handle] as number) * (this.#usPerByte[handle] as number);
    const packets = queues.packets[handle] as number;
    const isFull = packets >= MAX_QUEUED_PACKETS;
    // Looking for whom to give up is a walk through the queue: not for every packet that comes meanwhile.
    if (isFull || (delayUs > MAX_QUEUE_US && (packets & 15) === 0)) this.#shed(handle, delayUs);
    const ssrc = plan.words[at + 7] as number;
    const isRefused =
      (priority === Priority.video && this.#givenUp.has(handle, ssrc)) ||
      (queues.packets[handle] as number) >= MAX_QUEUED_PACKETS;
    this.#markBusy(handle);
    if (!isRefused && queues.push(nowUs, handle, plan, at, sizeBytes, priority)) return;
    this.dropped++;
    if (priority !== Priority.video) return;
    // In the pool's worst hour, too, it is one stream that waits for a key frame, not a hole in each of them.
    if (!this.#givenUp.has(handle, ssrc)) this.#giveUp(handle, ssrc);
    const index = (plan.words[at + 8] as number) * 65536 + ((plan.words[at + 5] as number) & 0xffff);
    this.#givenUp.open(handle, ssrc).add(index);
  }

  #markBusy(handle: number): void {
    if (this.#isBusy[handle] === 1) return;
    this.#isBusy[handle] = 1;
    this.#busy.push(handle);
  }

  #drain(nowUs: number, handle: number, out: GateRoom): void {
    const queues = this.#queues;
    const { pool } = queues;
    const leadUs = this.#leadUs[handle] as number;
    // Half a long lead at a time: fewer messages, and no more of it at once than a picture has.
    if ((this.#freeUs[handle] as number) > nowUs + Math.max(SHORT_LEAD_US, leadUs / 2)) return;
    const sinceUs = nowUs - CATCH_UP_US;
    while ((this.#freeUs[handle] as number) <= nowUs + (this.#leadUs[handle] as number)) {
      const entry = queues.first(handle);
      if (entry === NO_ENTRY) return;
      const isTooOld = pool.ageUs(entry, nowUs) > MAX_AGE_US;
      if (isTooOld && queues.isMedia(handle, entry)) {
        this.#giveUp(handle, pool.ssrc(entry));
        continue;
      }
      queues.takeFirst(handle);
      if (isTooOld) {
        this.dropped++;
      } else {
        out.makeRoom(1, 0);
        const { plan } = out;
        const at = plan.count * EGRESS_WORDS;
        if (pool.copyTo(entry, plan)) this.#depart(nowUs, handle, plan, at, pool.sizeBytes(entry), sinceUs);
        else this.overwritten++;
      }
      pool.release(entry);
    }
  }

  /** The queue is full: a stream gives up all that waits of it. */
  #shed(handle: number, delayUs: number): void {
    const isUrgent = delayUs > 2 * MAX_QUEUE_US || (this.#queues.packets[handle] as number) >= MAX_QUEUED_PACKETS;
    const ssrc = chooseShed(this.#queues, handle, this.#clients[handle] as GateClient, isUrgent);
    if (ssrc !== 0) this.#giveUp(handle, ssrc);
  }

  /** Drops what waits of a stream, and what comes of it until its owner has been told. Repairs stay: they are of what has left. */
  #giveUp(handle: number, ssrc: number): void {
    const unused = this.#givenUp.open(handle, ssrc);
    this.#queues.dropStream(handle, Priority.video, ssrc, (index) => {
      this.dropped++;
      unused.add(index);
    });
  }

  #tellShed(nowUs: number, handle: number): void {
    const streams = this.#givenUp.takeAll(handle);
    if (streams === undefined) return;
    for (const [ssrc, unused] of streams) this.#clients[handle]?.handleShed(nowUs, ssrc, unused);
  }

  #pad(nowUs: number, handle: number, out: GateRoom): void {
    const client = this.#clients[handle] as GateClient;
    while ((this.#probeBytes[handle] as number) > 0 && (this.#freeUs[handle] as number) <= nowUs + SHORT_LEAD_US) {
      out.makeRoom(1, MAX_PADDING_BYTES);
      const { plan } = out;
      const at = plan.count * EGRESS_WORDS;
      const sizeBytes = client.writePadding(nowUs, plan);
      if (sizeBytes === 0) {
        this.#endProbe(handle);
        return;
      }
      this.padded++;
      this.#depart(nowUs, handle, plan, at, sizeBytes, nowUs - CATCH_UP_US);
    }
  }

  #countProbe(handle: number, sizeBytes: number): void {
    const left = (this.#probeBytes[handle] as number) - sizeBytes;
    if (left > 0) this.#probeBytes[handle] = left;
    else this.#endProbe(handle);
  }

  #endProbe(handle: number): void {
    this.#probeBytes[handle] = 0;
    this.#probeCluster[handle] = NO_CLUSTER;
    this.#usPerByte[handle] = this.#mediaUsPerByte[handle] as number;
    this.#leadUs[handle] = this.#mediaLeadUs[handle] as number;
  }

  #grow(transports: number): void {
    if (transports <= this.#mode.length) return;
    this.#queues.grow(transports);
    this.#mode = grown(this.#mode, transports, 0);
    this.#freeUs = grown(this.#freeUs, transports, 0);
    this.#mediaUsPerByte = grown(this.#mediaUsPerByte, transports, 0);
    this.#usPerByte = grown(this.#usPerByte, transports, 0);
    this.#mediaLeadUs = grown(this.#mediaLeadUs, transports, SHORT_LEAD_US);
    this.#leadUs = grown(this.#leadUs, transports, SHORT_LEAD_US);
    this.#number = grown(this.#number, transports, 0);
    this.#probeBytes = grown(this.#probeBytes, transports, 0);
    this.#probeCluster = grown(this.#probeCluster, transports, NO_CLUSTER);
    this.#isBusy = grown(this.#isBusy, transports, 0);
  }
}
