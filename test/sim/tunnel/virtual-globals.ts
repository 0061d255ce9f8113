/**
 * Code of browser and daemon that takes time from the globals runs on the world's time: timers, the clock, and the network of a page. For as long as
 * `run` lasts nothing else may need them.
 */
import type { World } from '../world.ts';

export interface Page {
  readonly fetch: typeof fetch;
  readonly WebSocket: typeof WebSocket;
}

class Timer {
  isOver = false;

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

type Action = (...values: unknown[]) => void;

export class VirtualGlobals {
  readonly #world: World;
  readonly #page: Page;

  constructor(world: World, page: Page) {
    this.#world = world;
    this.#page = page;
  }

  async run(untilUs: number): Promise<void> {
    const fakes: Record<string, unknown> = { ...this.#timers(), ...this.#page };
    const originals = Object.keys(fakes).map(
      (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
    );
    const clock = { value: () => this.#world.nowUs / 1000, configurable: true, writable: true };
    Object.defineProperty(performance, 'now', clock);
    for (const [name, value] of Object.entries(fakes)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    try {
      await this.#world.runSettling(untilUs);
    } finally {
      for (const [name, original] of originals) if (original) Object.defineProperty(globalThis, name, original);
      // Its own property hides that of the prototype.
      Reflect.deleteProperty(performance, 'now');
    }
  }

  #timers(): Record<string, unknown> {
    const start = (delayMs: number, action: () => void): Timer => {
      const timer = new Timer();
      this.#world.after(Math.max(0, delayMs) * 1000, () => {
        if (!timer.isOver) action();
      });
      return timer;
    };
    const repeat = (action: Action, delayMs = 0, ...values: unknown[]): Timer => {
      const timer = new Timer();
      const turn = (): void => {
        if (timer.isOver) return;
        action(...values);
        start(delayMs, turn);
      };
      start(delayMs, turn);
      return timer;
    };
    const clear = (timer: unknown): void => {
      if (timer instanceof Timer) timer.isOver = true;
    };
    return {
      // Timers of browsers and of Node are not quicker than a millisecond.
      setTimeout: (action: Action, delayMs = 0, ...values: unknown[]) =>
        start(Math.max(1, delayMs), () => action(...values)),
      setInterval: repeat,
      setImmediate: (action: Action, ...values: unknown[]) => start(0, () => action(...values)),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    };
  }
}
