/** The door of one subscription: what is valid and new comes in, the rest is counted. */
import type { BusObserver, DropReason } from '../bus-observer.ts';
import type { ClockCheck } from '../clock-check.ts';
import { decodeEnvelope } from '../envelope/envelope.ts';
import { ReplayWindow } from '../envelope/replay-window.ts';
import type { Unwrapped, Verifier } from '../envelope/verifier.ts';
import type { Sender } from '../sender.ts';
import { inboxOf, isMatch, maySpeak } from '../subjects.ts';
import type { Delivery } from '../transport.ts';

export interface ArrivalsOptions {
  readonly pattern: string;
  readonly kind: 'message' | 'request';
  readonly verifier: Verifier;
  /** Told whether its time is that of others. */
  readonly clock: ClockCheck;
  readonly observer: BusObserver;
}

export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #window = new ReplayWindow();

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** Undefined when it is dropped. */
  take(delivery: Delivery): Unwrapped | undefined {
    const { observer } = this.#options;
    const arrived = this.#check(delivery);
    if (typeof arrived === 'string') {
      observer.dropped(arrived);
      return undefined;
    }
    observer.received();
    return arrived;
  }

  #check({ subject, bytes, reply }: Delivery): Unwrapped | DropReason {
    const { pattern, kind, verifier, clock } = this.#options;
    // NATS can be made to send what is kept in a bucket to whoever listens to something else.
    if (!isMatch(pattern, subject)) return 'misaddressed';
    const isAllowed = ({ zone }: Sender): boolean => maySpeak(zone, subject);
    const message = verifier.unwrap(bytes, { subject, kinds: [kind], isAllowed, isFresh: true });
    if (message === 'stale') this.#heardStale(bytes);
    if (typeof message === 'string') return message;
    const { sender, id } = message;
    clock.heard(sender, true);
    if (kind === 'request' && reply !== `${inboxOf(sender)}.${id}`) return 'misaddressed';
    return this.#window.check(sender.zone, id, performance.now()) ?? message;
  }

  /** Only who may speak here gets as far; who it is was not proved: at worst nothing is written for a while. */
  #heardStale(bytes: Uint8Array): void {
    const envelope = decodeEnvelope(bytes);
    if (typeof envelope !== 'string') this.#options.clock.heard(envelope.sender, false);
  }
}
