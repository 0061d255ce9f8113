import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import { parseMeetingId } from '../../zone-controller/meeting/meeting-id.ts';
import { BLOCK_SIZE, BlockNumbers, SECRET_BYTES } from './block-numbers.ts';
import { IdBlocks } from './id-blocks.ts';
import { BLOCK_COUNT, type BlockId, blockAt, blockOf, meetingIdOf, readBlock } from './meeting-ids.ts';
import { blocksNeeded, chooseBlock, drawBlock } from './plan-blocks.ts';

const SEED = 61;
/** Bytes that look random, from a seed (xorshift32). */
function secret(seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: SECRET_BYTES }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
}
const block = (text: string): BlockId => readBlock(text) ?? blockAt(0);

describe('ids', () => {
  test('are valid, tell their block, and differ', () => {
    fc.assert(
      fc.property(fc.nat(BLOCK_COUNT - 1), fc.nat(BLOCK_SIZE - 1), fc.nat(BLOCK_SIZE - 1), (index, number, other) => {
        const id = meetingIdOf(blockAt(index), number);
        expect(parseMeetingId(id)).toBe(id);
        expect(blockOf(id)).toBe(blockAt(index));
        expect(meetingIdOf(blockAt(index), other) === id).toBe(other === number);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('the first and the last', () => {
    expect(meetingIdOf(blockAt(0), 0)).toMatch(/^1000000000\d$/);
    expect(meetingIdOf(blockAt(BLOCK_COUNT - 1), BLOCK_SIZE - 1)).toMatch(/^9999999999\d$/);
    for (const wrong of [-1, 0.5, BLOCK_SIZE]) expect(() => meetingIdOf(blockAt(0), wrong)).toThrow('no number');
    for (const wrong of ['01234', '1234', '123456', 'abcde', '']) expect(readBlock(wrong)).toBeUndefined();
  });
});

describe('the numbers of a block', () => {
  test('each comes once, in an order that hides the next', () => {
    const numbers = new BlockNumbers(secret(1));
    const seen = new Uint8Array(BLOCK_SIZE);
    let neighbours = 0;
    let last = -1;
    for (let index = 0; index < BLOCK_SIZE; index++) {
      const number = numbers.at(index);
      seen[number] = (seen[number] ?? 0) + 1;
      if (Math.abs(number - last) === 1) neighbours++;
      last = number;
    }
    expect(seen.every((times) => times === 1)).toBe(true);
    // By chance two in 100 000 steps lead to a neighbour; Poisson says more than 12 in one of a million orders.
    expect(neighbours).toBeLessThanOrEqual(12);
  });

  test('another secret, another order', () => {
    const [one, other] = [new BlockNumbers(secret(1)), new BlockNumbers(secret(2))];
    const same = Array.from({ length: 1_000 }, (_, index) => one.at(index) === other.at(index)).filter(Boolean);
    expect(same.length).toBeLessThan(5);
  });
});

describe('blocks', () => {
  test.each([
    [[], 2],
    [[0], 1],
    [[0, 49_999], 0],
    [[0, 50_000], 1],
    [[0, 0, 0], 0],
  ])('with %j ids in use, %d more are needed', (used, needed) => {
    expect(blocksNeeded(used.map((each, index) => ({ block: blockAt(index), used: each })))).toBe(needed);
  });

  test('a free one is chosen as long as there is one, from a random start', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 0, max: 40 }),
        (random, taken) => {
          const start = Math.floor(random * BLOCK_COUNT);
          const gone = new Set(Array.from({ length: taken }, (_, step) => blockAt((start + step) % BLOCK_COUNT)));
          expect(chooseBlock((each) => gone.has(each), random)).toBe(blockAt((start + taken) % BLOCK_COUNT));
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
    const lastFree = blockAt(77);
    expect(chooseBlock((each) => each !== lastFree, 0.5)).toBe(lastFree);
    expect(chooseBlock(() => true, 0.5)).toBeUndefined();
  });

  test('ids come from those with room, from each of them', () => {
    const held = [
      { block: block('11111'), used: 50_000 },
      { block: block('22222'), used: 0 },
      { block: block('33333'), used: 49_999 },
    ];
    const drawn = Array.from({ length: 100 }, (_, index) => drawBlock(held, index / 100));
    expect(new Set(drawn)).toEqual(new Set(['22222', '33333']));
    expect(drawBlock([], 0)).toBeUndefined();
  });
});

describe('a zone', () => {
  test('draws ids of its blocks, each once before any comes again', () => {
    const ids = new IdBlocks(secret(3));
    ids.add(block('12345'));
    ids.add(block('54321'));
    const drawn = Array.from({ length: 2_000 }, (_, index) => ids.draw((index % 10) / 10));
    expect(new Set(drawn).size).toBe(2_000);
    expect(new Set(drawn.map(blockOf))).toEqual(new Set(['12345', '54321']));
  });

  test('wants another block when one is half used, and draws from it no more', () => {
    const ids = new IdBlocks(secret(4));
    ids.add(block('12345'));
    ids.add(block('54321'));
    expect(ids.needed).toBe(0);
    const inUse = meetingIdOf(block('12345'), 0);
    for (let count = 0; count < 50_000; count++) ids.count(inUse, 1);
    expect(ids.needed).toBe(1);
    expect(blockOf(ids.draw(0))).toBe('54321');
    ids.count(inUse, -1);
    expect(ids.needed).toBe(0);
    ids.count('99999999999' as MeetingId, 1);
    expect(ids.held.map(({ used }) => used)).toEqual([49_999, 0]);
  });

  test('without room in any says so', () => {
    expect(() => new IdBlocks(secret(5)).draw(0)).toThrow(expect.objectContaining({ code: 'blocksExhausted' }));
    expect(() => new IdBlocks(secret(5)).draw(0)).toThrow(ZonecastError);
  });
});
