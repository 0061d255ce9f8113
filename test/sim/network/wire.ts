/** A link in the world: asks for the time when the link wants it. */
import type { Link } from './link.ts';
import type { LinkConditions } from './link-conditions.ts';

export interface WireClock {
  readonly nowUs: number;
  at(timeUs: number, action: () => void): void;
}

export class Wire<Item> {
  readonly link: Link<Item>;
  readonly #clock: WireClock;
  readonly #deliver: (item: Item, sizeBytes: number, queuedUs: number) => void;
  #armedUs = Number.POSITIVE_INFINITY;
  readonly #wake = () => this.#handleTimeout();

  constructor(clock: WireClock, link: Link<Item>, deliver: (item: Item, sizeBytes: number, queuedUs: number) => void) {
    this.#clock = clock;
    this.link = link;
    this.#deliver = deliver;
  }

  /** `sizeBytes` with the IP and UDP headers. */
  send(item: Item, sizeBytes: number): void {
    this.link.send(this.#clock.nowUs, item, sizeBytes);
    this.#arm();
  }

  change(conditions: Partial<LinkConditions>): void {
    this.link.change(this.#clock.nowUs, conditions);
    this.#arm();
  }

  #handleTimeout(): void {
    // A wake-up that an earlier one has replaced.
    if (this.#clock.nowUs < this.#armedUs) return;
    this.#armedUs = Number.POSITIVE_INFINITY;
    this.link.handleTimeout(this.#clock.nowUs, ({ item, sizeBytes, queuedUs }) =>
      this.#deliver(item, sizeBytes, queuedUs),
    );
    this.#arm();
  }

  #arm(): void {
    const dueUs = this.link.nextTimeoutUs();
    if (dueUs >= this.#armedUs) return;
    this.#armedUs = dueUs;
    this.#clock.at(dueUs, this.#wake);
  }
}
