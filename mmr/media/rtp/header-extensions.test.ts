import { describe, expect, test } from 'vitest';
import { fromHex } from './from-hex.ts';
import { ByteRange, findExtension } from './header-extensions.ts';
import { parseRtpHeader, RtpHeader } from './rtp-header.ts';

const FIXED = '9060123489abcdeffedcba98';

/** The data of element `id` in an extension block, as hexadecimal text; undefined when there is none. */
function find(block: string, id: number): string | undefined {
  const bytes = fromHex(`${FIXED}${block}aa`);
  const header = new RtpHeader();
  const range = new ByteRange();
  expect(parseRtpHeader(bytes, 0, bytes.length, header)).toBe(true);
  if (!findExtension(bytes, header, id, range)) return undefined;
  return Buffer.from(bytes.subarray(range.offset, range.offset + range.size)).toString('hex');
}

describe('findExtension', () => {
  test.each([
    ['first of two', 'bede0001 10aa20bb', 1, 'aa'],
    ['second of two', 'bede0001 10aa20bb', 2, 'bb'],
    ['absent', 'bede0001 10aa20bb', 3, undefined],
    ['padding between elements', 'bede0002 10aa000000 21bbcc', 2, 'bbcc'],
    ['sixteen bytes', `bede0005 3f${'cd'.repeat(16)}000000`, 3, 'cd'.repeat(16)],
    ['id 15 ends the list', 'bede0002 10aa f0 20bb000000', 2, undefined],
    ['id 15 is never found', 'bede0001 f0aa0000', 15, undefined],
    ['id 0 with a length ends the list', 'bede0002 10aa 01bbcc 20dd00', 2, undefined],
    ['the first of equal ids counts', 'bede0001 10aa10bb', 1, 'aa'],
    ['id 0 is never found', 'bede0001 00000000', 0, undefined],
    ['two-byte form', '10000002 ff02aabb 01000000', 255, 'aabb'],
    ['two-byte form, empty data', '10000002 ff02aabb 01000000', 1, ''],
    ['two-byte form with application bits', '100a0001 0501aa00', 5, 'aa'],
    ['two-byte form, id 15 is an ordinary one', '10000001 0f01aa00', 15, 'aa'],
    ['two-byte form, padding between elements', '10000002 0101aa00 000201bb', 2, 'bb'],
    ['a foreign profile', '12340001 10aa0000', 1, undefined],
    ['an empty block', 'bede0000', 1, undefined],
  ])('%s', (_, block, id, expected) => {
    expect(find(block, id)).toBe(expected);
  });
});

test.each([
  [0xbede, '1faabbcc'],
  [0x1000, '01ffaabb'],
  [0x1000, '00000001'],
])('a header that was never checked (profile %i, %s) gives no range outside the block', (profile, elements) => {
  const header = new RtpHeader();
  const range = new ByteRange();
  Object.assign(header, { extensionProfile: profile, extensionOffset: 0, extensionSize: 4 });
  expect(findExtension(fromHex(`${elements}0000000000`), header, 1, range)).toBe(false);
});
