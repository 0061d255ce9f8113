/**
 * How much may be sent: additive and multiplicative steps by delay. What is sent stands in three queues one after the other, that of the
 * carrier in this browser, that of TCP, and that on the path; the router's transport-wide feedback measures all of
 * them at once, the carrier's own queue is seen even while no feedback comes.
 *
 * Pure: time is an argument.
 */

/** Bits per second. */
export const LEAST_BPS = 60_000;
export const MOST_BPS = 5_000_000;
const START_BPS = 500_000;

/** So much queue is too much; below the lower one there is room for more. */
const OVERUSED_MS = 200;
const IDLE_MS = 80;
/** The least delay of this time is the delay without a queue. */
const BASE_WINDOW_MS = 20_000;
const RATE_WINDOW_MS = 1_000;
/** What arrived in this time tells what a queue lets through. */
const BACK_OFF_WINDOW_MS = 400;
const BACK_OFF = 0.85;
/** A second: until the first overuse, and after it. */
const FIRST_GROWTH = 1.5;
const GROWTH = 1.08;
/** The estimate is at most so much more than what arrives: what was never tried proves nothing. */
const UNPROVED = 1.5;
/** What a queue that was seen full is given to empty itself. */
const HOLD_MS = 600;
const SILENCE_MS = 2_000;
/** Packets of which feedback is awaited. */
const MAX_SENT = 4_096;

interface Delay {
  readonly atMs: number;
  readonly delayMs: number;
}

export class UplinkEstimate {
  #bitrateBps = START_BPS;
  #mostBps = MOST_BPS;
  readonly #sent = new Map<number, { readonly atMs: number; readonly bytes: number }>();
  #delays: Delay[] = [];
  #arrived: { readonly atMs: number; readonly bytes: number }[] = [];
  #delayMs = 0;
  #waitMs = 0;
  #hasBackedOff = false;
  #heldUntilMs = 0;
  #grownMs: number | undefined;
  #heardMs: number | undefined;
  /** Before the queue was seen full, if it has not been seen empty since; and whether nothing at all got through meanwhile. */
  #beforeBps: number | undefined;
  #isOutage = false;

  get bitrateBps(): number {
    return this.#bitrateBps;
  }

  /** What is sent now is there so much later than the quickest was: milliseconds. */
  get queueMs(): number {
    return Math.max(this.#delayMs, this.#waitMs);
  }

  /** A picture that was captured now would only wait: it is better not encoded at all. */
  get isFull(): boolean {
    return this.#waitMs > OVERUSED_MS;
  }

  /** @param number Grows with each packet. */
  handleSent(nowMs: number, number: number, bytes: number): void {
    this.#sent.set(number, { atMs: nowMs, bytes });
    if (this.#sent.size > MAX_SENT) {
      for (const oldest of this.#sent.keys()) {
        this.#sent.delete(oldest);
        break;
      }
    }
    this.#heardMs ??= nowMs;
  }

  /** Called when one hears that it has arrived. @param leftMs When it went to the carrier. */
  handleArrival(nowMs: number, number: number, leftMs: number): void {
    const packet = this.#sent.get(number);
    if (packet === undefined) return;
    this.#heardMs = nowMs;
    this.#sent.delete(number);
    this.#arrived.push({ atMs: nowMs, bytes: packet.bytes });
    this.#delays.push({ atMs: nowMs, delayMs: leftMs - packet.atMs });
  }

  /** A receiver's own word (REMB) holds as an upper bound. */
  handleRemb(bitrateBps: number): void {
    this.#mostBps = Math.max(LEAST_BPS, Math.min(MOST_BPS, bitrateBps));
  }

  /** To be called some times a second, after feedback. @param waitMs how long the next packet to leave has waited */
  poll(nowMs: number, waitMs: number): number {
    this.#delays = this.#delays.filter(({ atMs }) => atMs > nowMs - BASE_WINDOW_MS).slice(-2 * MAX_SENT);
    this.#arrived = this.#arrived.filter(({ atMs }) => atMs > nowMs - RATE_WINDOW_MS);
    const leastMs = this.#delays.reduce((least, { delayMs }) => Math.min(least, delayMs), Number.POSITIVE_INFINITY);
    const recent = this.#delays
      .slice(-5)
      .reduce((least, { delayMs }) => Math.min(least, delayMs), Number.POSITIVE_INFINITY);
    this.#delayMs = this.#delays.length === 0 ? 0 : recent - leastMs;
    this.#waitMs = waitMs;
    this.#adapt(nowMs);
    return this.#bitrateBps;
  }

  #adapt(nowMs: number): void {
    const growSeconds = Math.min(1, (nowMs - (this.#grownMs ?? nowMs)) / 1000);
    this.#grownMs = nowMs;
    const isSilent = this.#sent.size > 0 && this.#heardMs !== undefined && nowMs - this.#heardMs > SILENCE_MS;
    if (nowMs >= this.#heldUntilMs && (isSilent || this.queueMs > OVERUSED_MS)) this.#backOff(nowMs);
    else if (this.queueMs < IDLE_MS && this.#arrived.length > 0) this.#grow(nowMs, growSeconds);
    this.#set(this.#bitrateBps);
  }

  #backOff(nowMs: number): void {
    this.#hasBackedOff = true;
    this.#heldUntilMs = nowMs + HOLD_MS;
    this.#beforeBps ??= this.#bitrateBps;
    const arrivedBps = this.#arrivedBps(nowMs, BACK_OFF_WINDOW_MS);
    // Nothing gets through: that says nothing of what will when it does.
    this.#isOutage ||= arrivedBps === 0;
    // Little may have arrived because little was sent: so no step is larger than a half.
    this.#set(Math.max(this.#bitrateBps / 2, BACK_OFF * Math.min(this.#bitrateBps, arrivedBps)));
  }

  #grow(nowMs: number, seconds: number): void {
    if (this.#isOutage && this.#beforeBps !== undefined) this.#set(Math.max(this.#bitrateBps, this.#beforeBps / 2));
    this.#beforeBps = undefined;
    this.#isOutage = false;
    if (nowMs < this.#heldUntilMs) return;
    const grown = this.#bitrateBps * (this.#hasBackedOff ? GROWTH : FIRST_GROWTH) ** seconds;
    // Less was sent than might have been: then this says nothing about more.
    if (grown <= Math.max(START_BPS, UNPROVED * this.#arrivedBps(nowMs, RATE_WINDOW_MS))) this.#set(grown);
  }

  #arrivedBps(nowMs: number, windowMs: number): number {
    const recent = this.#arrived.filter(({ atMs }) => atMs > nowMs - windowMs);
    return (recent.reduce((sum, { bytes }) => sum + bytes, 0) * 8_000) / windowMs;
  }

  #set(bitrateBps: number): void {
    this.#bitrateBps = Math.min(this.#mostBps, Math.max(LEAST_BPS, bitrateBps));
  }
}
