/**
 * The meetings of this router with their epochs. An epoch of a meeting ends for good: by a higher one, or when the meeting
 * is closed; commands of an epoch that is over are refused.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import { EpochTable } from './epoch-table.ts';
import { type EventSink, LiveMeeting, type MeetingPeers } from './live-meeting.ts';

/** Empty meetings are kept for the zone to end them; when there are too many, the oldest ones end by themselves. */
const MAX_EMPTY = 10_000;

export class LiveMeetings {
  readonly #sink: EventSink;
  readonly #peers: MeetingPeers;
  readonly #epochs = new EpochTable();
  readonly #meetings = new Map<MeetingId, LiveMeeting>();

  constructor(sink: EventSink, peers: MeetingPeers) {
    this.#sink = sink;
    this.#peers = peers;
  }

  get all(): Iterable<LiveMeeting> {
    return this.#meetings.values();
  }

  get(meeting: MeetingId): LiveMeeting | undefined {
    return this.#meetings.get(meeting);
  }

  /** @throws ZonecastError `staleEpoch` when that epoch is over */
  checkEpoch(meeting: MeetingId, epoch: number): void {
    const seen = this.#epochs.check(meeting, epoch);
    if (seen === undefined) return;
    throw new ZonecastError('staleEpoch', `epoch ${epoch} of meeting ${meeting} is over: the next is ${seen}`);
  }

  /**
   * The meeting under an epoch that has been checked. After a higher one it goes on with those who are here: either they
   * are still meant to be, or they have gone elsewhere, and the checks of their connections tell soon.
   */
  under(meeting: MeetingId, epoch: number): LiveMeeting {
    const present = this.#meetings.get(meeting);
    if (present === undefined) return this.open(meeting, epoch);
    if (present.epoch < epoch) present.raise(epoch);
    return present;
  }

  /** Makes a meeting whose epoch has been checked. */
  open(meeting: MeetingId, epoch: number): LiveMeeting {
    const live = new LiveMeeting(meeting, epoch, this.#sink, this.#peers);
    this.#meetings.delete(meeting);
    this.#meetings.set(meeting, live);
    this.#endSurplus();
    return live;
  }

  /**
   * Nobody may come any more under this epoch, which has been checked, whether the meeting is here or not: a join of it may
   * still be under way. One that is here is gone when the last one has left.
   */
  end(meeting: MeetingId, epoch: number): void {
    this.#epochs.check(meeting, epoch + 1);
    const live = this.#meetings.get(meeting);
    if (live === undefined) return;
    live.isOver = true;
    this.settle(live);
  }

  /** Somebody has left. */
  settle(live: LiveMeeting): void {
    if (live.isOver && live.isUnused) this.#forget(live);
  }

  #forget(live: LiveMeeting): void {
    if (this.#meetings.get(live.id) !== live) return;
    this.#meetings.delete(live.id);
    this.#peers.forgotten(live.id);
  }

  /** Looked at only when there are more meetings than may be empty; people bound the number of the others. */
  #endSurplus(): void {
    if (this.#meetings.size <= MAX_EMPTY) return;
    const empty = [...this.#meetings.values()].filter((live) => live.isDeserted);
    for (const live of empty.slice(0, Math.max(0, empty.length - MAX_EMPTY))) this.end(live.id, live.epoch);
  }
}
