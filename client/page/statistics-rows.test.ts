import { describe, expect, test } from 'vitest';
import type { SourceStatistics } from '../sdk/meeting-events.ts';
import { encodingRows, formatBitrate, statisticsRow } from './statistics-rows.ts';

const VIDEO: SourceStatistics = {
  mid: '6',
  direction: 'received',
  kind: 'video',
  rid: '',
  active: true,
  bitrateBps: 512_300,
  lostFraction: 0.0123,
  roundTripMs: 23.4,
  width: 640,
  height: 360,
  framesPerSecond: 23.98,
  codec: 'VP8',
  scalability: undefined,
  limitedBy: undefined,
  freezes: { count: 2, seconds: 0.84 },
  participant: 'ada',
  source: 'camera',
  suspended: false,
  askedHeight: 360,
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
    expect(statisticsRow('Ada', [VIDEO, AUDIO], '↑ 90 ↓ 80')).toEqual({
      tile: 'Ada',
      isPart: false,
      bitrate: '544 kb/s',
      loss: '4.0 %',
      roundTrip: '23 ms',
      resolution: '640 × 360',
      framesPerSecond: '24',
      codec: 'VP8, opus',
      freezes: '2 (0.8 s)',
      connection: '↑ 90 ↓ 80',
      remarks: '360 lines asked for',
    });
  });

  test('what is sent: the row of the tile has the sum and the tallest picture, then one row for each size', () => {
    const sent: SourceStatistics = {
      ...VIDEO,
      direction: 'sent',
      askedHeight: undefined,
      freezes: undefined,
      scalability: 'L1T3',
    };
    const streams: SourceStatistics[] = [
      { ...sent, rid: 'l', width: 320, height: 180, bitrateBps: 150_000, limitedBy: 'bandwidth' },
      { ...sent, rid: 'm', width: 640, height: 360, bitrateBps: 450_000 },
      { ...sent, rid: 'h', width: 1280, height: 720, bitrateBps: 0, active: false },
    ];
    expect(statisticsRow('Ada (you)', streams)).toMatchObject({ bitrate: '600 kb/s', resolution: '640 × 360' });
    expect(encodingRows(streams).map(({ tile, bitrate, remarks }) => [tile, bitrate, remarks])).toEqual([
      ['camera h', '0 kb/s', 'off: nobody watches it'],
      ['camera m', '450 kb/s', 'L1T3'],
      ['camera l', '150 kb/s', 'limited by bandwidth, L1T3'],
    ]);
    expect(encodingRows(streams.slice(0, 1))).toEqual([]);
    expect(encodingRows([VIDEO, AUDIO])).toEqual([]);
  });

  test('a picture that stands still says why', () => {
    expect(statisticsRow('Ada', [{ ...VIDEO, suspended: true }]).remarks).toMatch(/^paused: our connection is weak/);
  });

  test('a tile with nothing yet', () => {
    const { tile, isPart, ...rest } = statisticsRow('Ada', []);
    expect([tile, isPart]).toEqual(['Ada', false]);
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
