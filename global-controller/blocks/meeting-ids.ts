/**
 * Meeting ids by blocks: five digits that say whose the block is, five of the zone's choice, a check digit. So a zone makes
 * ids without asking anybody, and everybody who has the table of blocks can tell an id's home.
 */
import type { MeetingId } from '../../common/ids.ts';
import { checkDigit } from '../../zone-controller/meeting/meeting-id.ts';
import { BLOCK_SIZE } from './block-numbers.ts';

declare const brand: unique symbol;
/** Five digits without a leading zero, as in the keys of the bucket `blocks`. */
export type BlockId = string & { readonly [brand]: 'BlockId' };

const FIRST_BLOCK = 10_000;
/** There are no more in all: an id has no leading zero. */
export const BLOCK_COUNT = 90_000;
const BLOCK_DIGITS = 5;

/** `index`: 0 … BLOCK_COUNT - 1. */
export function blockAt(index: number): BlockId {
  return String(FIRST_BLOCK + index) as BlockId; // five digits
}

/** undefined: no block's. */
export function readBlock(text: string): BlockId | undefined {
  return /^[1-9]\d{4}$/.test(text) ? (text as BlockId) : undefined;
}

/** `number`: 0 … BLOCK_SIZE - 1. */
export function meetingIdOf(block: BlockId, number: number): MeetingId {
  if (!Number.isInteger(number) || number < 0 || number >= BLOCK_SIZE)
    throw new Error(`no number of a block: ${number}`);
  const digits = block + String(number).padStart(BLOCK_DIGITS, '0');
  return `${digits}${checkDigit(digits)}` as MeetingId; // by construction
}

export function blockOf(meeting: MeetingId): BlockId {
  return meeting.slice(0, BLOCK_DIGITS) as BlockId; // an id begins with its block
}
