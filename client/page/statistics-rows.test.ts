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
  demand: undefined,
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

const PATH = { sender: 'Ada', senderUplink: 90, ownDownlink: 50 };

describe('statistics in words', () => {
  test('a tile with picture and sound', () => {
    expect(statisticsRow('Ada', [VIDEO, AUDIO], PATH)).toEqual({
      tile: 'Ada',
      isPart: false,
      bitrate: '544 kb/s',
      loss: '4.0 %',
      roundTrip: '23 ms',
      resolution: '640 × 360',
      framesPerSecond: '24',
      codec: 'VP8, opus',
      freezes: '2 (0.8 s)',
      wanted: '360 lines',
      reason: 'Fits its tile',
    });
  });

  test('a picture that is small, or stands still, says why', () => {
    expect(statisticsRow('Ada', [{ ...VIDEO, askedHeight: 720 }], PATH)).toMatchObject({
      wanted: '720 lines',
      reason: 'Smaller than its tile: your connection is too slow for more',
    });
    expect(statisticsRow('Ada', [{ ...VIDEO, suspended: true }], PATH).reason).toMatch(/^Paused/);
  });

  test('what is sent: the row of the tile has the sum and the tallest picture, then one row for each size', () => {
    const sent: SourceStatistics = {
      ...VIDEO,
      direction: 'sent',
      askedHeight: undefined,
      freezes: undefined,
      scalability: 'L1T3',
    };
    const demand = (rid: string, active: boolean, maxHeight?: number) => ({
      rid,
      demand: { rid, active, ...(maxHeight === undefined ? {} : { maxHeight }) },
    });
    const streams: SourceStatistics[] = [
      { ...sent, ...demand('l', true, 180), width: 320, height: 180, bitrateBps: 150_000, limitedBy: 'bandwidth' },
      // Without a picture of its own while it is off.
      { ...sent, ...demand('h', false), width: undefined, height: undefined, bitrateBps: 0, active: false },
      { ...sent, ...demand('m', true), width: 640, height: 360, bitrateBps: 450_000 },
    ];
    expect(statisticsRow('Ada (you)', streams, PATH)).toMatchObject({
      bitrate: '600 kb/s',
      resolution: '640 × 360',
      codec: 'VP8 L1T3',
      reason: 'Sends 2 of 3 sizes',
    });
    const rows = encodingRows(streams, PATH);
    expect(rows.map(({ tile, bitrate, wanted, reason }) => [tile, bitrate, wanted, reason])).toEqual([
      ['camera, large', '0 kb/s', 'by nobody', 'Off: nobody watches it'],
      ['camera, medium', '450 kb/s', '–', 'On'],
      ['camera, small', '150 kb/s', '180 lines', 'On, but reduced: your connection is slow'],
    ]);
    expect(encodingRows(streams.slice(0, 1), PATH)).toEqual([]);
    expect(encodingRows([VIDEO, AUDIO], PATH)).toEqual([]);
    const unwatched = streams.map((each) => ({ ...each, ...demand(each.rid, false) }));
    expect(statisticsRow('Ada (you)', unwatched, PATH).reason).toBe('Off: nobody watches');
  });

  test('a tile with nothing yet', () => {
    const { tile, isPart, ...rest } = statisticsRow('Ada', [], PATH);
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
