/** The homes of all meetings, as last seen: the table of blocks, and what says otherwise. */
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { type BlockId, blockOf } from '../blocks/meeting-ids.ts';
import type { Home, HomeRecord } from './home-record.ts';

export class MeetingDirectory {
  readonly #blocks = new Map<BlockId, ZoneId>();
  readonly #homes = new Map<MeetingId, HomeRecord>();

  /** A block belongs to the first that had it, for ever. False: it is another's. */
  putBlock(block: BlockId, zone: ZoneId): boolean {
    const owner = this.#blocks.get(block) ?? zone;
    this.#blocks.set(block, owner);
    return owner === zone;
  }

  /** False: what is known is as new, or newer. */
  putHome(meeting: MeetingId, record: HomeRecord): boolean {
    const isNewer = record.term > (this.#homes.get(meeting)?.term ?? 0);
    if (isNewer) this.#homes.set(meeting, record);
    return isNewer;
  }

  /** The meeting is not defined any more. */
  forgetHome(meeting: MeetingId): void {
    this.#homes.delete(meeting);
  }

  /** undefined: nobody has its block, so there is no such meeting. */
  home(meeting: MeetingId): Home | undefined {
    const block = this.blockZone(meeting);
    return this.#homes.get(meeting) ?? (block && { zone: block, term: 0 });
  }

  /** Whose block the id is of. */
  blockZone(meeting: MeetingId): ZoneId | undefined {
    return this.#blocks.get(blockOf(meeting));
  }

  isBlockTaken(block: BlockId): boolean {
    return this.#blocks.has(block);
  }

  /** The meetings whose home is not, or was not always, that of their block. */
  get moved(): readonly MeetingId[] {
    return [...this.#homes.keys()];
  }
}

/** The right one of two that disagree. Compare-and-swap makes no two of a term; if there were, all would take the same. */
export function newerHome(a: Home, b: Home): Home {
  if (a.term !== b.term) return a.term > b.term ? a : b;
  return a.zone <= b.zone ? a : b;
}
