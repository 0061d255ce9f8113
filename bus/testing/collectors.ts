/** Listeners for tests that keep what they are told, and let a test wait for it. */
import type { BucketChange, BucketWatcher } from '../bucket.ts';
import type { BusMessage, Subscriber } from '../bus.ts';

/** Resolves promises when a condition, asked after each change, becomes true. */
class Waiting {
  readonly #waiting = new Set<{ readonly isDone: () => boolean; readonly resolve: () => void }>();

  until(isDone: () => boolean): Promise<void> {
    if (isDone()) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add({ isDone, resolve });
    return promise;
  }

  changed(): void {
    for (const waiter of this.#waiting) {
      if (!waiter.isDone()) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }
}

export class MessageCollector implements Subscriber {
  readonly messages: BusMessage[] = [];
  /** Payloads, and `{ gap }` where one was told. */
  readonly events: unknown[] = [];
  readonly #waiting = new Waiting();

  message(message: BusMessage): void {
    this.messages.push(message);
    this.events.push(message.payload);
    this.#waiting.changed();
  }

  gap(lost: number | undefined): void {
    this.events.push({ gap: lost });
    this.#waiting.changed();
  }

  async has(count: number): Promise<unknown[]> {
    await this.#waiting.until(() => this.messages.length >= count);
    return this.messages.map(({ payload }) => payload);
  }

  until(isDone: () => boolean): Promise<void> {
    return this.#waiting.until(isDone);
  }
}

export class BucketCollector implements BucketWatcher {
  readonly changes: BucketChange[] = [];
  completed = 0;
  /** What exists now, as told. */
  readonly values = new Map<string, unknown>();
  readonly #waiting = new Waiting();

  changed(change: BucketChange): void {
    this.changes.push(change);
    if (change.type === 'put') this.values.set(change.entry.key, change.entry.value);
    else this.values.delete(change.key);
    this.#waiting.changed();
  }

  complete(): void {
    this.completed++;
    this.#waiting.changed();
  }

  until(isDone: () => boolean): Promise<void> {
    return this.#waiting.until(isDone);
  }

  /** Changes so far, short: `key=value` or `-key`. */
  get story(): string[] {
    return this.changes.map((change) =>
      change.type === 'put' ? `${change.entry.key}=${JSON.stringify(change.entry.value)}` : `-${change.key}`,
    );
  }
}
