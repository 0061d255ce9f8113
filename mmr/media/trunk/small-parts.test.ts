import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import type { LayerOption } from '../allocation/ladder.ts';
import { ActiveSpeakers } from '../forward/active-speaker.ts';
import { readTrunkMessage } from './read-trunk-message.ts';
import { sortedRids } from './reception.ts';
import { summedUp } from './relay-layers.ts';
import { trunkCodecs } from './trunk-codecs.ts';
import { WantedHeight } from './wanted-height.ts';

describe('WantedHeight', () => {
  const S = 1_000_000;

  test('more at once, less after 3 s on end, rounded up to 90 lines', () => {
    const wanted = new WantedHeight();
    expect(wanted.update(0, undefined)).toBe(false);
    expect([wanted.update(0, 100), wanted.told]).toEqual([true, 180]);
    expect([wanted.update(0, 170), wanted.told]).toEqual([false, 180]);
    expect([wanted.update(1, Number.POSITIVE_INFINITY), wanted.told]).toEqual([true, Number.POSITIVE_INFINITY]);
    expect(wanted.update(2 * S, 360)).toBe(false);
    expect(wanted.update(4 * S, Number.POSITIVE_INFINITY)).toBe(false);
    expect(wanted.update(5 * S, 360)).toBe(false);
    expect([wanted.update(8 * S, 360), wanted.told]).toEqual([true, 360]);
    expect(wanted.update(9 * S, undefined)).toBe(false);
    expect([wanted.update(12 * S, undefined), wanted.told]).toEqual([true, undefined]);
  });
});

describe('summedUp', () => {
  const option = (rid: string, temporal: number, bitrateBps: number): LayerOption => ({
    rid,
    spatial: 0,
    temporal,
    temporalLayers: 3,
    height: { l: 180, m: 360, h: 720 }[rid] ?? 0,
    framesPerSecond: 7.5 * 2 ** temporal,
    bitrateBps,
  });
  const options = [
    option('l', 0, 60),
    option('l', 1, 90),
    option('l', 2, 150),
    option('m', 0, 200),
    option('m', 1, 300),
    option('m', 2, 500),
    option('h', 2, 1500),
  ];
  const text = (isScreen: boolean) =>
    summedUp(options, ['l', 'm', 'h'], isScreen).map(
      ({ rid, temporal, bitrateBps }) => `${rid}${temporal} ${bitrateBps}`,
    );

  test('each encoding costs what lies below it as well; a jerky higher one is left out', () => {
    expect(text(false)).toEqual(['l0 60', 'l1 90', 'l2 150', 'm1 450', 'm2 650', 'h2 2150']);
  });

  test('of a screen, which one reads, it is not', () => {
    expect(text(true)).toEqual(['l0 60', 'l1 90', 'l2 150', 'm0 350', 'm1 450', 'm2 650', 'h2 2150']);
  });

  test('an encoding that is not sent costs nothing', () => {
    const without = options.filter(({ rid }) => rid !== 'm');
    expect(summedUp(without, ['l', 'm', 'h'], false).at(-1)?.bitrateBps).toBe(1650);
  });
});

test('payload types follow from the place in the list, and stay clear of RTCP', () => {
  const announced = Array.from({ length: 12 }, (_, i) => ({ name: 'H264' as const, clockRateHz: 90_000, key: `${i}` }));
  const codecs = trunkCodecs(announced);
  const used = codecs.flatMap(({ payloadType, rtxPayloadType }) => [payloadType, rtxPayloadType]);
  expect(codecs).toHaveLength(10);
  expect(new Set(used).size).toBe(20);
  expect(Math.min(...used.map(Number))).toBe(96);
  expect(Math.max(...used.map(Number))).toBeLessThanOrEqual(127);
  expect(trunkCodecs([{ name: 'opus', clockRateHz: 48_000, key: 'opus' }])[0]?.redPayloadType).toBe(98);
});

test('SSRCs go by the names of encodings, whatever order they are kept in', () => {
  expect(sortedRids(['h', 'l', 'm'])).toEqual(sortedRids(['m', 'l', 'h']));
  expect(sortedRids([])).toEqual(['']);
});

