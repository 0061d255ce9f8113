/** The audio level element, over ranges of any size: `readAudioLevel`. */
import { readAudioLevel } from '../../../mmr/media/rtp/audio-level.ts';
import { ByteRange } from '../../../mmr/media/rtp/header-extensions.ts';
import { type FuzzTarget, hold, isUint } from '../fuzz-target.ts';

export const audioLevelTarget: FuzzTarget = {
  name: 'audio-level',
  runs: 20_000,
  maxSize: 300,
  readsPerByte: 2,
  run(bytes, offset, size) {
    const range = new ByteRange();
    range.offset = offset;
    range.size = size;
    const level = readAudioLevel(bytes, range);
    hold(level === -1 || isUint(level, 7), 'level');
    hold((level === -1) === (size !== 1), 'only one byte is a level');
    return level;
  },
};
