import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from './from-hex.ts';
import { MAX_RED_BLOCKS, parseRed, RedBlocks, writeRedHeaders, writeRedundant } from './red.ts';

const SEED = 20_261_121;

interface Read {
  readonly redundant: readonly [payloadType: number, timestampOffset: number, block: string][];
  readonly primary: readonly [payloadType: number, block: string];
}

function read(bytes: Uint8Array, offset = 0, size = bytes.length): Read | undefined {
  const blocks = new RedBlocks();
  if (!parseRed(bytes, offset, size, blocks)) return undefined;
  const hex = (at: number, length: number): string => Buffer.from(bytes.subarray(at, at + length)).toString('hex');
  return {
    redundant: Array.from({ length: blocks.count }, (_, i) => [
      blocks.payloadTypes[i] ?? -1,
      blocks.timestampOffsets[i] ?? -1,
      hex(blocks.offsets[i] ?? 0, blocks.sizes[i] ?? 0),
    ]),
    primary: [blocks.primaryPayloadType, hex(blocks.primaryOffset, blocks.primarySize)],
  };
}

describe('reading', () => {
  test.each<[string, string, Read | undefined]>([
    ['primary only', '6f aabb', { redundant: [], primary: [111, 'aabb'] }],
    [
      'one redundant block of 960',
      'ef0f0002 6f 0102 aabb',
      { redundant: [[111, 960, '0102']], primary: [111, 'aabb'] },
    ],
    [
      'two redundant blocks',
      'ef1e0001 ef0f0002 6f 09 0102 aabb',
      {
        redundant: [
          [111, 1920, '09'],
          [111, 960, '0102'],
        ],
        primary: [111, 'aabb'],
      },
    ],
    ['an empty redundant block', 'ef0f0000 6f aa', { redundant: [[111, 960, '']], primary: [111, 'aa'] }],
    ['blocks of different payload types', '8d0f0001 6f 01 aa', { redundant: [[13, 960, '01']], primary: [111, 'aa'] }],
    ['a block of the largest offset and size that is not there', 'efffffff 6f', undefined],
    ['nothing', '', undefined],
    ['a primary header without a block', '6f', undefined],
    ['a redundant header that is cut', 'ef0f00', undefined],
    ['no primary header', 'ef0f0000', undefined],
    ['redundancy that overruns the packet', 'ef0f0003 6f 0102', undefined],
    ['redundancy that leaves no primary block', 'ef0f0002 6f 0102', undefined],
    ['ten redundant blocks', `${'ef0f0001'.repeat(10)} 6f ${'01'.repeat(11)}`, undefined],
  ])('%s', (_name, hex, expected) => {
    expect(read(fromHex(hex))).toEqual(expected);
  });

  test('arbitrary bytes: every block lies inside the payload, in order, without overlap', () => {
    const blocks = new RedBlocks();
    const heavy = fc.array(fc.oneof(fc.constantFrom(0xef, 0x80, 0, 1), fc.nat(255)), { maxLength: 60 });
    fc.assert(
      fc.property(heavy, fc.nat(20), (values, offset) => {
        const bytes = Uint8Array.from([...new Array(offset).fill(0xff), ...values]);
        if (!parseRed(bytes, offset, values.length, blocks)) return;
        let at = offset + blocks.headerSize;
        for (let i = 0; i < blocks.count; i++) {
          expect(blocks.offsets[i]).toBe(at);
          at += blocks.sizes[i] ?? 0;
        }
        expect(blocks.primaryOffset).toBe(at);
        expect(blocks.primarySize).toBeGreaterThan(0);
        expect(blocks.primaryOffset + blocks.primarySize).toBe(bytes.length);
        expect(blocks.count).toBeLessThanOrEqual(MAX_RED_BLOCKS);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test('a range beyond the array', () => {
    const blocks = new RedBlocks();
    expect(parseRed(fromHex('6faabb'), 0, 4, blocks)).toBe(false);
    expect(parseRed(fromHex('6faabb'), -1, 2, blocks)).toBe(false);
  });
});

describe('writing', () => {
  test('headers under the receiver’s payload type; the blocks stay where they are', () => {
    const bytes = fromHex('ef1e0001 ef0f0002 6f 09 0102 aabb');
    const blocks = new RedBlocks();
    expect(parseRed(bytes, 0, bytes.length, blocks)).toBe(true);
    expect(blocks.isAllOf(111)).toBe(true);
    expect(blocks.isAllOf(109)).toBe(false);
    const out = new Uint8Array(20);
    const size = writeRedHeaders(out, 3, blocks, 109);
    expect(size).toBe(blocks.headerSize);
    expect(Buffer.from(out.subarray(3, 3 + size)).toString('hex')).toBe('ed1e0001ed0f00026d');
  });

  test('what is written is what is read', () => {
    const block = fc.uint8Array({ minLength: 1, maxLength: 1023 });
    fc.assert(
      fc.property(block, block, fc.integer({ min: 1, max: 0x3fff }), fc.nat(127), (earlier, primary, offset, type) => {
        const out = new Uint8Array(2100);
        const prefix = writeRedundant(out, 7, type, offset, earlier, 0, earlier.length);
        out.set(primary, 7 + prefix);
        expect(read(out, 7, prefix + primary.length)).toEqual({
          redundant: [[type, offset, Buffer.from(earlier).toString('hex')]],
          primary: [type, Buffer.from(primary).toString('hex')],
        });
      }),
      { seed: SEED },
    );
  });

  test.each([
    ['too old', 0x4000, 10],
    ['of the same time', 0, 10],
    ['too large', 960, 1024],
    ['empty', 960, 0],
  ])('an earlier block that is %s is left out', (_name, timestampOffset, size) => {
    const out = new Uint8Array(2000);
    expect(writeRedundant(out, 0, 111, timestampOffset, new Uint8Array(1024), 0, size)).toBe(1);
    expect(out[0]).toBe(111);
  });
});