describe('readTrunkMessage', () => {
  const source = {
    type: 'source',
    meeting: 'm',
    participant: 'p',
    kind: 'camera',
    hops: 1,
    muted: false,
    codecs: [{ name: 'VP8', clockRateHz: 90_000, key: 'VP8' }],
    rids: ['l', 'h'],
  };
  const level = { participant: 'p', loudness: 50, presence: 0 };

  test.each([
    { type: 'hello', version: 1, up: false },
    source,
    { ...source, ofALaterVersion: {} },
    { ...source, kind: 'microphone', codecs: [{ name: 'opus', clockRateHz: 48_000, key: 'opus' }], rids: [''] },
    { type: 'demand', meeting: 'm', participant: 'p', kind: 'screen', ssrc: 0xffff_fff0, maxHeight: 0 },
    { type: 'levels', meeting: 'm', levels: [level] },
    { type: 'ranking', meeting: 'm', heard: ['p'], seen: [], speaking: ['p'] },
  ])('takes %j', (message) => {
    expect(readTrunkMessage(message)).toBe(message);
  });

  test.each([
    undefined,
    'hello',
    { type: 'constructor' },
    { type: 'hello', version: -1, up: true },
    { ...source, participant: '' },
    { ...source, participant: 'p'.repeat(300) },
    { ...source, kind: 'piano' },
    { ...source, hops: 0 },
    { ...source, codecs: [] },
    { ...source, codecs: Array(11).fill(source.codecs[0]) },
    { ...source, codecs: [{ name: 'opus', clockRateHz: 48_000, key: 'opus' }] },
    { ...source, codecs: [{ name: 'H266', clockRateHz: 90_000, key: 'x' }] },
    { ...source, rids: [] },
    { ...source, rids: ['l', 'l'] },
    { ...source, rids: ['a', 'b', 'c', 'd', 'e'] },
    { type: 'demand', meeting: 'm', participant: 'p', kind: 'screen', ssrc: 2 ** 32, maxHeight: 0 },
    { type: 'demand', meeting: 'm', participant: 'p', kind: 'screen', ssrc: 1, maxHeight: Number.NaN },
    { type: 'levels', meeting: 'm', levels: Array(65).fill(level) },
    { type: 'levels', meeting: 'm', levels: [{ ...level, loudness: 1e9 }] },
    { type: 'ranking', meeting: 'm', heard: Array(129).fill('p'), seen: [], speaking: [] },
  ])('refuses %j', (message) => {
    expect(readTrunkMessage(message)).toBeUndefined();
  });
});

describe('ActiveSpeakers with others’ scores', () => {
  const names = (list: readonly { readonly participant: string }[]) =>
    list.map(({ participant }) => participant).join();
  function three(): ActiveSpeakers {
    const speakers = new ActiveSpeakers();
    for (const name of ['ann', 'ben']) speakers.add(name as ParticipantId);
    speakers.add('far' as ParticipantId, true).report(90, 90);
    return speakers;
  }

  test('who is reported is ranked by what is reported, at once', () => {
    const speakers = three();
    expect(speakers.promote()).toBe(true);
    expect(names(speakers.byLoudness)).toBe('far,ann,ben');
    speakers.handleTimeout(1e6);
    expect(speakers.speaking).toEqual(['far']);
    expect(names(speakers.candidates)).toBe('far');
  });

  test('a ranking that is adopted goes before one’s own; who is not in it comes behind; given up, it is forgotten', () => {
    const speakers = three();
    const adopted = { heard: ['ben', 'unknown'], seen: ['ann', 'far'], speaking: ['ben'] } as Record<string, string[]>;
    speakers.adopt(adopted as never);
    speakers.handleTimeout(1e6);
    expect(names(speakers.byLoudness)).toBe('ben,far,ann');
    expect(names(speakers.byPresence)).toBe('ann,far,ben');
    expect(speakers.speaking).toEqual(['ben']);
    expect(speakers.byLoudness.filter(({ speaking }) => speaking).map(({ participant }) => participant)).toEqual([
      'ben',
    ]);
    speakers.adopt(undefined);
    expect(names(speakers.byLoudness)).toBe('far,ann,ben');
    expect(speakers.speaking).toEqual(['far']);
  });
});
