import { readFileSync } from 'node:fs';
import { parse } from 'sdp-transform';
import { describe, expect, test } from 'vitest';
import type { NegotiatedSlot } from '../media/negotiated.ts';
import { checkRenegotiation } from './check-renegotiation.ts';
import { JOIN_SOURCES, LOCAL, negotiated } from './test-negotiation.ts';

const readFixture = (name: string): string => readFileSync(new URL(`fixtures/${name}.sdp`, import.meta.url), 'utf8');

const SOURCES = { '0': 'microphone', '1': 'camera', '2': 'screen' } as const;
const CHROMIUM = readFixture('chromium-156-simulcast');
const FIREFOX = readFixture('firefox-153-simulcast');
const LIBDATACHANNEL = readFixture('libdatachannel-join');

/** The offer with `edit` done to the section of `mid`. */
function withSection(offer: string, mid: string, edit: (section: string) => string): string {
  const sections = offer.split(/(?=^m=)/m);
  return sections.map((section) => (section.includes(`a=mid:${mid}\r\n`) ? edit(section) : section)).join('');
}

const slot = (offer: string, mid = '5'): NegotiatedSlot | undefined =>
  negotiated(offer, SOURCES).media.slots.find((known) => known.mid === mid);
const feedbackOf = (offer: string, i: number): string =>
  (parse(negotiated(offer, SOURCES).answer).media[i]?.rtcpFb ?? [])
    .filter(({ payload }) => payload === 96)
    .map(({ type, subtype }) => `${type} ${subtype ?? ''}`.trim())
    .join();

describe('slots: NACK, RTX and transport-wide numbers', () => {
  test.each([
    ['Chromium', CHROMIUM],
    ['Firefox', FIREFOX],
  ])('%s: RTX and numbers for video, numbers for audio', (_name, offer) => {
    const { media, transport } = negotiated(offer, SOURCES);
    expect(
      media.slots.map(({ kind, rtxSsrc, nack, transportNumbers }) => [kind, rtxSsrc, nack, transportNumbers]),
    ).toEqual([
      ['audio', undefined, false, true],
      ['audio', undefined, false, true],
      ['video', 8005, true, true],
      ['video', 8006, true, true],
    ]);
    expect(transport.transportFeedback).toBe(true);
  });

  test('libdatachannel: none of them, plain NACK', () => {
    const { media, transport } = negotiated(LIBDATACHANNEL, JOIN_SOURCES);
    expect(media.slots.map(({ rtxSsrc, nack, transportNumbers }) => [rtxSsrc, nack, transportNumbers])).toEqual([
      [undefined, false, false],
      [undefined, true, false],
    ]);
    expect(transport.transportFeedback).toBe(false);
  });

  test('a codec without RTX: no RTX for the slot, and so no numbers, but REMB', () => {
    const offer = withSection(CHROMIUM, '5', (section) => section.replace('a=fmtp:97 apt=96', 'a=fmtp:97 apt=95'));
    expect(slot(offer)).toMatchObject({ rtxSsrc: undefined, nack: true, transportNumbers: false });
    expect(slot(offer)?.codecs.some(({ rtxPayloadType }) => rtxPayloadType !== undefined)).toBe(false);
    expect(feedbackOf(offer, 5)).toBe('goog-remb,nack,nack pli');
    const section = parse(negotiated(offer, SOURCES).answer).media[5];
    expect(section?.rtp.some(({ codec }) => codec === 'rtx')).toBe(false);
    expect(section?.ssrcGroups).toBeUndefined();
    expect(section?.ext?.some(({ uri }) => uri.includes('transport-wide'))).toBe(false);
    // The slot beside it has them.
    expect(slot(offer, '6')).toMatchObject({ rtxSsrc: 8006, transportNumbers: true });
  });

  test('neither RTX nor NACK: numbers all the same, as nothing is sent again', () => {
    const offer = withSection(CHROMIUM, '5', (section) =>
      section.replaceAll(/a=fmtp:\d+ apt=.*\r\n/g, '').replaceAll(/a=rtcp-fb:\d+ nack\r\n/g, ''),
    );
    expect(slot(offer)).toMatchObject({ rtxSsrc: undefined, nack: false, transportNumbers: true });
  });

  test.each<[string, (section: string) => string]>([
    ['transport-cc not offered for one codec', (section) => section.replace('a=rtcp-fb:96 transport-cc\r\n', '')],
    ['no extension', (section) => section.replace(/a=extmap:3 .*\r\n/, '')],
    ['the extension for the other direction', (section) => section.replace('a=extmap:3 ', 'a=extmap:3/sendonly ')],
  ])('%s: no numbers', (_name, edit) => {
    expect(slot(withSection(CHROMIUM, '5', edit))).toMatchObject({ rtxSsrc: 8005, transportNumbers: false });
  });

  test('FIR is agreed where PLI is not offered', () => {
    const offer = withSection(CHROMIUM, '5', (section) => section.replaceAll(/a=rtcp-fb:\d+ nack pli\r\n/g, ''));
    expect(feedbackOf(offer, 5)).toBe('transport-cc,nack,ccm fir');
  });

  test('extmap-allow-mixed in each m-line: the dependency descriptor is taken for slots, and the answer says it too', () => {
    const perMedia = CHROMIUM.replace('a=extmap-allow-mixed\r\n', '').replaceAll(
      /a=mid:.*\r\n/g,
      (line) => `${line}a=extmap-allow-mixed\r\n`,
    );
    const { answer, media } = negotiated(perMedia, SOURCES);
    expect(media.slotExtensions?.dependencyDescriptor).toBe(12);
    expect(answer.match(/a=extmap-allow-mixed/g)).toHaveLength(7);
    // Firefox does not offer to receive it.
    const firefox = negotiated(FIREFOX, SOURCES).media;
    expect(firefox.slotExtensions?.dependencyDescriptor).toBe(0);
  });

  test.each([
    ['VP8 96 97', undefined],
    ['VP9 98 99', undefined],
    ['H264 102 103', 12],
    ['AV1 45 46', 12],
  ])('the dependency descriptor of a source that will send %s', (first, id) => {
    const types = first.split(' ').slice(1).join(' ');
    const offer = withSection(CHROMIUM, '1', (section) =>
      section.replace(
        /^(m=video 9 \S+) (.*)$/m,
        (_line, start, rest) => `${start} ${types} ${rest.replace(types, '').trim()}`,
      ),
    );
    const extensions = parse(negotiated(offer, SOURCES).answer).media[1]?.ext ?? [];
    expect(extensions.find(({ uri }) => uri.includes('dependency-descriptor'))?.value).toBe(id);
  });

  test('a further offer can neither bring numbers that the first did not agree to, nor take RTX away', () => {
    const without = negotiated(CHROMIUM, SOURCES, { ...LOCAL, transportFeedback: false });
    expect(without.transport.transportFeedback).toBe(false);
    expect(without.media.slots.some(({ transportNumbers }) => transportNumbers)).toBe(false);
    const agreed = parse(without.answer).media.map(({ rtcpFb }) => rtcpFb?.some(({ type }) => type === 'transport-cc'));
    expect(agreed.slice(0, 3)).toEqual([true, true, true]);
    expect(agreed.slice(5)).toEqual([false, false]);
    const first = negotiated(CHROMIUM, SOURCES);
    const noRtx = withSection(CHROMIUM, '5', (section) => section.replace('a=fmtp:97 apt=96', 'a=fmtp:97 apt=95'));
    expect(checkRenegotiation(first, negotiated(noRtx, SOURCES))?.code).toBe('badRenegotiation');
  });
});

