import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkRenegotiation } from './check-renegotiation.ts';
import { LOCAL, negotiated } from './test-negotiation.ts';

const readFixture = (name: string): string => readFileSync(new URL(`fixtures/${name}.sdp`, import.meta.url), 'utf8');

const OFFER = readFixture('chromium-156-join');
const SOURCES = { '0': 'microphone', '1': 'camera', '2': 'screen' } as const;
const FIRST = negotiated(OFFER, SOURCES);

/** The offer with its last m-line once more, as mid 7. */
function withOneMoreSlot(): string {
  const last = OFFER.slice(OFFER.lastIndexOf('m=video'));
  return `${OFFER.replace('BUNDLE 0 1 2 3 4 5 6', 'BUNDLE 0 1 2 3 4 5 6 7')}${last.replace('a=mid:6', 'a=mid:7')}`;
}

describe('a further offer', () => {
  test('more slots: what was there keeps its place and SSRC, the new one gets its own', () => {
    const next = negotiated(withOneMoreSlot(), SOURCES, { ...LOCAL, origin: { ...LOCAL.origin, version: 2 } });
    expect(checkRenegotiation(FIRST, next)).toBeUndefined();
    expect(next.mids).toEqual([...FIRST.mids, '7']);
    expect(next.media.slots.slice(0, 4)).toEqual(FIRST.media.slots);
    expect(next.media.slots[4]).toMatchObject({ mid: '7', kind: 'video', ssrc: 7007 });
    expect(next.answer).toContain('o=- 4611686018427387904 2 IN');
  });

  test('a slot may fall silent', () => {
    const at = OFFER.lastIndexOf('a=recvonly');
    const offer = `${OFFER.slice(0, at)}a=inactive${OFFER.slice(at + 'a=recvonly'.length)}`;
    expect(checkRenegotiation(FIRST, negotiated(offer, SOURCES))).toBeUndefined();
  });

  test.each([
    ['ICE restart', OFFER.replaceAll('Hpmj', 'Abcd')],
    ['another certificate', OFFER.replaceAll('sha-256 2A', 'sha-256 2B')],
    ['an m-line gone', OFFER.slice(0, OFFER.lastIndexOf('m=video'))],
    ['an extension id changes', OFFER.replaceAll('extmap:13 ', 'extmap:12 ')],
    ['an m-line renamed', OFFER.replace('a=mid:6', 'a=mid:9').replace(' 6\r\n', ' 9\r\n')],
  ])('%s: refused', (_name, offer) => {
    expect(checkRenegotiation(FIRST, negotiated(offer, SOURCES))?.code).toBe('badRenegotiation');
  });

  test('camera and screen swapped: refused', () => {
    const next = negotiated(OFFER, { '0': 'microphone', '1': 'screen', '2': 'camera' });
    expect(checkRenegotiation(FIRST, next)?.code).toBe('badRenegotiation');
  });

  test('a slot becomes a source: refused', () => {
    const at = OFFER.lastIndexOf('a=recvonly');
    const offer = `${OFFER.slice(0, at)}a=sendonly${OFFER.slice(at + 'a=recvonly'.length)}`.replace(
      /(a=mid:2[\s\S]*?)a=sendonly/,
      '$1a=inactive',
    );
    const next = negotiated(offer, { '0': 'microphone', '1': 'camera', '6': 'screen' });
    expect(checkRenegotiation(FIRST, next)?.code).toBe('badRenegotiation');
  });
});
