/**
 * What this controller knows of the registry without asking it: every definition and placement of the zone, as they were
 * last seen. With the registry away it goes on with this.
 */
import type { MeetingId } from '../../common/ids.ts';
import type { MeetingDefinition, MeetingPlacement, ZoneRecords } from './records.ts';
import type { RegistryView } from './registry-view.ts';

export class ZoneMirror {
  readonly #definitions = new Map<MeetingId, MeetingDefinition>();
  readonly #placements = new Map<MeetingId, MeetingPlacement>();
  readonly #records: ZoneRecords;
  readonly #placed: (meeting: MeetingId, placement: MeetingPlacement | undefined) => void;
  #views: readonly RegistryView[] = [];
  #isListed = false;

  /** `placed` is told of each placement that changes; undefined: it is gone, or cannot be read. */
  constructor(records: ZoneRecords, placed: (meeting: MeetingId, placement: MeetingPlacement | undefined) => void) {
    this.#records = records;
    this.#placed = placed;
  }

  start(): void {
    this.#views = [
      this.#records.viewDefinitions((meeting, definition) => set(this.#definitions, meeting, definition)),
      this.#records.viewPlacements((meeting, placement) => {
        set(this.#placements, meeting, placement);
        this.#placed(meeting, placement);
      }),
    ];
    void Promise.all(this.#views.map((view) => view.listed)).then(() => {
      this.#isListed = true;
    });
  }

  get definitions(): ReadonlyMap<MeetingId, MeetingDefinition> {
    return this.#definitions;
  }

  get placements(): ReadonlyMap<MeetingId, MeetingPlacement> {
    return this.#placements;
  }

  /** Whether everything was known once. */
  get isListed(): boolean {
    return this.#isListed;
  }

  close(): void {
    for (const view of this.#views) view.close();
  }
}

function set<Value>(map: Map<MeetingId, Value>, meeting: MeetingId, value: Value | undefined): void {
  if (value === undefined) map.delete(meeting);
  else map.set(meeting, value);
}
