import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { negotiate } from './negotiate.ts';
import { SdpError, type SdpErrorCode } from './sdp-error.ts';
import { JOIN_SOURCES, LOCAL } from './test-negotiation.ts';

const readFixture = (name: string): string => readFileSync(new URL(`fixtures/${name}.sdp`, import.meta.url), 'utf8');

const OFFER = readFixture('libdatachannel-join');
const CHROMIUM = readFixture('chromium-156-join');

function codeOf(offer: string, sources: Record<string, string> = JOIN_SOURCES): SdpErrorCode | 'taken' {
  // The cast: a peer may write anything there; the router's request reader checks kinds before.
  const result = negotiate(offer, sources as typeof JOIN_SOURCES, LOCAL);
  return result instanceof SdpError ? result.code : 'taken';
}

function mediaLine(i: number): string {
  return `m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:m${i}\r\na=rtcp-mux\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n`;
}

const SHA1 = Array.from({ length: 20 }, () => 'AB').join(':');

describe('hostile offers', () => {
  test.each<[string, SdpErrorCode, string, Record<string, string>?]>([
    ['nothing', 'malformed', ''],
    ['not SDP', 'malformed', '{"type":"offer"}'],
    ['no m-line', 'notBundled', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n', {}],
    ['more than 512 KB', 'tooLarge', `v=0\r\n${'m=audio 9 X 0\r\n'.padEnd(1000, 'a=x\r\n').repeat(525)}`],
    ['one line of 200 KB', 'tooLarge', `${OFFER}a=fmtp:96 ${'x'.repeat(200_000)}\r\n`],
    ['10 000 m-lines', 'tooLarge', `v=0\r\n${'m=audio 9 X 0\r\n'.repeat(10_000)}`],
    ['129 m-lines', 'tooLarge', `v=0\r\n${Array.from({ length: 129 }, (_, i) => mediaLine(i)).join('')}`],
    ['10 000 attributes in a section', 'tooLarge', `${OFFER}${'a=rtpmap:1 a/1\r\n'.repeat(10_000)}`],
    ['no ufrag', 'badIce', OFFER.replaceAll(/a=ice-ufrag:.*\r\n/g, '')],
    ['ufrag of 3', 'badIce', OFFER.replaceAll(/a=ice-ufrag:.*\r\n/g, 'a=ice-ufrag:abc\r\n')],
    ['ufrag with a colon', 'badIce', OFFER.replaceAll(/a=ice-ufrag:.*\r\n/g, 'a=ice-ufrag:ab:cd\r\n')],
    ['no password', 'badIce', OFFER.replaceAll(/a=ice-pwd:.*\r\n/g, '')],
    ['ICE-lite', 'badIce', OFFER.replace('t=0 0\r\n', 't=0 0\r\na=ice-lite\r\n')],
    ['no fingerprint', 'badFingerprint', OFFER.replaceAll(/a=fingerprint:.*\r\n/g, '')],
    ['sha-1 only', 'badFingerprint', OFFER.replaceAll(/a=fingerprint:.*\r\n/g, `a=fingerprint:sha-1 ${SHA1}\r\n`)],
    ['short sha-256', 'badFingerprint', OFFER.replaceAll(/a=fingerprint:.*\r\n/g, `a=fingerprint:sha-256 ${SHA1}\r\n`)],
    ['fingerprint not hex', 'badFingerprint', OFFER.replaceAll(/(a=fingerprint:sha-256 )../g, '$1ZZ')],
    [
      '100 fingerprints',
      'badFingerprint',
      OFFER.replace('t=0 0\r\n', `t=0 0\r\n${`a=fingerprint:md5 00\r\n`.repeat(100)}`),
    ],
    ['setup passive', 'badSetup', OFFER.replaceAll('setup:actpass', 'setup:passive')],
    ['no setup', 'badSetup', OFFER.replaceAll('a=setup:actpass\r\n', '')],
    ['no BUNDLE', 'notBundled', OFFER.replace(/a=group:BUNDLE.*\r\n/, ''), {}],
    ['no rtcp-mux', 'notBundled', OFFER.replaceAll('a=rtcp-mux\r\n', '')],
    ['no mid', 'malformed', OFFER.replace('a=mid:1\r\n', '')],
    ['a mid twice', 'malformed', OFFER.replace('a=mid:1\r\n', 'a=mid:0\r\n')],
    ['a mid with a quote', 'malformed', OFFER.replace('a=mid:1\r\n', 'a=mid:a"b\r\n')],
    ['a mid of 33', 'malformed', OFFER.replace('a=mid:1\r\n', `a=mid:${'m'.repeat(33)}\r\n`)],
    ['extension id 0', 'badExtension', OFFER.replaceAll('extmap:4 ', 'extmap:0 ')],
    ['extension id 15', 'badExtension', OFFER.replaceAll('extmap:4 ', 'extmap:15 ')],
    ['extension id 4294967300', 'badExtension', OFFER.replaceAll('extmap:4 ', 'extmap:4294967300 ')],
    ['an id that moves', 'badExtension', OFFER.replace('extmap:4 ', 'extmap:5 ')],
    ['one id for two', 'badExtension', OFFER.replaceAll('extmap:1 ', 'extmap:4 ')],
    ['a source unnamed', 'badSources', OFFER, { '0': 'microphone' }],
    ['a camera of audio', 'badSources', OFFER, { '0': 'camera', '1': 'screen' }],
    ['two cameras', 'badSources', CHROMIUM, { '0': 'microphone', '1': 'camera', '2': 'camera' }],
    ['a source for a mid that is not there', 'badSources', OFFER, { ...JOIN_SOURCES, x: 'screen' }],
    ['one SSRC twice', 'duplicateSsrc', OFFER.replaceAll(/a=ssrc:\d+/g, 'a=ssrc:77')],
  ])('%s → %s', (_name, code, offer, sources) => {
    expect(codeOf(offer, sources)).toBe(code);
  });

  test.each<[string, string]>([
    ['128 m-lines', OFFER + Array.from({ length: 124 }, (_, i) => mediaLine(i)).join('')],
    [
      'host names, loopback and metadata addresses as candidates',
      `${OFFER}a=candidate:1 1 UDP 1 metadata.google.internal 80 typ host\r\na=candidate:1 1 UDP 1 169.254.169.254 80 typ host\r\n`,
    ],
    ['attributes named like members of Object', `${OFFER}a=__proto__:1\r\na=constructor:2\r\na=toString\r\n`],
    ['sha-1 beside sha-256', OFFER.replace('t=0 0\r\n', `t=0 0\r\na=fingerprint:sha-1 ${SHA1}\r\n`)],
    ['an SSRC out of range is no SSRC', OFFER.replaceAll(/a=ssrc:\d+/g, 'a=ssrc:4294967296')],
    ['format strings in parameters', OFFER.replace('a=fmtp:111 ', 'a=fmtp:111 x=%s%d%%;')],
  ])('%s: taken', (_name, offer) => {
    expect(codeOf(offer)).toBe('taken');
  });

  test('format strings come back as they were', () => {
    const result = negotiate(OFFER.replace('a=fmtp:111 ', 'a=fmtp:111 x=%s%d%%;'), JOIN_SOURCES, LOCAL);
    expect(result).not.toBeInstanceOf(SdpError);
    expect(result instanceof SdpError ? '' : result.answer).toContain('a=fmtp:111 x=%s%d%%;');
  });

  test('mids __proto__ and constructor are mids', () => {
    const offer = OFFER.replace('BUNDLE 0 1', 'BUNDLE __proto__ constructor')
      .replace('a=mid:0', 'a=mid:__proto__')
      .replace('a=mid:1', 'a=mid:constructor');
    const sources = JSON.parse('{"__proto__":"microphone","constructor":"camera"}') as Record<string, string>;
    expect(codeOf(offer, sources)).toBe('taken');
  });

  test('never throws and takes bounded time: lines dropped, doubled, swapped, cut and bytes flipped', {
    timeout: 60_000,
  }, () => {
    const lines = CHROMIUM.split('\r\n');
    const index = fc.nat({ max: lines.length - 1 });
    const edit = fc.oneof(
      index.map((i) => (text: string[]) => text.toSpliced(i, 1)),
      fc.tuple(index, index).map(
        ([i, j]) =>
          (text: string[]) =>
            text.toSpliced(j, 0, text[i] ?? ''),
      ),
      fc.tuple(index, fc.nat(60)).map(
        ([i, cut]) =>
          (text: string[]) =>
            text.with(i % text.length, (text[i % text.length] ?? '').slice(0, cut)),
      ),
      fc.tuple(index, fc.string({ unit: 'binary', maxLength: 40 })).map(
        ([i, junk]) =>
          (text: string[]) =>
            text.with(i % text.length, `${(text[i % text.length] ?? '').slice(0, 8)}${junk}`),
      ),
    );
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 12 }), (edits) => {
        const offer = edits.reduce((text, apply) => apply(text), lines).join('\r\n');
        negotiate(offer, { '0': 'microphone', '1': 'camera', '2': 'screen' }, LOCAL);
      }),
      { seed: 20_260_101, numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (junk) => {
        negotiate(`v=0\r\n${junk}`, {}, LOCAL);
      }),
      { seed: 20_260_102, numRuns: 500 },
    );
  });

  test('regular expressions meet their worst lines in bounded time', () => {
    const worst = [
      'a=extmap:1 ',
      'a=rtpmap:96 ',
      'a=fmtp:96 ',
      'a=ssrc:1 ',
      'a=rtcp-fb:96 ',
      'm=video 9 ',
      'a=group:BUNDLE ',
    ];
    const lines = worst.flatMap((start) =>
      [' ', 'a', '-_', '[ ', '= ', '% '].map((unit) => start + unit.repeat(400 / unit.length)),
    );
    const offer = `v=0\r\n${Array.from({ length: 8 }, () => lines.filter((line) => !line.startsWith('m=')).join('\r\n')).join('\r\n')}`;
    const startedMs = performance.now();
    codeOf(offer);
    // Linear work takes milliseconds; the limit leaves room for a busy machine.
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
