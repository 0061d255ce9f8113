/** What waits for one subscriber, bounded: at the maximum the oldest goes, and the subscriber is told of the gap. */
import type { Logger } from '../../common/log.ts';
import type { BusMessage, Subscriber } from '../bus.ts';
import type { BusObserver } from '../bus-observer.ts';

export interface DeliveryOptions {
  readonly maxWaiting: number;
  readonly observer: BusObserver;
  readonly log: Logger;
}

export class DeliveryQueue {
  readonly #subscriber: Subscriber;
  readonly #options: DeliveryOptions;
  readonly #waiting: BusMessage[] = [];
  /** Dropped since the last delivery, which were before all that waits. */
  #lost = 0;
  #isBroken = false;
  #isRunning = false;
  #isClosed = false;

  constructor(subscriber: Subscriber, options: DeliveryOptions) {
    this.#subscriber = subscriber;
    this.#options = options;
  }

  push(message: BusMessage): void {
    if (this.#isClosed) return;
    this.#waiting.push(message);
    if (this.#waiting.length > this.#options.maxWaiting) {
      this.#waiting.shift();
      this.#lost++;
      this.#options.observer.dropped('slowSubscriber');
    }
    void this.#run();
  }

  /** The connection was away. Told before whatever still waits, which is early but never late. */
  broken(): void {
    this.#isBroken = true;
    void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    await undefined; // a subscriber never runs inside somebody's publish
    while (!this.#isClosed && (this.#waiting.length > 0 || this.#isBroken)) {
      try {
        this.#tellGaps();
        const message = this.#waiting.shift();
        if (message !== undefined) await this.#subscriber.message(message);
      } catch (error) {
        this.#options.log.error({ err: error }, 'a subscriber of the bus failed');
      }
    }
    this.#isRunning = false;
  }

  #tellGaps(): void {
    const lost = this.#lost;
    const isBroken = this.#isBroken;
    this.#lost = 0;
    this.#isBroken = false;
    if (isBroken) this.#subscriber.gap?.(undefined);
    else if (lost > 0) this.#subscriber.gap?.(lost);
  }
}
