/**
 * Ids for new meetings, out of the zone's blocks. A controller that knows no block, because the bus has never been there since the zone
 * was set up, makes ids at random: such meetings can be joined here, but no other zone finds them.
 */
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { IdBlocks } from '../../global-controller/blocks/id-blocks.ts';
import { type BlockId, blockOf } from '../../global-controller/blocks/meeting-ids.ts';
import { randomMeetingId } from '../meeting/meeting-id.ts';

export class MeetingIds {
  readonly #own: ZoneId;
  readonly #random: () => number;
  readonly #blocks: IdBlocks;
  /** Ids that exist. */
  readonly #defined = new Set<MeetingId>();

  /** `secret`: SECRET_BYTES random bytes. `random`: 0 ≤ result < 1 */
  constructor(own: ZoneId, secret: Uint8Array, random: () => number) {
    this.#own = own;
    this.#random = random;
    this.#blocks = new IdBlocks(secret);
  }

  /** A block is this zone's. */
  putBlock(block: BlockId, zone: ZoneId): void {
    if (zone !== this.#own || this.#blocks.held.some((held) => held.block === block)) return;
    this.#blocks.add(block);
    for (const meeting of this.#defined) if (blockOf(meeting) === block) this.#blocks.count(meeting, 1);
  }

  /** A meeting exists, or does not any more. */
  defined(meeting: MeetingId, exists: boolean): void {
    if (this.#defined.has(meeting) === exists) return;
    this.#blocks.count(meeting, exists ? 1 : -1);
    if (exists) this.#defined.add(meeting);
    else this.#defined.delete(meeting);
  }

  /** That the zone has. */
  get blocks(): BlockId[] {
    return this.#blocks.held.map(({ block }) => block);
  }

  /** How many blocks the zone has, and how many more it should take. */
  get counts(): { readonly held: number; readonly needed: number } {
    return { held: this.#blocks.held.length, needed: this.#blocks.needed };
  }

  /** Free, as far as this controller knows. @throws ZonecastError `blocksExhausted` when the blocks are full */
  draw(): MeetingId {
    return this.#blocks.held.length === 0 ? randomMeetingId() : this.#blocks.draw(this.#random());
  }
}
