import { describe, expect, test } from 'vitest';
import type { SourceStatistics } from '../sdk/meeting-events.ts';
import { formatBitrate, statisticsRow } from './statistics-rows.ts';

const VIDEO: SourceStatistics = {
  mid: '6',
  direction: 'received',
  kind: 'video',
  bitrateBps: 512_300,
  lostFraction: 0.0123,
  roundTripMs: 23.4,
  width: 640,
  height: 360,
  framesPerSecond: 23.98,
  codec: 'VP8',
  participant: 'ada',
  source: 'camera',
};

const AUDIO: SourceStatistics = {
  ...VIDEO,
  kind: 'audio',
  source: 'microphone',
  bitrateBps: 32_000,
  lostFraction: 0.04,
  width: undefined,
  height: undefined,
  framesPerSecond: undefined,
  codec: 'opus',
};

describe('statistics in words', () => {
  test('a tile with picture and sound', () => {
    expect(statisticsRow('Ada', [VIDEO, AUDIO])).toEqual({
      tile: 'Ada',
      bitrate: '544 kb/s',
      loss: '4.0 %',
      roundTrip: '23 ms',
      resolution: '640 × 360',
      framesPerSecond: '24',
      codec: 'VP8, opus',
    });
  });

  test('a tile with nothing yet', () => {
    const { tile, ...rest } = statisticsRow('Ada', []);
    expect(tile).toBe('Ada');
    expect(new Set(Object.values(rest))).toEqual(new Set(['–']));
  });

  test.each([
    [0, '0 kb/s'],
    [999_400, '999 kb/s'],
    [999_500, '1.0 Mb/s'],
    [2_450_000, '2.5 Mb/s'],
  ])('%d b/s is %s', (bitrateBps, words) => {
    expect(formatBitrate(bitrateBps)).toBe(words);
  });
});
