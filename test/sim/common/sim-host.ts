/** A process. Killed, it forgets what it was about to do; frozen, it does that when it is thawed. */
import type { SimClock } from './sim-clock.ts';

export class SimHost {
  readonly name: string;
  readonly #clock: SimClock;
  /** Counts processes of this name. */
  incarnation = 1;
  isAlive = true;
  isFrozen = false;
  #held: (() => void)[] = [];

  constructor(name: string, clock: SimClock) {
    this.name = name;
    this.#clock = clock;
  }

  /** Now, or once it is thawed; never when that process is gone. */
  run(work: () => void, incarnation = this.incarnation): void {
    if (!this.isAlive || incarnation !== this.incarnation) return;
    if (this.isFrozen) {
      this.#held.push(() => this.run(work, incarnation));
      return;
    }
    work();
    this.#clock.stir();
  }

  after(delayMs: number, work: () => void): void {
    const { incarnation } = this;
    this.#clock.after(delayMs, () => this.run(work, incarnation));
  }

  /** The first after `everyMs`. */
  each(everyMs: number, work: () => void): void {
    this.after(everyMs, () => {
      this.each(everyMs, work);
      work();
    });
  }

  kill(): void {
    this.isAlive = false;
    this.isFrozen = false;
    this.#held = [];
  }

  restart(): void {
    this.kill();
    this.incarnation++;
    this.isAlive = true;
  }

  freeze(): void {
    this.isFrozen = this.isAlive;
  }

  thaw(): void {
    if (!this.isFrozen) return;
    this.isFrozen = false;
    const held = this.#held;
    this.#held = [];
    for (const work of held) this.run(work);
  }
}
