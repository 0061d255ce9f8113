import { describe, expect, test } from 'vitest';
import { readAudioLevel, readVoiceFlag } from './audio-level.ts';
import { fromHex } from './from-hex.ts';
import { ByteRange } from './header-extensions.ts';

describe('audio level (RFC 6464)', () => {
  test.each([
    ['silence', '7f', 127, false],
    ['loudest voice', '80', 0, true],
    ['voice at −35 dBov', 'a3', 35, true],
    ['empty', '', -1, false],
    ['two bytes', 'a3a3', -1, false],
  ])('%s', (_, data, level, voice) => {
    const bytes = fromHex(`ff${data}`);
    const range = new ByteRange();
    range.offset = 1;
    range.size = bytes.length - 1;
    expect(readAudioLevel(bytes, range)).toBe(level);
    expect(readVoiceFlag(bytes, range)).toBe(voice);
  });

  test('a range outside the array', () => {
    const range = new ByteRange();
    range.offset = 4;
    range.size = 1;
    expect(readAudioLevel(new Uint8Array(4), range)).toBe(-1);
    expect(readVoiceFlag(new Uint8Array(4), range)).toBe(false);
  });
});
