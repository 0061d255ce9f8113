/** One audio slot at a receiver: what is missing, and for how long nothing came. */
import { Widener } from '../../../mmr/media/rtp/serial.ts';

export interface Gap {
  readonly fromUs: number;
  readonly untilUs: number;
  /** When the packet that ended it left the router; Infinity: none ended it. */
  readonly sentUs: number;
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

  /** `sentUs`: when it left the router. */
  handlePacket(nowUs: number, sequenceNumber: number, sentUs: number): void {
    const sequence = this.#sequences.widen(sequenceNumber);
    if (this.#received.has(sequence)) return;
    this.#received.add(sequence);
    this.packets++;
    if (this.#first < 0) this.#first = sequence;
    this.#highest = Math.max(this.#highest, sequence);
    this.#noteGap(nowUs, sentUs);
    this.#lastUs = nowUs;
  }

  /** Call at the end: silence that lasts until then is a gap. */
  end(nowUs: number): void {
    this.#noteGap(nowUs, Number.POSITIVE_INFINITY);
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
    return longestMs(this.gaps.filter((gap) => gap.untilUs >= fromUs && gap.fromUs <= untilUs));
  }

  /** Of those that a packet ended which left the router at `fromUs` or later. */
  longestGapSentMs(fromUs: number): number {
    return longestMs(this.gaps.filter((gap) => gap.sentUs >= fromUs));
  }

  #noteGap(nowUs: number, sentUs: number): void {
    if (nowUs - this.#lastUs > LEAST_GAP_US) this.gaps.push({ fromUs: this.#lastUs, untilUs: nowUs, sentUs });
  }
}

function longestMs(gaps: readonly Gap[]): number {
  return gaps.reduce((most, gap) => Math.max(most, gap.untilUs - gap.fromUs), 0) / 1000;
}
