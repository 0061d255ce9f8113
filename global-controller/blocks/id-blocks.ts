/**
 * The blocks of one zone, and the ids that come out of them. Each controller of the zone has one of these with a
 * secret of its own: what two of them draw differs, and the registry refuses an id that exists. Then the next is drawn.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import { BLOCK_SIZE, BlockNumbers } from './block-numbers.ts';
import { type BlockId, blockOf, meetingIdOf } from './meeting-ids.ts';
import { blocksNeeded, drawBlock, type HeldBlock } from './plan-blocks.ts';

interface Held {
  used: number;
  /** How many of its numbers were drawn here; after the last begins the first again. */
  drawn: number;
}

export class IdBlocks {
  readonly #numbers: BlockNumbers;
  readonly #held = new Map<BlockId, Held>();

  /** `secret`: SECRET_BYTES random bytes. */
  constructor(secret: Uint8Array) {
    this.#numbers = new BlockNumbers(secret);
  }

  /** The zone has this block. Blocks are never given back. */
  add(block: BlockId): void {
    if (!this.#held.has(block)) this.#held.set(block, { used: 0, drawn: 0 });
  }

  /** A meeting exists, or no more; ids of others' blocks do not count. */
  count(meeting: MeetingId, change: 1 | -1): void {
    const held = this.#held.get(blockOf(meeting));
    if (held !== undefined) held.used += change;
  }

  get held(): HeldBlock[] {
    return [...this.#held].map(([block, { used }]) => ({ block, used }));
  }

  /** How many more the zone should take. */
  get needed(): number {
    return blocksNeeded(this.held);
  }

  /**
   * An id that is free, as far as this controller knows. `random`: 0 ≤ random < 1, chooses the block.
   * @throws ZonecastError `blocksExhausted` when no block has room
   */
  draw(random: number): MeetingId {
    const block = drawBlock(this.held, random);
    const held = block === undefined ? undefined : this.#held.get(block);
    if (block === undefined || held === undefined) {
      throw new ZonecastError('blocksExhausted', 'The zone has no block of meeting ids with room.');
    }
    const number = this.#numbers.at(held.drawn);
    held.drawn = (held.drawn + 1) % BLOCK_SIZE;
    return meetingIdOf(block, number);
  }
}
