/** Virtual time: everything in a scenario happens in the order of its time, in one loop, without waiting. */
import { Chance } from './network/chance.ts';
import { Link } from './network/link.ts';
import type { LinkChange, LinkConditions } from './network/link-conditions.ts';
import { TimeHeap } from './network/time-heap.ts';
import { Wire } from './network/wire.ts';

export class World {
  readonly seed: number;
  /** µs since the scenario began. */
  nowUs = 0;
  readonly #events = new TimeHeap<() => void>();

  constructor(seed: number) {
    this.seed = seed;
  }

  chance(part: string): Chance {
    return new Chance(this.seed, part);
  }

  /** Times in the past mean now. */
  at(timeUs: number, action: () => void): void {
    this.#events.push(Math.max(timeUs, this.nowUs), action);
  }

  after(delayUs: number, action: () => void): void {
    this.at(this.nowUs + delayUs, action);
  }

  /** From `fromUs` on, until the world ends. */
  every(periodUs: number, fromUs: number, action: () => void): void {
    let dueUs = fromUs;
    const turn = () => {
      action();
      dueUs += periodUs;
      this.at(dueUs, turn);
    };
    this.at(fromUs, turn);
  }

  /** One direction of a path; `part` names its random draws. */
  wire<Item>(
    part: string,
    conditions: Partial<LinkConditions>,
    schedule: readonly LinkChange[],
    deliver: (item: Item, sizeBytes: number, queuedUs: number) => void,
  ): Wire<Item> {
    const wire = new Wire<Item>(this, new Link<Item>(conditions, this.chance(part), this.nowUs), deliver);
    for (const { atMs, conditions: changed } of schedule) this.at(atMs * 1000, () => wire.change(changed));
    return wire;
  }

  run(untilUs: number): void {
    while (this.#events.firstUs <= untilUs) {
      this.nowUs = this.#events.firstUs;
      this.#events.pop()();
    }
    this.nowUs = untilUs;
  }

  /** The same for code that goes on by promises: what an event has settled is followed up before time goes on. */
  async runSettling(untilUs: number): Promise<void> {
    while (this.#events.firstUs <= untilUs) {
      this.nowUs = this.#events.firstUs;
      this.#events.pop()();
      // Ticks come after all microtasks, those included that microtasks make.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.nowUs = untilUs;
  }
}
