/** Where meetings are in those zones that are next to this one in some tree. A zone is watched from when it first is. */
import type { Bus } from '../../bus/bus.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { type PresenceRecord, presenceBucket, presenceRecord } from '../../global-controller/buckets.ts';
import { type WatchedRecords, watchRecords } from '../../global-controller/mirror/watch-records.ts';
import { withMeeting } from '../../global-controller/mirror/world-records.ts';
import type { Kept } from '../../global-controller/world/meeting-world.ts';

interface Watched {
  watch: WatchedRecords;
  readonly presences: Map<MeetingId, Kept<PresenceRecord>>;
}

export class NeighbourPresences {
  readonly #bus: Bus;
  readonly #changed: (meeting: MeetingId) => void;
  readonly #log: Logger;
  readonly #zones = new Map<ZoneId, Watched>();

  constructor(bus: Bus, changed: (meeting: MeetingId) => void, log: Logger) {
    this.#bus = bus;
    this.#changed = changed;
    this.#log = log;
  }

  /** As far as it is known; the first question about a zone begins to find out. */
  get(zone: ZoneId, meeting: MeetingId): Kept<PresenceRecord> | undefined {
    const watched = this.#zones.get(zone);
    if (watched !== undefined) return watched.presences.get(meeting);
    const presences = new Map<MeetingId, Kept<PresenceRecord>>();
    this.#zones.set(zone, { presences, watch: this.#watch(zone, presences) });
    return undefined;
  }

  /** What the zone has signed is believed from now on, which it was not before. */
  readAgain(zone: ZoneId): void {
    const watched = this.#zones.get(zone);
    if (watched === undefined) return;
    watched.watch.close();
    watched.watch = this.#watch(zone, watched.presences);
  }

  /** The zone is not in the directory any more. */
  forget(zone: ZoneId): void {
    const watched = this.#zones.get(zone);
    this.#zones.delete(zone);
    watched?.watch.close();
    for (const meeting of watched?.presences.keys() ?? []) this.#changed(meeting);
  }

  get malformed(): number {
    return [...this.#zones.values()].reduce((sum, { watch }) => sum + watch.malformed, 0);
  }

  close(): void {
    for (const { watch } of this.#zones.values()) watch.close();
    this.#zones.clear();
  }

  #watch(zone: ZoneId, presences: Map<MeetingId, Kept<PresenceRecord>>): WatchedRecords {
    const set = (key: string, presence: Kept<PresenceRecord> | undefined): void =>
      withMeeting(key, (meeting) => {
        if (presence === undefined) presences.delete(meeting);
        else presences.set(meeting, presence);
        this.#changed(meeting);
      });
    return watchRecords(
      this.#bus,
      {
        bucket: presenceBucket(zone),
        schema: presenceRecord,
        put: (key, value, { revision }) => set(key, { value, revision }),
        gone: (key) => set(key, undefined),
      },
      this.#log,
    );
  }
}
