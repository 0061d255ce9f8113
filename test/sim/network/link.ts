/**
 * One direction of a network path: loss, a bottleneck with a drop-tail queue, propagation with jitter. Sans-I/O: time is
 * an argument, so the same link serves the simulation and the proxy that impairs real UDP.
 *
 * A packet meets, in this order: MTU, blackout and losses, policer, queue and bottleneck, delay and jitter.
 */
import type { Chance } from './chance.ts';
import { type LinkConditions, PERFECT } from './link-conditions.ts';
import { LossModel } from './loss-model.ts';
import { TimeHeap } from './time-heap.ts';

/** A queue holds this much at any rate; else a slow link could carry nothing. */
const LEAST_QUEUE_BYTES = 3000;

export interface Delivery<Item> {
  readonly item: Item;
  readonly sizeBytes: number;
  /** Time in the queue before its first bit was sent, in µs. */
  readonly queuedUs: number;
}

interface Queued<Item> {
  readonly item: Item;
  readonly sizeBytes: number;
  readonly sinceUs: number;
}

export class Link<Item> {
  sent = 0;
  delivered = 0;
  /** Lost by chance, outage or blackout. */
  lost = 0;
  /** Did not fit into the queue. */
  overflowed = 0;
  policed = 0;
  tooBig = 0;
  deliveredBytes = 0;
  readonly #chance: Chance;
  readonly #losses: LossModel;
  #conditions: LinkConditions = PERFECT;
  readonly #queue: Queued<Item>[] = [];
  #head = 0;
  #queuedBytes = 0;
  /** Of the packet at the head of the queue. */
  #remainingBits = 0;
  #headQueuedUs = 0;
  /** Until when the bottleneck has been worked out. */
  #servedUs = 0;
  readonly #underway = new TimeHeap<Delivery<Item>>();
  #lastArrivalUs = 0;
  #tokens = 0;
  #tokensUs = 0;

  constructor(conditions: Partial<LinkConditions>, chance: Chance, nowUs = 0) {
    this.#chance = chance;
    this.#losses = new LossModel(chance);
    this.#servedUs = nowUs;
    this.#tokensUs = nowUs;
    this.change(nowUs, conditions);
  }

  get conditions(): LinkConditions {
    return this.#conditions;
  }

  /** Takes effect at once, also for packets that wait in the queue; what is underway stays as it is. */
  change(nowUs: number, conditions: Partial<LinkConditions>): void {
    this.#serve(nowUs);
    const hadPolicer = this.#conditions.policer;
    this.#conditions = { ...this.#conditions, ...conditions };
    const { policer } = this.#conditions;
    if (policer !== undefined && policer !== hadPolicer) this.#tokens = policer.burstBytes;
  }

