/** Virtual time. What is due runs in order of time; promises that it settles are followed up before time goes on. */
import { TimeHeap } from '../network/time-heap.ts';

export class SimClock {
  nowMs = 0;
  readonly #due = new TimeHeap<() => void>();
  #isStirred = false;

  after(delayMs: number, run: () => void): void {
    this.#due.push(this.nowMs + delayMs, run);
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) =>
      this.after(delayMs, () => {
        this.stir();
        resolve();
      }),
    );
  }

  /** A promise is settled, or something that goes on by promises was called. */
  stir(): void {
    this.#isStirred = true;
  }

  async run(untilMs: number): Promise<void> {
    while (this.#due.size > 0 && this.#due.firstUs <= untilMs) {
      this.nowMs = this.#due.firstUs;
      this.#due.pop()();
      while (this.#isStirred) {
        this.#isStirred = false;
        await settled();
      }
    }
    this.nowMs = untilMs;
  }
}

/** Ticks come after all microtasks, those included that microtasks make; and the event loop is not asked. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
