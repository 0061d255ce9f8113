import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RtpHeader as WeriftHeader } from 'werift-rtp';
import { fromHex } from './from-hex.ts';
import { HeaderBlockWriter } from './header-block-writer.ts';
import { ByteRange, findExtension } from './header-extensions.ts';
import { parseRtpHeader, RtpHeader } from './rtp-header.ts';

const FIXED = '9060123489abcdeffedcba98';

describe('HeaderBlockWriter', () => {
  const writer = new HeaderBlockWriter();
  const side = new Uint8Array(8192);

  function write(offset: number, csrcs: number[], elements: [id: number, data: Uint8Array][]): Uint8Array {
    side.fill(0x5a);
    writer.begin(side, offset);
    for (const ssrc of csrcs) writer.csrc(ssrc);
    for (const [id, data] of elements) writer.extension(id, data, 0, data.length);
    return side.slice(offset, offset + writer.end());
  }

  test.each([
    ['nothing', [], [], ''],
    ['a source', [0xfedcba98], [], 'fedcba98'],
    ['one element', [], [[1, 'aa']], 'bede0001 10aa0000'],
    [
      'source and elements',
      [1],
      [
        [1, 'aa'],
        [2, 'bbcc'],
      ],
      '00000001 bede0002 10aa21bb cc000000',
    ],
    [
      'id 0 is left out',
      [],
      [
        [0, 'aa'],
        [3, 'bb'],
      ],
      'bede0001 30bb0000',
    ],
    [
      'id 15 needs two bytes',
      [],
      [
        [1, 'aa'],
        [15, 'bb'],
      ],
      '10000002 0101aa0f 01bb0000',
    ],
    [
      'empty data need two bytes',
      [],
      [
        [1, 'aabb'],
        [2, ''],
      ],
      '10000002 0102aabb 02000000',
    ],
    [
      '17 bytes need two',
      [],
      [
        [1, 'aa'],
        [2, '00'.repeat(17)],
      ],
      `10000006 0101aa02 11${'00'.repeat(17)}0000`,
    ],
    [
      'the form stays',
      [],
      [
        [200, 'aa'],
        [1, 'bb'],
      ],
      '10000002 c801aa01 01bb0000',
    ],
  ] as [string, number[], [number, string][], string][])('%s', (_, csrcs, elements, expected) => {
    const data = elements.map(([id, text]): [number, Uint8Array] => [id, fromHex(text)]);
    expect(write(3, csrcs, data)).toEqual(fromHex(expected));
    expect(writer.csrcCount).toBe(csrcs.length);
    expect(writer.hasExtension).toBe(elements.some(([id]) => id !== 0));
  });

  test('stops at fifteen sources and never takes one after an element', () => {
    expect(write(0, Array(20).fill(7), [])).toHaveLength(60);
    writer.begin(side, 0);
    writer.extension(1, side, 0, 1);
    writer.csrc(7);
    expect(writer.end()).toBe(8);
    expect(writer.csrcCount).toBe(0);
  });

  test('what it writes, findExtension and werift-rtp read back', () => {
    const oneByte = fc.tuple(fc.integer({ min: 1, max: 14 }), fc.uint8Array({ minLength: 1, maxLength: 16 }));
    const twoByte = fc.tuple(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ maxLength: 255 }));
    const elements = fc.oneof(
      fc.uniqueArray(oneByte, { selector: ([id]) => id, maxLength: 14 }),
      fc.uniqueArray(fc.oneof(oneByte, twoByte), { selector: ([id]) => id, maxLength: 10 }),
    );
    const csrcs = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 14 });
    fc.assert(
      fc.property(fc.nat(9), csrcs, elements, (offset, sources, list) => {
        const block = write(offset, sources, list);
        const dataSize = list.reduce((sum, [, data]) => sum + data.length, 0);
        expect(block.length % 4).toBe(0);
        expect(block.length).toBeLessThanOrEqual(4 * sources.length + 4 + 2 * list.length + dataSize + 3);
        expect(side[offset + block.length]).toBe(0x5a);

        const packet = Buffer.concat([fromHex(FIXED), block, fromHex('aa')]);
        packet[0] = 0x80 | (writer.hasExtension ? 0x10 : 0) | writer.csrcCount;
        const theirs = WeriftHeader.deSerialize(packet);
        expect(theirs.csrc).toEqual(sources);
        expect(theirs.extensions.map((e) => [e.id, new Uint8Array(e.payload)])).toEqual(list);

        const header = new RtpHeader();
        const range = new ByteRange();
        expect(parseRtpHeader(packet, 0, packet.length, header)).toBe(true);
        for (const [id, data] of list) {
          expect(findExtension(packet, header, id, range)).toBe(true);
          expect(new Uint8Array(packet.subarray(range.offset, range.offset + range.size))).toEqual(data);
        }
      }),
      { seed: 20260105, numRuns: 500 },
    );
  });
});
