/**
 * Sound of one slot between decoder and loudspeaker. It begins when the target is there, and is silent when nothing is left. What
 * is there beyond the target is caught up with: by taking out single periods of the voice, which is not heard as a change of pitch,
 * or silence; and in one step when it is much. So a burst after a stall never makes the delay grow for good.
 *
 * Runs in the audio worklet, on the clock of the loudspeaker.
 */

export const SAMPLE_RATE = 48_000;
/** 2 s: what is pushed beyond it drives out the oldest. */
const CAPACITY = 2 * SAMPLE_RATE;
const SAMPLES_PER_MS = SAMPLE_RATE / 1000;
/** So much beyond the target is skipped at once. */
const SKIP_BEYOND_MS = 300;
/** The least level within this time tells whether there is too much. */
const LOOK_MS = 200;
/** Between two periods that are taken out: 15 ms of 60 at most, a quarter faster. */
const CUT_PAUSE_MS = 60;
const CROSSFADE = 5 * SAMPLES_PER_MS;
/** Periods of voices: 65 to 400 Hz. */
const SHORTEST_LAG = 2.5 * SAMPLES_PER_MS;
const LONGEST_LAG = 15 * SAMPLES_PER_MS;
const LAG_STEP = 8;
/** Below this mean square (−55 dBov) it is silence, of which any part can go. */
const SILENCE = 3e-6;
const FADE = 2.5 * SAMPLES_PER_MS;

/** Where in the stream a chunk of sound begins. */
interface Mark {
  readonly position: number;
  readonly mediaMs: number;
}

export class PlayoutBuffer {
  /** Samples that were skipped or taken out, played, and missing while sound was expected. */
  removed = 0;
  played = 0;
  missing = 0;
  /** Times at which nothing was left. */
  underruns = 0;
  readonly #samples = new Float32Array(CAPACITY);
  /** Positions count samples since the start; `% CAPACITY` is where they stand. */
  #readAt = 0;
  #writeAt = 0;
  #marks: Mark[] = [];
  #targetMs: number;
  #isPlaying = false;
  /** Samples since the last look and cut. */
  #sinceLook = 0;
  #sinceCut = 0;
  #leastLevel = Number.POSITIVE_INFINITY;
  /** Of what was read last, for a soft end. */
  #fadeIn = 0;

  /** @param targetMs what is to be there before it begins */
  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  set targetMs(targetMs: number) {
    this.#targetMs = targetMs;
  }

