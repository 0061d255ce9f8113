/**
 * What waits for one subscriber of the router's events. A reader that stalls never makes the router grow: state
 * (slots, speakers, encodings, qualities, load) that is superseded is dropped, and when that gains too little, the queue
 * overflows: the subscriber is told to start again, for after a gap it could not tell what it missed.
 */
import type { Event } from '../../proto/gen/zonecast/router/v1/Event.ts';

export const EVENT_QUEUE_CAPACITY = 8192;
/** Part of a full queue that must be superseded: a search through all of it is to pay for many events. */
const MIN_SUPERSEDED = 1 / 8;

export class EventQueue {
  readonly #events: Event[] = [];
  readonly #capacity: number;
  overflowed = false;
  /** Events that a newer one replaced before they were sent. */
  superseded = 0;

  constructor(capacity: number = EVENT_QUEUE_CAPACITY) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#events.length;
  }

  push(event: Event): void {
    if (this.overflowed) return;
    if (this.#events.length < this.#capacity || this.#dropSuperseded()) this.#events.push(event);
    else this.overflowed = true;
  }

  take(): Event | undefined {
    return this.#events.shift();
  }

  /**
   * Keeps of each meeting's speakers and of each source's encodings only the last; slots and qualities are deltas, of
   * which the later replaces the same entries. False when that makes too little room.
   */
  #dropSuperseded(): boolean {
    const kept: Event[] = [];
    const seen = new Set<string>();
    for (const event of this.#events.toReversed()) {
      const remaining = withoutSeen(event, seen);
      if (remaining !== undefined) kept.push(remaining);
    }
    const dropped = this.#events.length - kept.length;
    this.superseded += dropped;
    this.#events.splice(0, this.#events.length, ...kept.reverse());
    return dropped >= this.#capacity * MIN_SUPERSEDED;
  }
}

/** What of the event no later one replaces, which `seen` knows; undefined when nothing is left. Facts always remain. */
function withoutSeen(event: Event, seen: Set<string>): Event | undefined {
  const { slots, speakers, encodings, quality, load } = event;
  if (load) return isFresh('load', seen) ? event : undefined;
  if (speakers) return isFresh(`speakers ${speakers.meeting}`, seen) ? event : undefined;
  if (encodings) return isFresh(`encodings ${encodings.participant} ${encodings.source}`, seen) ? event : undefined;
  if (slots) {
    const fresh = (slots.slots ?? []).filter(({ mid }) => isFresh(`slot ${slots.participant} ${mid}`, seen));
    return fresh.length === 0 ? undefined : { slots: { ...slots, slots: fresh } };
  }
  if (quality) {
    const fresh = (quality.qualities ?? []).filter(({ participant }) => isFresh(`quality ${participant}`, seen));
    return fresh.length === 0 ? undefined : { quality: { ...quality, qualities: fresh } };
  }
  return event;
}

function isFresh(key: string, seen: Set<string>): boolean {
  const fresh = !seen.has(key);
  seen.add(key);
  return fresh;
}