  /** `sizeBytes` with the IP and UDP headers. */
  send(nowUs: number, item: Item, sizeBytes: number): void {
    this.sent++;
    this.#serve(nowUs);
    if (sizeBytes > this.#conditions.mtuBytes) this.tooBig++;
    else if (this.#losses.loses(nowUs, this.#conditions)) this.lost++;
    else if (this.#polices(nowUs, sizeBytes)) this.policed++;
    else if (this.#overflows(sizeBytes)) this.overflowed++;
    else this.#enqueue(nowUs, item, sizeBytes);
  }

  /** When `handleTimeout` is to be called; Infinity: not before the next `send` or `change`. */
  nextTimeoutUs(): number {
    const { rateBps, delayMs } = this.#conditions;
    // Nothing happens when a packet leaves the bottleneck, but when it arrives, which jitter may still delay.
    const arrivalUs =
      this.#head < this.#queue.length && rateBps > 0
        ? this.#servedUs + (this.#remainingBits * 1e6) / rateBps + delayMs * 1000
        : Number.POSITIVE_INFINITY;
    return Math.min(arrivalUs, this.#underway.firstUs);
  }

  /** Hands over what has arrived by `nowUs`, in the order of arrival. */
  handleTimeout(nowUs: number, deliver: (delivery: Delivery<Item>) => void): void {
    this.#serve(nowUs);
    while (this.#underway.firstUs <= nowUs) {
      const delivery = this.#underway.pop();
      this.delivered++;
      this.deliveredBytes += delivery.sizeBytes;
      deliver(delivery);
    }
  }

  /** How long a packet that came now would wait, in µs. */
  get queueDelayUs(): number {
    const { rateBps } = this.#conditions;
    return rateBps > 0 ? (this.#backlogBits() * 1e6) / rateBps : Number.POSITIVE_INFINITY;
  }

  #polices(nowUs: number, sizeBytes: number): boolean {
    const { policer } = this.#conditions;
    if (policer === undefined) return false;
    const earned = ((nowUs - this.#tokensUs) * policer.rateBps) / 8e6;
    this.#tokensUs = nowUs;
    this.#tokens = Math.min(policer.burstBytes, this.#tokens + earned);
    if (this.#tokens < sizeBytes) return true;
    this.#tokens -= sizeBytes;
    return false;
  }

  #overflows(sizeBytes: number): boolean {
    const { rateBps, queueMs } = this.#conditions;
    if (rateBps === Number.POSITIVE_INFINITY) return false;
    const roomBytes = Math.max(LEAST_QUEUE_BYTES, (rateBps * queueMs) / 8000);
    return this.#backlogBits() / 8 + sizeBytes > roomBytes;
  }

  #backlogBits(): number {
    if (this.#head >= this.#queue.length) return 0;
    const head = this.#queue[this.#head] as Queued<Item>;
    return (this.#queuedBytes - head.sizeBytes) * 8 + this.#remainingBits;
  }

  #enqueue(nowUs: number, item: Item, sizeBytes: number): void {
    this.#queue.push({ item, sizeBytes, sinceUs: nowUs });
    this.#queuedBytes += sizeBytes;
    if (this.#head === this.#queue.length - 1) this.#begin(nowUs);
    this.#serve(nowUs);
  }

  /** The packet at the head starts to leave. */
  #begin(atUs: number): void {
    const head = this.#queue[this.#head] as Queued<Item>;
    this.#remainingBits = head.sizeBytes * 8;
    this.#headQueuedUs = atUs - head.sinceUs;
  }

  /** Works the bottleneck out up to `nowUs`. */
  #serve(nowUs: number): void {
    const { rateBps } = this.#conditions;
    while (this.#head < this.#queue.length) {
      const neededUs = rateBps > 0 ? (this.#remainingBits * 1e6) / rateBps : Number.POSITIVE_INFINITY;
      // A thousandth of a microsecond of tolerance: the caller's clock was computed from the same division.
      if (this.#servedUs + neededUs > nowUs + 0.001) {
        this.#remainingBits -= ((nowUs - this.#servedUs) * rateBps) / 1e6;
        break;
      }
      this.#servedUs += neededUs;
      this.#depart(this.#servedUs);
    }
    this.#servedUs = Math.max(this.#servedUs, nowUs);
    if (this.#head > 512) this.#forget();
  }

  #forget(): void {
    this.#queue.splice(0, this.#head);
    this.#head = 0;
  }

  #depart(atUs: number): void {
    const { item, sizeBytes } = this.#queue[this.#head] as Queued<Item>;
    this.#head++;
    this.#queuedBytes -= sizeBytes;
    const { delayMs, jitterMs, reorders } = this.#conditions;
    let arrivalUs = atUs + delayMs * 1000 + (jitterMs > 0 ? this.#jitterUs() : 0);
    if (!reorders) arrivalUs = Math.max(arrivalUs, this.#lastArrivalUs);
    this.#lastArrivalUs = arrivalUs;
    this.#underway.push(arrivalUs, { item, sizeBytes, queuedUs: this.#headQueuedUs });
    if (this.#head < this.#queue.length) this.#begin(atUs);
  }

  #jitterUs(): number {
    const { jitterMs, jitterShape } = this.#conditions;
    if (jitterShape === 'uniform') return this.#chance.between(0, jitterMs * 1000);
    return Math.min(jitterMs, (Math.abs(this.#chance.normal()) * jitterMs) / 6) * 1000;
  }
}
