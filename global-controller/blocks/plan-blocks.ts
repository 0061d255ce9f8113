/** How many blocks a zone should have, and which to take next. Whoever takes one creates its key: of two, one succeeds. */
import { BLOCK_SIZE } from './block-numbers.ts';
import { BLOCK_COUNT, type BlockId, blockAt } from './meeting-ids.ts';

/** Blocks with room that a zone has: it makes meetings from one while it waits, however long, for the next. */
export const BLOCKS_AHEAD = 2;
/** Beyond this share of ids in use a draw would hit one that is taken every other time: the block has no room. */
const FULL_SHARE = 0.5;

export interface HeldBlock {
  readonly block: BlockId;
  /** Ids of it that exist. */
  readonly used: number;
}

export function hasRoom({ used }: HeldBlock): boolean {
  return used < BLOCK_SIZE * FULL_SHARE;
}

/** How many more blocks the zone should take now. */
export function blocksNeeded(held: readonly HeldBlock[], ahead: number = BLOCKS_AHEAD): number {
  return Math.max(0, ahead - held.filter(hasRoom).length);
}

/**
 * A block that nobody has: the first free one from a random start, so that zones that choose at the same time choose
 * different ones. `random`: 0 ≤ random < 1. undefined: all are taken.
 */
export function chooseBlock(isTaken: (block: BlockId) => boolean, random: number): BlockId | undefined {
  const start = Math.floor(random * BLOCK_COUNT);
  for (let step = 0; step < BLOCK_COUNT; step++) {
    const block = blockAt((start + step) % BLOCK_COUNT);
    if (!isTaken(block)) return block;
  }
  return undefined;
}

/** The block that the next id comes from: one with room, by `random` (0 ≤ random < 1). undefined: none has. */
export function drawBlock(held: readonly HeldBlock[], random: number): BlockId | undefined {
  const open = held.filter(hasRoom);
  return open[Math.floor(random * open.length)]?.block;
}
