import { beforeEach, describe, expect, test } from 'vitest';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { BLOCK_SIZE, SECRET_BYTES } from '../../global-controller/blocks/block-numbers.ts';
import { blockAt, blockOf, meetingIdOf } from '../../global-controller/blocks/meeting-ids.ts';
import { parseMeetingId } from '../meeting/meeting-id.ts';
import { MeetingIds } from './meeting-ids.ts';

const [OWN, OTHER] = ['own', 'other'] as ZoneId[] as [ZoneId, ZoneId];
const secret = Uint8Array.from({ length: SECRET_BYTES }, (_, index) => (index * 7919) >> 3);
let ids: MeetingIds;
beforeEach(() => {
  ids = new MeetingIds(OWN, secret, () => 0);
});
const fill = (block: number, share: number): void => {
  for (let number = 0; number < BLOCK_SIZE * share; number++) ids.defined(meetingIdOf(blockAt(block), number), true);
};

describe('ids for new meetings', () => {
  test('come from the own blocks', () => {
    ids.putBlock(blockAt(5), OTHER);
    ids.putBlock(blockAt(7), OWN);
    ids.putBlock(blockAt(7), OWN);
    expect([ids.blocks, ids.counts]).toEqual([[blockAt(7)], { held: 1, needed: 1 }]);
    const drawn = Array.from({ length: 100 }, () => ids.draw());
    expect(new Set(drawn.map(blockOf))).toEqual(new Set([blockAt(7)]));
    expect(new Set(drawn).size).toBe(100);
  });

  test('without a block are valid all the same', () => {
    const id: MeetingId = ids.draw();
    expect([parseMeetingId(id), ids.counts]).toEqual([id, { held: 0, needed: 2 }]);
  });

  test('that exist are counted, whether they or the block became known first, and once each', () => {
    fill(1, 0.5);
    fill(1, 0.5);
    for (const block of [1, 2]) ids.putBlock(blockAt(block), OWN);
    expect(ids.counts.needed).toBe(1);
    expect(blockOf(ids.draw())).toBe(blockAt(2));
    ids.defined(meetingIdOf(blockAt(1), 3), false);
    ids.defined(meetingIdOf(blockAt(1), 3), false);
    expect(ids.counts.needed).toBe(0);
    fill(2, 0.5);
    fill(1, 0.5);
    expect(() => ids.draw()).toThrow(expect.objectContaining({ code: 'blocksExhausted' }));
  });
});