describe('RTX and RED of sources', () => {
  test('an FID group names both SSRCs; an SSRC twice is refused', () => {
    const { media } = negotiated(CHROMIUM, SOURCES);
    expect(media.sources[2]).toMatchObject({ ssrc: 2724254310, rtxSsrc: 3562607983 });
    const twice = CHROMIUM.replace('a=ssrc-group:FID 2724254310 3562607983', 'a=ssrc-group:FID 2724254310 2724254310');
    expect(() => negotiated(twice, SOURCES)).toThrow('duplicateSsrc');
  });

  test.each([
    ['none', ''],
    ['an SSRC out of range', 'a=ssrc-group:FID 1 4294967296\r\n'],
    ['one SSRC', 'a=ssrc-group:FID 1\r\n'],
    ['not a number', 'a=ssrc-group:FID 1 x\r\n'],
  ])('FID group: %s: RTX is recognised by mid', (_name, group) => {
    const offer = CHROMIUM.replace('a=ssrc-group:FID 2724254310 3562607983\r\n', group);
    const source = negotiated(offer, SOURCES).media.sources[2];
    expect(source?.rtxSsrc).toBeUndefined();
    expect(source?.codecs[0]?.rtxPayloadType).toBe(97);
  });

  test('neither FID group nor mid: no RTX, as nobody could tell what it repeats', () => {
    const offer = CHROMIUM.replace('a=ssrc-group:FID 2724254310 3562607983\r\n', '');
    const noMid = withSection(offer, '2', (section) => section.replace(/a=extmap:4 .*\r\n/, ''));
    expect(negotiated(noMid, SOURCES).media.sources[2]?.codecs[0]?.rtxPayloadType).toBeUndefined();
  });

  test('RED keeps its place before Opus, which asks for redundancy', () => {
    const { answer, media } = negotiated(CHROMIUM, SOURCES);
    const [microphone, , , , slotSection] = parse(answer).media;
    expect(media.sources[0]?.codecs).toMatchObject([{ payloadType: 111, redPayloadType: 63 }]);
    expect(microphone?.payloads).toBe('63 111');
    expect(slotSection?.payloads).toBe('111 63');
    expect(answer).toContain('a=rtpmap:63 red/48000/2\r\n');
    expect(answer).toContain('a=fmtp:63 111/111\r\n');
  });

  test.each([
    ['a=fmtp:63 111/13', 'blocks of another codec'],
    ['a=fmtp:63 13/13', 'another codec'],
    ['a=x:63', 'no parameters'],
    ['a=fmtp:63 111/111/', 'an empty block'],
  ])('RED with %s (%s) is not taken', (line) => {
    const { media, answer } = negotiated(CHROMIUM.replaceAll('a=fmtp:63 111/111', line), SOURCES);
    expect(media.sources[0]?.codecs).toMatchObject([{ payloadType: 111, redPayloadType: undefined }]);
    expect(answer).not.toContain('red/48000');
  });

  test.each([
    ['a history named', 'a=fmtp:97 apt=96;rtx-time=3000', 97],
    ['an apt with more behind it', 'a=fmtp:97 apt=961', undefined],
  ])('RTX parameters: %s', (_name, line, expected) => {
    const offer = CHROMIUM.replaceAll('a=fmtp:97 apt=96', line);
    expect(negotiated(offer, SOURCES).media.sources[1]?.codecs[0]?.rtxPayloadType).toBe(expected);
  });
});

test('how large an answer may be: half the offer of Chromium', () => {
  const { answer } = negotiated(CHROMIUM, SOURCES);
  expect(answer.length).toBeLessThan(CHROMIUM.length / 2);
});
