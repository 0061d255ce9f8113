/**
 * A TCP rival: CUBIC (RFC 9438) with slow start, selective acknowledgements and a retransmission timer, without what does
 * not matter to its neighbours (handshake, flow control, delayed acknowledgements).
 */
import type { World } from '../world.ts';
import type { Path } from './path.ts';

const SEGMENT_BYTES = 1500;
const ACK_BYTES = 60;
const INITIAL_WINDOW = 10;
/** RFC 9438 section 4.6 and 4.1. */
const BETA = 0.7;
const CUBIC_C = 0.4;
/** A segment is lost when three later ones have arrived (RFC 6675). */
const REORDERING = 3;
const RETRANSMISSION_TIMEOUT_US = 1_000_000;

export interface TcpFlowOptions {
  readonly name: string;
  readonly forward: Path;
  readonly backward: Path;
  readonly startUs: number;
  readonly stopUs: number;
  /** Bytes to send; Infinity: as long as it may. */
  readonly bytes?: number;
  readonly done?: () => void;
}

export class TcpFlow {
  receivedBytes = 0;
  readonly #world: World;
  readonly #options: TcpFlowOptions;
  #window = INITIAL_WINDOW;
  #threshold = Number.POSITIVE_INFINITY;
  #windowBeforeLoss = 0;
  #lastLossUs = 0;
  #next = 0;
  /** Sent time of segments underway, oldest first. */
  readonly #underway = new Map<number, number>();
  /** Losses of segments sent before this one belong to a window reduction that was made already. */
  #recoverUntil = 0;
  #highestAcked = -1;
  #lastProgressUs = 0;
  #roundTripUs = 100_000;
  #leftBytes: number;
  #finished = false;

  constructor(world: World, options: TcpFlowOptions) {
    this.#world = world;
    this.#options = options;
    this.#leftBytes = options.bytes ?? Number.POSITIVE_INFINITY;
    world.at(options.startUs, () => {
      this.#lastProgressUs = world.nowUs;
      this.#fill();
      this.#watch();
    });
  }

  #fill(): void {
    const { nowUs } = this.#world;
    while (
      !this.#finished &&
      nowUs < this.#options.stopUs &&
      this.#underway.size < this.#window &&
      this.#leftBytes > 0
    ) {
      const segment = this.#next++;
      this.#leftBytes -= SEGMENT_BYTES;
      this.#underway.set(segment, nowUs);
      this.#options.forward.send((sizeBytes) => {
        this.receivedBytes += sizeBytes;
        this.#options.backward.send(() => this.#handleAck(segment), ACK_BYTES);
      }, SEGMENT_BYTES);
    }
  }

  #handleAck(segment: number): void {
    const { nowUs } = this.#world;
    const sentUs = this.#underway.get(segment);
    if (sentUs === undefined) return;
    this.#underway.delete(segment);
    this.#lastProgressUs = nowUs;
    this.#roundTripUs += (nowUs - sentUs - this.#roundTripUs) / 8;
    this.#highestAcked = Math.max(this.#highestAcked, segment);
    this.#detectLosses();
    if (segment >= this.#recoverUntil) this.#grow();
    this.#fill();
    if (this.#leftBytes <= 0 && this.#underway.size === 0) this.#finish();
  }

  #detectLosses(): void {
    for (const segment of this.#underway.keys()) {
      if (segment > this.#highestAcked - REORDERING) break;
      this.#underway.delete(segment);
      // It is to be sent again, as a new segment here.
      this.#leftBytes += SEGMENT_BYTES;
      if (segment >= this.#recoverUntil) this.#reduce();
    }
  }

  #reduce(): void {
    // Fast convergence (RFC 9438 section 4.7).
    const shrinking = this.#window < this.#windowBeforeLoss;
    this.#windowBeforeLoss = shrinking ? (this.#window * (1 + BETA)) / 2 : this.#window;
    this.#window = Math.max(2, this.#window * BETA);
    this.#threshold = this.#window;
    this.#lastLossUs = this.#world.nowUs;
    this.#recoverUntil = this.#next;
  }

  #grow(): void {
    if (this.#window < this.#threshold) {
      this.#window += 1;
      return;
    }
    const elapsedS = (this.#world.nowUs - this.#lastLossUs) / 1e6;
    const k = Math.cbrt((this.#windowBeforeLoss * (1 - BETA)) / CUBIC_C);
    const cubic = CUBIC_C * (elapsedS + this.#roundTripUs / 1e6 - k) ** 3 + this.#windowBeforeLoss;
    const reno =
      this.#windowBeforeLoss * BETA + ((3 * (1 - BETA)) / (1 + BETA)) * (elapsedS / (this.#roundTripUs / 1e6));
    const goal = Math.min(1.5 * this.#window, Math.max(cubic, reno));
    if (goal > this.#window) this.#window += (goal - this.#window) / this.#window;
  }

  #watch(): void {
    const world = this.#world;
    world.after(100_000, () => {
      if (this.#finished || world.nowUs > this.#options.stopUs) return;
      if (this.#underway.size > 0 && world.nowUs - this.#lastProgressUs > RETRANSMISSION_TIMEOUT_US) this.#timeOut();
      this.#watch();
    });
  }

  #timeOut(): void {
    this.#leftBytes += this.#underway.size * SEGMENT_BYTES;
    this.#underway.clear();
    this.#threshold = Math.max(2, this.#window / 2);
    this.#windowBeforeLoss = this.#window;
    this.#window = 1;
    this.#lastProgressUs = this.#world.nowUs;
    this.#fill();
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#options.done?.();
  }
}
