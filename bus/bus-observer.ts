/** What happens on a bus, as counts of few kinds: fit for Prometheus however many zones and subjects there are. */

/** Why something that arrived was dropped. Closed: each dropped message ends in exactly one. */
export type DropReason =
  | 'oversized'
  | 'unknownVersion'
  | 'malformed'
  /** Signed for another subject, key or inbox than it came by. */
  | 'misaddressed'
  /** Signed as something else, e.g. an answer that comes as a message. */
  | 'wrongKind'
  /** Signed by a zone that does not speak there. */
  | 'notTheirs'
  /** Its time is too far from ours, in either direction. */
  | 'stale'
  | 'unknownSender'
  | 'wrongSignature'
  | 'replayed'
  /** More of one zone within the time of replays than can be remembered. */
  | 'tooMany'
  /** An answer that nobody waits for: too late, or never asked for. */
  | 'unexpected'
  /** A value of a key that is older than the one it replaces. */
  | 'rolledBack'
  /** The subscriber did not keep up. */
  | 'slowSubscriber';

/** Why something was not sent. */
export type UnsentReason =
  | 'away'
  /** The server takes less than we send. */
  | 'congested'
  /** The server says that we may not. */
  | 'refused';

export interface BusObserver {
  sent(): void;
  received(): void;
  dropped(reason: DropReason): void;
  unsent(reason: UnsentReason): void;
  /** The connection went away. */
  lost(): void;
}

/** Counts since the start of the process. */
export class BusCounters implements BusObserver {
  sentCount = 0;
  receivedCount = 0;
  lostCount = 0;
  readonly droppedByReason = new Map<DropReason, number>();
  readonly unsentByReason = new Map<UnsentReason, number>();

  sent(): void {
    this.sentCount++;
  }

  received(): void {
    this.receivedCount++;
  }

  dropped(reason: DropReason): void {
    this.droppedByReason.set(reason, (this.droppedByReason.get(reason) ?? 0) + 1);
  }

  unsent(reason: UnsentReason): void {
    this.unsentByReason.set(reason, (this.unsentByReason.get(reason) ?? 0) + 1);
  }

  lost(): void {
    this.lostCount++;
  }
}
