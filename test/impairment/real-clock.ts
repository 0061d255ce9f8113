/** The clock of wires on real time; Node's timers have a resolution of a millisecond, which is what links are off by. */
import type { WireClock } from '../sim/network/wire.ts';

export class RealClock implements WireClock {
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  get nowUs(): number {
    return performance.now() * 1000;
  }

  /** Never early: a timer that fires before its time is set again. */
  at(timeUs: number, action: () => void): void {
    if (this.#closed) return;
    if (timeUs === Number.POSITIVE_INFINITY) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        if (this.nowUs < timeUs) this.at(timeUs, action);
        else action();
      },
      Math.max(0, (timeUs - this.nowUs) / 1000),
    );
    this.#timers.add(timer);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
