import { describe, expect, test } from 'vitest';
import { readAudioLevel } from './audio-level.ts';
import { fromHex } from './from-hex.ts';
import { ByteRange } from './header-extensions.ts';

describe('audio level (RFC 6464)', () => {
  test.each([
    ['silence', '7f', 127],
    ['loudest voice', '80', 0],
    ['voice at −35 dBov', 'a3', 35],
    ['empty', '', -1],
    ['two bytes', 'a3a3', -1],
  ])('%s', (_, data, level) => {
    const bytes = fromHex(`ff${data}`);
    const range = new ByteRange();
    range.offset = 1;
    range.size = bytes.length - 1;
    expect(readAudioLevel(bytes, range)).toBe(level);
  });

  test('a range outside the array', () => {
    const range = new ByteRange();
    range.offset = 4;
    range.size = 1;
    expect(readAudioLevel(new Uint8Array(4), range)).toBe(-1);
  });
});
