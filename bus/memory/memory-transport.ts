/** One bus's way to a MemoryHub: for a system that lives in one process, and for tests. */
import { ZonecastError } from '../../common/errors.ts';
import type {
  FollowReceiver,
  Store,
  SubscriptionReceiver,
  Transport,
  TransportListener,
  TransportSubscription,
} from '../transport.ts';
import type { Hub } from './memory-hub.ts';

export class MemoryTransport implements Transport {
  readonly #hub: Hub;
  readonly #closers = new Set<() => void>();
  #isClosed = false;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  get isConnected(): boolean {
    return this.#hub.isUp && !this.#isClosed;
  }

  attach(listener: TransportListener): void {
    this.#closers.add(this.#hub.onChange(() => listener.stateChanged(this.#hub.isUp)));
  }

  publish(subject: string, bytes: Uint8Array, reply?: string): 'sent' | 'away' {
    if (!this.isConnected) return 'away';
    this.#hub.publish(subject, bytes, reply);
    return 'sent';
  }

  subscribe(pattern: string, queue: string | undefined, receiver: SubscriptionReceiver): TransportSubscription {
    const stopListening = this.#hub.listen({ pattern, queue, receive: (delivery) => receiver.receive(delivery) });
    const active = this.isConnected ? Promise.resolve() : this.#nextConnection();
    let hasHeld = this.isConnected;
    const stopWatching = this.#hub.onChange(() => {
      if (!this.isConnected) return;
      if (hasHeld) receiver.resumed?.();
      hasHeld = true;
    });
    const close = this.#closer(() => {
      stopListening();
      stopWatching();
    });
    return { active, close };
  }

  store(name: string): Store {
    const bucket = this.#hub.bucket(name);
    return {
      provision: async () => this.#check(),
      last: async (key) => {
        this.#check();
        return bucket.last(key);
      },
      append: async (key, bytes, expected) => {
        this.#check();
        return bucket.append(key, bytes, expected);
      },
      purge: async (key, revision) => {
        this.#check();
        return bucket.purge(key, revision);
      },
      follow: (receiver) => ({ close: this.#follow(name, receiver) }),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const close of this.#closers) close();
  }

  #follow(name: string, receiver: FollowReceiver): () => void {
    let stop: () => void = () => undefined;
    const turn = (): void => {
      stop();
      if (this.isConnected) stop = this.#hub.bucket(name).follow(receiver);
    };
    const forget = this.#hub.onChange(turn);
    turn();
    return this.#closer(() => {
      forget();
      stop();
    });
  }

  #nextConnection(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#closer(
        this.#hub.onChange(() => {
          if (!this.isConnected) return;
          stop();
          resolve();
        }),
      );
    });
  }

  #closer(inner: () => void): () => void {
    const close = (): void => {
      this.#closers.delete(close);
      inner();
    };
    this.#closers.add(close);
    return close;
  }

  #check(): void {
    if (!this.isConnected) throw new ZonecastError('busUnavailable', 'The bus between the zones does not answer.');
  }
}
