/**
 * What this controller knows of the registry without asking it: every definition and placement of the zone, as they were
 * last seen. With the registry away it goes on with this.
 */
import type { MeetingId } from '../../common/ids.ts';
import type { BlockId } from '../../global-controller/blocks/meeting-ids.ts';
import type { MeetingDefinition, MeetingPlacement, ZoneRecords } from './records.ts';
import type { RegistryView } from './registry-view.ts';

export class ZoneMirror {
  readonly #definitions = new Map<MeetingId, MeetingDefinition>();
  readonly #placements = new Map<MeetingId, MeetingPlacement>();
  readonly #records: ZoneRecords;
  readonly #placed: (meeting: MeetingId, placement: MeetingPlacement | undefined) => void;
  readonly #defined: (meeting: MeetingId, definition: MeetingDefinition | undefined) => void;
  readonly #blockSeen: (block: BlockId) => void;
  readonly #blocks = new Set<BlockId>();
  #views: readonly RegistryView[] = [];
  #isListed = false;

  /** `placed` and `defined` are told of each record that changes; undefined: it is gone, or cannot be read. `blockSeen`: of each block. */
  constructor(
    records: ZoneRecords,
    placed: (meeting: MeetingId, placement: MeetingPlacement | undefined) => void,
    defined: (meeting: MeetingId, definition: MeetingDefinition | undefined) => void = () => undefined,
    blockSeen: (block: BlockId) => void = () => undefined,
  ) {
    this.#records = records;
    this.#placed = placed;
    this.#defined = defined;
    this.#blockSeen = blockSeen;
  }

  start(): void {
    this.#views = [
      this.#records.viewDefinitions((meeting, definition) => {
        set(this.#definitions, meeting, definition);
        this.#defined(meeting, definition);
      }),
      this.#records.viewBlocks((block, record) => {
        if (record === undefined) return;
        this.#blocks.add(block);
        this.#blockSeen(block);
      }),
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

  /** Blocks of meeting ids that the zone has, as far as that was written. */
  get blocks(): ReadonlySet<BlockId> {
    return this.#blocks;
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
