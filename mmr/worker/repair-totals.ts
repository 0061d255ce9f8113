/**
 * Counts of what participants keep about themselves, that go on when participants leave: monitoring wants sums that never
 * fall. Read about once a second, so what somebody did in the last second before he left is missed.
 */
import type { MeetingParticipant } from '../media/meeting-participant.ts';
import type { RepairCounts } from './messages.ts';

type Counts = { -readonly [Name in keyof RepairCounts]: number };

const ZERO: RepairCounts = {
  nacked: 0,
  repaired: 0,
  keyframes: 0,
  keyframesRequested: 0,
  keyframesAsked: 0,
  layerChanges: 0,
};
// The cast: the object has no other keys.
const NAMES = Object.keys(ZERO) as (keyof RepairCounts)[];

export type CountedParticipant = Pick<MeetingParticipant, 'sources' | 'allocator'> & {
  readonly transport: { readonly rtcp: { readonly keyframesAsked: number } };
};

export class RepairTotals {
  readonly #totals: Counts = { ...ZERO };
  /** As last seen, of those who are there. */
  readonly #seen = new WeakMap<CountedParticipant, RepairCounts>();

  get totals(): RepairCounts {
    return this.#totals;
  }

  /** Adds what has happened to these participants since they were last counted. */
  count(participants: Iterable<CountedParticipant>): void {
    for (const participant of participants) {
      const before = this.#seen.get(participant) ?? ZERO;
      const now = countsOf(participant);
      // A stream that begins anew counts from 0 again.
      for (const name of NAMES) this.#totals[name] += Math.max(0, now[name] - before[name]);
      this.#seen.set(participant, now);
    }
  }
}

function countsOf({ sources, allocator, transport }: CountedParticipant): RepairCounts {
  const counts: Counts = { ...ZERO, keyframesAsked: transport.rtcp.keyframesAsked, layerChanges: allocator.changes };
  for (const source of sources) {
    for (const { stream } of source.encodings) {
      if (stream === undefined) continue;
      counts.nacked += stream.nack?.requested ?? 0;
      counts.repaired += stream.nack?.repaired ?? 0;
      counts.keyframes += stream.keyframes;
      counts.keyframesRequested += stream.keyframeRequest.sent;
    }
  }
  return counts;
}
