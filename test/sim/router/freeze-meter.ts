/** How smoothly pictures come: freezes as webrtc-stats defines them (freezeCount, totalFreezesDuration). */
const WINDOW_FRAMES = 30;

export interface Freeze {
  readonly fromUs: number;
  readonly untilUs: number;
}

export class FreezeMeter {
  frames = 0;
  readonly freezes: Freeze[] = [];
  #lastUs = Number.NaN;
  readonly #intervalsUs: number[] = [];

  /** A picture is shown. */
  show(nowUs: number): void {
    this.frames++;
    const sinceUs = nowUs - this.#lastUs;
    if (!Number.isNaN(sinceUs)) this.#judge(nowUs, sinceUs);
    this.#lastUs = nowUs;
  }

  /** Nothing is meant to be shown for now: the gap to the next picture is no freeze. */
  rest(): void {
    this.#lastUs = Number.NaN;
    this.#intervalsUs.length = 0;
  }

  /** Call at the end: a picture that stands still by then is frozen. */
  end(nowUs: number): void {
    if (!Number.isNaN(this.#lastUs)) this.#judge(nowUs, nowUs - this.#lastUs);
  }

  longestMs(fromUs = 0, untilUs = Number.POSITIVE_INFINITY): number {
    return (
      this.#within(fromUs, untilUs).reduce((most, freeze) => Math.max(most, freeze.untilUs - freeze.fromUs), 0) / 1000
    );
  }

  totalMs(fromUs = 0, untilUs = Number.POSITIVE_INFINITY): number {
    return this.#within(fromUs, untilUs).reduce((sum, freeze) => sum + freeze.untilUs - freeze.fromUs, 0) / 1000;
  }

  #within(fromUs: number, untilUs: number): Freeze[] {
    return this.freezes.filter((freeze) => freeze.untilUs >= fromUs && freeze.fromUs <= untilUs);
  }

  #judge(nowUs: number, sinceUs: number): void {
    const count = this.#intervalsUs.length;
    const averageUs = count === 0 ? 33_333 : this.#intervalsUs.reduce((sum, us) => sum + us, 0) / count;
    if (sinceUs >= Math.max(3 * averageUs, averageUs + 150_000)) {
      this.freezes.push({ fromUs: nowUs - sinceUs, untilUs: nowUs });
      return;
    }
    this.#intervalsUs.push(sinceUs);
    if (count >= WINDOW_FRAMES) this.#intervalsUs.shift();
  }
}
