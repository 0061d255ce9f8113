/** One bus's line to a hub, which can be cut while others go on. */
import type { Hub, Listener, MemoryHub } from '../memory/memory-hub.ts';

export class HubLine implements Hub {
  readonly #hub: MemoryHub;
  readonly #listeners = new Set<() => void>();
  #isCut = false;

  constructor(hub: MemoryHub) {
    this.#hub = hub;
    hub.onChange(() => this.#changed());
  }

  get isUp(): boolean {
    return this.#hub.isUp && !this.#isCut;
  }

  cut(isCut = true): void {
    this.#isCut = isCut;
    this.#changed();
  }

  heal(): void {
    this.cut(false);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  listen(listener: Listener): () => void {
    return this.#hub.listen({ ...listener, receive: (delivery) => this.isUp && listener.receive(delivery) });
  }

  publish(...said: Parameters<MemoryHub['publish']>): void {
    this.#hub.publish(...said);
  }

  bucket(name: string): ReturnType<MemoryHub['bucket']> {
    return this.#hub.bucket(name);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
