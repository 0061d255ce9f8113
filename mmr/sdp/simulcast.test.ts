import { readFileSync } from 'node:fs';
import { parse } from 'sdp-transform';
import { describe, expect, test } from 'vitest';
import { checkRenegotiation } from './check-renegotiation.ts';
import { negotiated } from './test-negotiation.ts';

const readFixture = (name: string): string => readFileSync(new URL(`fixtures/${name}.sdp`, import.meta.url), 'utf8');

const SOURCES = { '0': 'microphone', '1': 'camera', '2': 'screen' } as const;
const CHROMIUM = readFixture('chromium-156-simulcast');
const FIREFOX = readFixture('firefox-153-simulcast');

const camera = (offer: string) => negotiated(offer, SOURCES).media.sources[1];
const ridsOf = (lines: string): readonly string[] | undefined =>
  camera(CHROMIUM.replace(/a=rid:l send\r\n[\s\S]*?a=simulcast.*\r\n/, lines))?.rids;

describe.each([
  ['Chromium', CHROMIUM],
  ['Firefox, which names SSRCs as well', FIREFOX],
])('simulcast of %s', (_name, offer) => {
  test('rids in the order of the offer, no SSRC, RTX by repaired-rid', () => {
    const { answer, media } = negotiated(offer, SOURCES);
    expect(media.sources.map(({ rids }) => rids)).toEqual([[], ['l', 'm', 'h'], []]);
    expect(media.sources[1]).toMatchObject({ ssrc: undefined, rtxSsrc: undefined });
    expect(media.sources[1]?.codecs.every(({ rtxPayloadType }) => rtxPayloadType !== undefined)).toBe(true);
    expect(media.sources[2]).toMatchObject({ ssrc: expect.any(Number), rtxSsrc: expect.any(Number) });
    expect(media.extensions.rid).toBeGreaterThan(0);
    expect(media.extensions.repairedRid).toBeGreaterThan(0);
    expect(media.slotExtensions).toMatchObject({ rid: 0, repairedRid: 0 });
    const section = parse(answer).media[1];
    expect(section?.rids).toEqual(['l', 'm', 'h'].map((id) => ({ id, direction: 'recv' })));
    expect(section?.simulcast).toEqual({ dir1: 'recv', list1: 'l;m;h' });
    expect(answer.match(/a=simulcast/g)).toHaveLength(1);
  });

  test('an m-line without simulcast gets no rid extension', () => {
    const uris = parse(negotiated(offer, SOURCES).answer).media.map(({ ext }) => ext?.map(({ uri }) => uri).join());
    expect(uris[1]).toContain('rtp-stream-id');
    expect(uris[2]).not.toContain('rtp-stream-id');
  });
});

describe('which rids are taken', () => {
  test.each<[string, readonly string[]]>([
    ['a=rid:a send\r\na=simulcast:send a\r\n', ['a']],
    ['a=rid:1 send\r\na=rid:0 send\r\na=simulcast:send 1;0\r\n', ['1', '0']],
    ['a=rid:a send\r\na=rid:b send\r\na=simulcast:send ~b;a\r\n', ['b', 'a']],
    ['a=rid:a send\r\na=rid:b send\r\na=rid:c send\r\na=simulcast:send a,b;c\r\n', ['a', 'c']],
    ['a=rid:a send\r\na=rid:b recv\r\na=simulcast:recv b send a\r\n', ['a']],
    ['a=rid:a send pt=96;max-width=320\r\na=simulcast:send a\r\n', ['a']],
    ['a=rid:a send\r\na=simulcast:send a;a;a\r\n', ['a']],
    ['a=rid:a send\r\na=simulcast:send a;b\r\n', ['a']],
    ['a=rid:a recv\r\na=simulcast:send a\r\n', []],
    ['a=rid:a send\r\na=simulcast:recv a\r\n', []],
    ['a=rid:a send\r\n', []],
    ['a=simulcast:send a;b\r\n', []],
    [`a=rid:${'a'.repeat(17)} send\r\na=simulcast:send ${'a'.repeat(17)}\r\n`, []],
    [`${[...'abcdefg'].map((id) => `a=rid:${id} send\r\n`).join('')}a=simulcast:send a;b;c;d;e;f;g\r\n`, [...'abcd']],
    ['a=rid:__proto__ send\r\na=simulcast:send __proto__\r\n', ['__proto__']],
  ])('%j → %j', (lines, rids) => {
    expect(ridsOf(lines)).toEqual(rids);
  });

  test('without the rid extension there is no simulcast; without repaired-rid what is lost comes again as it was', () => {
    const noRid = camera(CHROMIUM.replaceAll(/a=extmap:10 .*\r\n/g, ''));
    expect(noRid?.rids).toEqual([]);
    const noRepairedRid = camera(CHROMIUM.replaceAll(/a=extmap:11 .*\r\n/g, ''));
    expect(noRepairedRid?.rids).toEqual(['l', 'm', 'h']);
    expect(noRepairedRid?.codecs.some(({ rtxPayloadType }) => rtxPayloadType !== undefined)).toBe(false);
  });
});

test('a further offer may not change the encodings of a source; it may stop the source', () => {
  const first = negotiated(CHROMIUM, SOURCES);
  const fewer = CHROMIUM.replace('a=simulcast:send l;m;h', 'a=simulcast:send l;m');
  expect(checkRenegotiation(first, negotiated(fewer, SOURCES))?.message).toContain('encodings');
  const stopped = CHROMIUM.replace(/(a=mid:1[\s\S]*?)a=sendonly/, '$1a=inactive');
  expect(checkRenegotiation(first, negotiated(stopped, { '0': 'microphone', '2': 'screen' }))).toBeUndefined();
});
