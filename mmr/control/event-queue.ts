/**
 * What waits for one subscriber of the router's events. A reader that stalls never makes the router grow: state
 * (slots, speakers) that is superseded is dropped, and when facts (connected, left, lost) fill the queue, it overflows:
 * the subscriber is told to start again, for after a gap it could not tell what it missed.
 */
import type { Event } from '../../proto/gen/zonecast/router/v1/Event.ts';

export const EVENT_QUEUE_CAPACITY = 8192;

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

  /** Keeps of each meeting's speakers only the last; slots are deltas, of which the later replaces the same mids. */
  #dropSuperseded(): boolean {
    const kept: Event[] = [];
    const seen = new Set<string>();
    for (const event of this.#events.toReversed()) {
      const remaining = event.slots ? withoutSeen(event.slots, seen) : event.slots;
      const key = event.speakers ? `speakers ${event.speakers.meeting}` : undefined;
      if (key !== undefined && seen.has(key)) continue;
      if (key !== undefined) seen.add(key);
      if (remaining === undefined && event.slots) continue;
      kept.push(remaining ? { slots: remaining } : event);
    }
    const dropped = this.#events.length - kept.length;
    this.superseded += dropped;
    this.#events.splice(0, this.#events.length, ...kept.reverse());
    return dropped > 0;
  }
}

/** The entries whose slot no later event names; undefined when none is left. */
function withoutSeen(changed: NonNullable<Event['slots']>, seen: Set<string>): NonNullable<Event['slots']> | undefined {
  const slots = (changed.slots ?? []).filter(({ mid }) => {
    const key = `slot ${changed.participant} ${mid}`;
    const fresh = !seen.has(key);
    seen.add(key);
    return fresh;
  });
  return slots.length === 0 ? undefined : { ...changed, slots };
}
