/** One audio slot at a receiver: what is missing, and for how long nothing came. */
import { Widener } from '../../../mmr/media/rtp/serial.ts';

export interface Gap {
  readonly fromUs: number;
  readonly untilUs: number;
}

/** Gaps shorter than this are jitter. */
const LEAST_GAP_US = 40_000;

export class AudioReceiver {
  packets = 0;
  readonly gaps: Gap[] = [];
  readonly #sequences = new Widener();
  readonly #received = new Set<number>();
  #first = -1;
  #highest = -1;
  #lastUs = Number.NaN;

  handlePacket(nowUs: number, sequenceNumber: number): void {
    const sequence = this.#sequences.widen(sequenceNumber);
    if (this.#received.has(sequence)) return;
    this.#received.add(sequence);
    this.packets++;
    if (this.#first < 0) this.#first = sequence;
    this.#highest = Math.max(this.#highest, sequence);
    if (nowUs - this.#lastUs > LEAST_GAP_US) this.gaps.push({ fromUs: this.#lastUs, untilUs: nowUs });
    this.#lastUs = nowUs;
  }

  /** Call at the end: silence that lasts until then is a gap. */
  end(nowUs: number): void {
    if (nowUs - this.#lastUs > LEAST_GAP_US) this.gaps.push({ fromUs: this.#lastUs, untilUs: nowUs });
  }

  get expected(): number {
    return this.#first < 0 ? 0 : this.#highest - this.#first + 1;
  }

  get highestSequence(): number {
    return this.#highest;
  }

  get missing(): number {
    return this.expected - this.#received.size;
  }

  longestGapMs(fromUs = 0, untilUs = Number.POSITIVE_INFINITY): number {
    const within = this.gaps.filter((gap) => gap.untilUs >= fromUs && gap.fromUs <= untilUs);
    return within.reduce((most, gap) => Math.max(most, gap.untilUs - gap.fromUs), 0) / 1000;
  }
}