  /** What is there. */
  get levelMs(): number {
    return (this.#writeAt - this.#readAt) / SAMPLES_PER_MS;
  }

  /** Media time of what is read next; undefined while silent. */
  get mediaMs(): number | undefined {
    if (!this.#isPlaying) return undefined;
    const mark = this.#marks.findLast(({ position }) => position <= this.#readAt);
    return mark === undefined ? undefined : mark.mediaMs + (this.#readAt - mark.position) / SAMPLES_PER_MS;
  }

  /** @param samples one channel at 48 kHz, −1 to 1 */
  push(samples: Float32Array, mediaMs: number): void {
    this.#marks.push({ position: this.#writeAt, mediaMs });
    for (const sample of samples) this.#samples[this.#writeAt++ % CAPACITY] = sample;
    const oldest = this.#writeAt - CAPACITY;
    if (this.#readAt < oldest) this.#skipTo(oldest);
  }

  /** Fills `out` with what is to be heard now. */
  read(out: Float32Array): void {
    this.#begin();
    this.#catchUp(out.length);
    const count = this.#isPlaying ? Math.min(out.length, this.#writeAt - this.#readAt) : 0;
    for (let i = 0; i < count; i++) out[i] = this.#samples[this.#readAt++ % CAPACITY] ?? 0;
    for (let i = 0; i < count && this.#fadeIn > 0; i++, this.#fadeIn--)
      out[i] = (out[i] ?? 0) * (1 - this.#fadeIn / FADE);
    this.played += count;
    if (count < out.length) this.#end(out, count);
    this.#forgetMarks();
  }

  #begin(): void {
    if (this.#isPlaying || this.levelMs < this.#targetMs || this.levelMs === 0) return;
    this.#isPlaying = true;
    this.#fadeIn = FADE;
    this.#leastLevel = Number.POSITIVE_INFINITY;
    this.#sinceLook = 0;
  }

  #end(out: Float32Array, from: number): void {
    out.fill(0, from);
    if (!this.#isPlaying) return;
    const fade = Math.min(FADE, from);
    for (let i = 0; i < fade; i++) out[from - 1 - i] = (out[from - 1 - i] ?? 0) * (i / fade);
    this.#isPlaying = false;
    this.underruns++;
    this.missing += out.length - from;
  }

  #catchUp(elapsed: number): void {
    if (!this.#isPlaying) return;
    if (this.levelMs > this.#targetMs + SKIP_BEYOND_MS) {
      this.#skipTo(Math.floor(this.#writeAt - this.#targetMs * SAMPLES_PER_MS));
      return;
    }
    this.#sinceLook += elapsed;
    this.#sinceCut += elapsed;
    this.#leastLevel = Math.min(this.#leastLevel, this.levelMs);
    if (this.#sinceLook < LOOK_MS * SAMPLES_PER_MS) return;
    const excessMs = this.#leastLevel - this.#targetMs;
    if (excessMs <= 0) {
      this.#leastLevel = Number.POSITIVE_INFINITY;
      this.#sinceLook = 0;
    } else if (this.#sinceCut >= CUT_PAUSE_MS * SAMPLES_PER_MS) {
      this.#sinceCut = 0;
      this.#leastLevel -= this.#cut(excessMs) / SAMPLES_PER_MS;
    }
  }

  #skipTo(position: number): void {
    this.removed += position - this.#readAt;
    this.#readAt = position;
    this.#fadeIn = FADE;
    this.#leastLevel = Number.POSITIVE_INFINITY;
    this.#sinceLook = 0;
  }

  /** @returns samples taken out: one period of the voice, or of silence all that is too much */
  #cut(excessMs: number): number {
    const most = this.#writeAt - this.#readAt - CROSSFADE;
    const excess = Math.floor(Math.min(excessMs, LOOK_MS) * SAMPLES_PER_MS);
    const isSilent = this.#energy(Math.min(excess + CROSSFADE, most)) < SILENCE;
    const lag = isSilent ? Math.min(excess, most) : this.#bestLag(Math.min(LONGEST_LAG, most));
    if (lag <= 0) return 0;
    for (let i = 0; i < CROSSFADE; i++) {
      const weight = i / CROSSFADE;
      const at = (this.#readAt + lag + i) % CAPACITY;
      this.#samples[at] = (1 - weight) * this.#at(i) + weight * (this.#samples[at] ?? 0);
    }
    this.#readAt += lag;
    this.removed += lag;
    return lag;
  }

  /** By how much later it sounds most like now; 0 when there is too little to tell. */
  #bestLag(longest: number): number {
    let best = 0;
    let bestLikeness = Number.NEGATIVE_INFINITY;
    for (let lag = SHORTEST_LAG; lag <= longest; lag += LAG_STEP) {
      let product = 0;
      let energy = 1e-9;
      for (let i = 0; i < CROSSFADE; i += 2) {
        const later = this.#at(lag + i);
        product += this.#at(i) * later;
        energy += later * later;
      }
      const likeness = product / Math.sqrt(energy);
      if (likeness > bestLikeness) {
        bestLikeness = likeness;
        best = lag;
      }
    }
    return best;
  }

  #energy(count: number): number {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += this.#at(i) ** 2;
    return count <= 0 ? 1 : sum / count;
  }

  #at(ahead: number): number {
    return this.#samples[(this.#readAt + ahead) % CAPACITY] ?? 0;
  }

  #forgetMarks(): void {
    const current = this.#marks.findLastIndex(({ position }) => position <= this.#readAt);
    if (current > 0) this.#marks.splice(0, current);
  }
}
